"""Stand-in for ROS 2's `launch`, for machines without it: launch files in Python.

The names and their meaning are those of the real package (Jazzy); what is missing here raises ImportError,
AttributeError or TypeError instead of being ignored.
"""

from .launch_context import LaunchContext
from .launch_description import Action, LaunchDescription
from .launch_service import LaunchService

__all__ = ['Action', 'LaunchContext', 'LaunchDescription', 'LaunchService']
