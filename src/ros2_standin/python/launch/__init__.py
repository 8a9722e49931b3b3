"""Stand-in for ROS 2's `launch`, for machines without it: launch files in Python.

The names and their meaning are those of the real package (Jazzy); what is missing here raises ImportError,
AttributeError or TypeError instead of being ignored.
"""

from . import (
    actions,
    conditions,
    event_handlers,
    events,
    launch_description_sources,
    logging,
    substitutions,
    utilities,
)
from .condition import Condition
from .event_handlers import EventHandler
from .events import Event
from .launch_context import LaunchContext
from .launch_description import Action, LaunchDescription, LaunchDescriptionEntity
from .launch_description_sources import PythonLaunchDescriptionSource as LaunchDescriptionSource
from .launch_service import LaunchService
from .substitution import Substitution

STAND_IN = True  # the real package has no such name

__all__ = [
    'Action',
    'Condition',
    'Event',
    'EventHandler',
    'LaunchContext',
    'LaunchDescription',
    'LaunchDescriptionEntity',
    'LaunchDescriptionSource',
    'LaunchService',
    'Substitution',
    'actions',
    'conditions',
    'event_handlers',
    'events',
    'launch_description_sources',
    'logging',
    'substitutions',
    'utilities',
]
SomeSubstitutionsType = object  # only for annotations in launch files
