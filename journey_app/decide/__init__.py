"""Findings → a choice → a verdict.

Receives   measured series and plans. Hands on   sprints, verdicts, reviews. May touch  nothing.
"""
