"""Names of files of a run folder that more than one reads or writes."""

CLOCK = 'clock.json'
CONFIGURATION = 'configuration.yaml'
"""What the nodes of a run said that they have."""
PARAMETERS = 'parameters.yaml'
"""What the nodes of a run were given."""
