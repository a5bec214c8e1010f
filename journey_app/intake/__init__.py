"""A file from outside → events + rejects.

Receives   a path, the name it came under, and what a person answered (`Answers`).
Hands on   `Prepared` tables: how each was recognised, what must be asked, and a stream of
           `Chunk`s — events in the NORMALISED contract, identity links, rejects with reasons.
May touch  the file it was given, and the web address a person named (`fetching`), nothing else.
           Knows no database, no workspace, no clock.
"""
