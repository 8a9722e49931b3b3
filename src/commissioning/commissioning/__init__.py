"""Getting a cell into operation: what can be known before an arm moves, and what is measured by moving it."""
