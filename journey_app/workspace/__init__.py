"""Open, import, undo, rebuild, forget.

Receives   files and decisions from people, through pages or the command line.
Hands on   a `Workspace` that lends events to questions and documents to pages.
May touch  one workspace folder; the only room that calls intake, identity, engine and store in order.
"""
