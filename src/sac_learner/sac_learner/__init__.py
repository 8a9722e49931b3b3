"""Soft actor-critic from pixels: networks, losses, learner and policy (thesis 2.3, 4.1); nodes in `nodes`."""
