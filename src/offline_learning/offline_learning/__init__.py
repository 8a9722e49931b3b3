"""Learning from bags: what was experienced once, without a robot or beside a new run."""
