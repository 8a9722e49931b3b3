"""The episodes of a bag as files that other programs read: ./ur5rl export."""
