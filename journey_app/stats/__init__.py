"""Numbers → numbers, each formula with its source.

Receives   counts, lists of numbers. Hands on   rates, intervals, probabilities. May touch  nothing.
"""
