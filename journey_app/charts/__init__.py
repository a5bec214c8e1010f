"""Answer → picture.

Receives   the frozen answers of `analysis` and `decide`. Hands on   Altair charts and formatted text.
May touch  nothing; asks no question, knows no page.
"""
