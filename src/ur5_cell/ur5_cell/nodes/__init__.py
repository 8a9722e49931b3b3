"""ROS 2 nodes of this package; each a thin shell around pure code."""
