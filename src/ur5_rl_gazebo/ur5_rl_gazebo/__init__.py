"""The simulated cell in Gazebo Harmonic: its world, made of the numbers of all others, and what starts it."""
