"""The actions of launch files."""

from .composition import GroupAction, IncludeLaunchDescription, LogInfo, OpaqueFunction
from .configuration import DeclareLaunchArgument, SetEnvironmentVariable, SetLaunchConfiguration
from .execute_process import ExecuteProcess
from .reaction import EmitEvent, RegisterEventHandler

__all__ = [
    'DeclareLaunchArgument',
    'EmitEvent',
    'ExecuteProcess',
    'GroupAction',
    'IncludeLaunchDescription',
    'LogInfo',
    'OpaqueFunction',
    'RegisterEventHandler',
    'SetEnvironmentVariable',
    'SetLaunchConfiguration',
]
