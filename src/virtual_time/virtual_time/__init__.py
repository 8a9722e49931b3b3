"""Runs of the graph's components in virtual time: what each costs is a table, not this machine's speed."""
