"""Nodes of this package; each a thin shell around pure code."""
