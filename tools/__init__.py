"""What ./ur5rl does. Standard library only: this code runs before anything is installed."""
