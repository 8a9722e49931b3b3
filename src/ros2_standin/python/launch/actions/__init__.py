"""The actions of launch files."""

from .composition import GroupAction, IncludeLaunchDescription, LogInfo, OpaqueFunction, TimerAction
from .configuration import (
    DeclareLaunchArgument,
    SetEnvironmentVariable,
    SetLaunchConfiguration,
    UnsetEnvironmentVariable,
)
from .execute_process import ExecuteProcess
from .reaction import EmitEvent, RegisterEventHandler, Shutdown

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
    'Shutdown',
    'TimerAction',
    'UnsetEnvironmentVariable',
]
