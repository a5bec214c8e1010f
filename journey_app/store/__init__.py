"""What people decided: append-only, versioned, transactional.

Receives   plain JSON documents with the version they were based on.
Hands on   documents with author and time.
May touch  the state database of one workspace and its inbox of live calls; reads a table of a
           database that a person named (`tables`).
"""
