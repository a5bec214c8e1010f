"""The same questions and deeds without a browser.

Receives   arguments. Hands on   one JSON document on stdout (--json) or readable lines; the rest on stderr.
May touch  workspaces, through their door. Names of commands, options and JSON keys are an interface.
"""
