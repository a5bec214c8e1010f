"""Events → a small answer, one question per file.

Receives   the `Events` an engine lends, choices, and `now` where a clock is needed.
Hands on   frozen dataclasses, up to hundreds of rows.
May touch  nothing: no clock, no connection, no Streamlit, no file.
"""
