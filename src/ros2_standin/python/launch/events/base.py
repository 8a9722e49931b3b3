"""The base of events."""


class Event:
    """Something that happened in a launch."""

    name = 'launch.Event'
