"""Environment side of the graph: the arm, the camera, the monitor, and what one learns with them."""
