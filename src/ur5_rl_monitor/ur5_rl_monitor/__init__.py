"""What people and their tools see of a running graph: frames, markers, what the network looks at, diagnostics."""
