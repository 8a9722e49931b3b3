"""Names in a run folder that more than one module writes or reads."""

BAG = 'bag'
"""The folder of what was recorded."""
CHECKPOINT = 'checkpoints/learner.safetensors'
CLOCK = 'clock.json'
CONFIGURATION = 'configuration.yaml'
"""What the nodes of a run said that they have."""
CYCLES = 'cycle_timing.csv'
ENVIRONMENT = 'environment.json'
EPISODES = 'episodes.csv'
EVALUATION = 'evaluation.json'
IDENTITY = 'run.json'
LEARNER = 'learner.csv'
OUTCOME = 'summary.json'
PARAMETERS = 'parameters.yaml'
"""What the nodes of a run were given."""
REPLAY = 'replay'
"""The folder of the replay buffer."""
SPANS = 'spans.csv'
SPEED = 'speed.json'
"""Of a run in virtual time."""
TIMING = 'timing.json'
