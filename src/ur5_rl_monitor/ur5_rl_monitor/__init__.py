"""What people and their tools see of a running graph: frames, markers, network, diagnostics."""
