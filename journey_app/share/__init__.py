"""Who may see what: frozen snapshots, links, the report.

Receives   answers. Hands on   a frozen document without personal data, tokens, one HTML file.
May touch  the share documents in the store.
"""
