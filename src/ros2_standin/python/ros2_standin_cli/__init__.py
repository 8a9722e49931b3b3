"""The stand-in's `ros2` command."""
