"""A run folder, read: the one place that knows its files. It imports nothing that writes a run."""
