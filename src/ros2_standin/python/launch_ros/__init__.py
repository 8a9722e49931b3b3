"""Stand-in for ROS 2's `launch_ros`, for machines without it."""

from . import actions, parameter_descriptions, substitutions

__all__ = ['actions', 'parameter_descriptions', 'substitutions']
