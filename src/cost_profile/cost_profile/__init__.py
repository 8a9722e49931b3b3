"""What the components of the graph cost on this machine, and what that allows (thesis 5.2)."""
