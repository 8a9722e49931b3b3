"""Launch files written in Python."""

import importlib.machinery
import importlib.util
import os
import traceback

from .launch_description import LaunchDescription

__all__ = ['InvalidLaunchFileError', 'PythonLaunchDescriptionSource']


class InvalidLaunchFileError(RuntimeError):
    """A file that is no launch file, or whose code failed."""


class PythonLaunchDescriptionSource:
    """A Python file with a function generate_launch_description()."""

    def __init__(self, launch_file_path: str) -> None:
        self._path = os.path.abspath(launch_file_path)
        self._description = None

    def get_launch_description(self, context) -> LaunchDescription:
        """The description, made once; it does not depend on the context.

        Raises:
            InvalidLaunchFileError: no such file, or it fails.
        """
        if self._description is None:
            self._description = load_launch_file(self._path)
        return self._description


def load_launch_file(path: str) -> LaunchDescription:
    """Run a launch file's code and its generate_launch_description().

    Raises:
        InvalidLaunchFileError: no such file, or it fails.
    """
    if not os.path.isfile(path):
        raise InvalidLaunchFileError(f'launch file {path} does not exist')
    if not path.endswith('.py'):
        raise InvalidLaunchFileError(
            f'launch file {path}: the ros2 stand-in runs launch files in Python only (.py)'
        )
    loader = importlib.machinery.SourceFileLoader('python_launch_file', path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    try:
        loader.exec_module(module)
        description = module.generate_launch_description()
    except Exception as error:
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path
        ]
        where = f'{path}:{lines[-1]}' if lines else path
        words = f'launch file {where}: {type(error).__name__}: {error}'
        if isinstance(error, ImportError | TypeError):
            words += ' (the ros2 stand-in has not all that launch has: src/ros2_standin/README.md)'
        raise InvalidLaunchFileError(words) from error
    if not isinstance(description, LaunchDescription):
        raise InvalidLaunchFileError(
            f'launch file {path}: generate_launch_description() gave {type(description).__name__}, '
            'not a LaunchDescription'
        )
    return description
