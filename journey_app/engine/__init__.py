"""Where queries run: the only room that knows a database's brand.

Receives   chunks of events to keep, and expressions over an unbound events table.
Hands on   batches (Parquet, the truth), snapshots (derived, immutable), small Arrow answers.
May touch  the `batches/` and `snapshots/` folders of one workspace. Decides nothing.
"""
