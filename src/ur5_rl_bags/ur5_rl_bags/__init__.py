"""Bags of runs: recording, reading, exact replay."""
