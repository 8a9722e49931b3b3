"""What touches the world: arm, camera, monitor."""
