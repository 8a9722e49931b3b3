"""The simulated robot cell: a UR5 controller that speaks RTDE, and the scene its camera sees."""
