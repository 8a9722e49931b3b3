"""Films of episodes: what a policy did, what its camera showed, what it looked at (thesis 8.4, 8.5)."""
