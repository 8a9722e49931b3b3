"""Launch arguments as people give them: what is refused before anything starts or is written."""

import os
import sys
from pathlib import Path

from ament_index_python import get_resources
from launch import LaunchContext
from launch_ros.substitutions import ExecutableInPackage

from ur5_rl_graph import declared, shipped
from ur5_rl_graph.config import number_of
from ur5_rl_graph.options import at_home

OF_LAUNCH = ('emulate_tty', 'sigkill_timeout')
"""Arguments that `launch` itself knows."""
NUMBERS = ('seed', 'duration', 'episodes')
"""Arguments that become parameters of the same name."""
PATHS = ('bag', 'checkpoint', 'init', 'output', 'replay', 'resume', 'setting')


def expand_home(context: LaunchContext) -> None:
    """Has `~/` mean the home folder in arguments that are paths."""
    chosen = context.launch_configurations
    chosen.update({name: at_home(chosen[name]) for name in PATHS if name in chosen})


def refuse_unknown(context: LaunchContext, launch_file: Path, known: set[str]) -> None:
    """Refuses names that no launch file declares; `launch` itself ignores them.

    A launch file of a person's own that includes ours has arguments of its own, which are not known here.

    Raises:
        RuntimeError: an argument of the command line is unknown; the nearest name is told.
    """
    if not _is_named(launch_file, sys.argv[1:]):
        return
    for word in context.argv:
        name = word.partition(':=')[0]
        if name not in known and name not in OF_LAUNCH:
            near = declared.nearest(name, known)
            raise RuntimeError(
                f"there is no argument '{name}'; the nearest is {near} (--show-args lists all)"
            )


def _is_named(launch_file: Path, words: list[str]) -> bool:
    """Whether a command line names a launch file: by its path, or by its name behind that of our package."""
    of_package = zip(words, words[1:], strict=False)
    return (shipped.BRINGUP, launch_file.name) in of_package or any(
        Path(word).resolve() == launch_file for word in words if word.endswith('.py')
    )


def check_numbers(chosen: dict[str, str]) -> None:
    """Raises ValueError where an argument that must be a number is none, or out of range."""
    known = declared.fields('run_recorder')
    for name in NUMBERS:
        if name in chosen:
            number_of(known[name], chosen[name])


def check_installed(context: LaunchContext) -> None:
    """Raises RuntimeError where a node of the graph is not installed."""
    processes = [(declared.NODES[node].package, node) for node in declared.NODES]
    for package, executable in [*processes, ('ur5_rl_graph', 'process')]:
        try:
            ExecutableInPackage(package=package, executable=executable).perform(context)
        except Exception as error:  # launch, launch_ros and ament each have an error of their own for it
            raise RuntimeError(f'{package}/{executable} is not installed ({error}): ./ur5rl setup') from None


def check_middleware() -> None:
    """Raises RuntimeError where the wanted middleware is not installed: importing rclpy ends the process."""
    wanted = os.environ.get('RMW_IMPLEMENTATION')
    if not (wanted and os.environ.get('AMENT_PREFIX_PATH')):
        return
    installed = sorted(get_resources('rmw_typesupport').keys() - {'rmw_implementation'})
    if wanted not in installed:
        raise RuntimeError(
            f"RMW_IMPLEMENTATION is '{wanted}', which is not installed; installed is {', '.join(installed)}: "
            'set it to one that is, or unset it'
        )


def existing_file(argument: str, text: str, hint: str) -> Path:
    """Returns the absolute path of the file that an argument names.

    Raises:
        RuntimeError: there is none.
    """
    path = Path(text).absolute()
    if not path.is_file():
        what = 'a folder' if path.is_dir() else 'not there'
        raise RuntimeError(f"{argument} is '{text}'; {path} is {what}: {hint}")
    return path
