"""Delays of camera, arm and monitor, and the place of monitor and camera, from what the cell itself shows."""
