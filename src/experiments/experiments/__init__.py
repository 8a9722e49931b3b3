"""Campaigns: many runs, one after the other or several at once."""
