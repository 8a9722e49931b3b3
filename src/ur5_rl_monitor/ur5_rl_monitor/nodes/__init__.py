"""Nodes of this package; each a shell around pure code."""
