"""Where do the calls of a tracking library come in? POST /v1/track, …, /v1/batch, by a write key.

Receives   requests from outside: any size, any pace, with a write key or without.
Hands on   an answer once the calls are on the disk, or a sentence; then events, by merges.
May touch  the workspaces of one home, held open: their keys, their inboxes, their live batches.
           Who answers is in `address`. Meanings, bounds and reasons:
           docs/decisions/016-calls-that-arrive-live.md
"""
