"""The executables of this package, one for each node."""
