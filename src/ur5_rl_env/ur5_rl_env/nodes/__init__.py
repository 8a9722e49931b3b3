"""ROS 2 nodes of this package; each a shell around pure code."""
