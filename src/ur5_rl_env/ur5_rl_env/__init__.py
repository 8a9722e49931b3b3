"""Environment side of the graph: the arm, the camera, the monitor, and their simulated cell."""
