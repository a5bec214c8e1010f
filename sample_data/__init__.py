"""Data to try everything with: a made-up company with known answers, and small exports per tool."""
