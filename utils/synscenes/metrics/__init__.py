"""Scores: what a leaderboard counts, written so that it can be read."""
