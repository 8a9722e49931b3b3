"""What people see of a running graph: frames, markers, view of the network, diagnostics."""
