"""The environment of every program we start, once as a dictionary and once as a file to source."""

import os
import shlex
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tools.layout import ACTIVATE, BUILD, INSTALL, SOURCES, STANDIN_BIN, STANDIN_PYTHON, VENV
from tools.ros_kind import WHEELS
from tools.stop import Stop


class Change(NamedTuple):
    """One change of a variable: prepend to a list of paths, set, or set only where it is not set."""

    how: str  # 'prepend', 'set' or 'default'
    name: str
    value: str


def site_packages(prefix: Path) -> Path:
    """The folder of Python packages under a prefix, for this Python."""
    return Path(
        sysconfig.get_path(
            'purelib',
            'venv' if 'venv' in sysconfig.get_scheme_names() else 'posix_prefix',
            {'base': str(prefix), 'platbase': str(prefix)},
        )
    )


def _workspace_python_paths() -> list[Path]:
    """Where the workspace's Python packages are imported from; linked packages are found through build/."""
    linked = sorted(path.parent for path in SOURCES.glob('*/setup.py'))
    return [*(BUILD / path.name for path in linked), site_packages(INSTALL)]


def changes(kind: str) -> list[Change]:
    """What makes an environment ours.

    Args:
        kind: WHEELS or SYSTEM; with SYSTEM what the sourced ROS 2 has set is kept and added to.
    """
    python_paths = _workspace_python_paths()
    commands = [VENV / 'bin']
    prefixes = [INSTALL]
    library_paths = [INSTALL / 'lib']
    found = []
    if kind == WHEELS:
        python_paths.append(STANDIN_PYTHON)
        commands.append(STANDIN_BIN)
        prefixes.append(VENV)
        library_paths += [VENV / 'lib', *sorted(site_packages(VENV).glob('ros_*.libs'))]
        # The start-up hook of the ROS wheels runs Python a second time unless this is set.
        found.append(Change('set', '_ROS_WHEELS_BOOTSTRAP_COMPLETE', '1'))
    return [
        *_prepended('PATH', commands),
        *_prepended('PYTHONPATH', python_paths),
        *_prepended('AMENT_PREFIX_PATH', prefixes),
        *_prepended('LD_LIBRARY_PATH', library_paths),
        *found,
        Change('set', 'VIRTUAL_ENV', str(VENV)),
        Change('default', 'RMW_IMPLEMENTATION', 'rmw_fastrtps_cpp'),
        Change('default', 'ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST'),
        Change('default', 'MUJOCO_GL', 'egl'),
    ]


def _prepended(name: str, paths: Iterable[Path]) -> list[Change]:
    """One change that puts these paths, in this order, in front of a variable."""
    return [Change('prepend', name, ':'.join(str(path) for path in paths))]


def applied(base: Mapping[str, str], what: Iterable[Change]) -> dict[str, str]:
    """A copy of `base` with the changes made; making them twice changes nothing more."""
    result = dict(base)
    for change in what:
        old = result.get(change.name, '')
        if change.how == 'prepend':
            new = change.value.split(':')
            kept = [path for path in old.split(':') if path and path not in new]
            result[change.name] = ':'.join(new + kept)
        elif change.how == 'set' or not old:
            result[change.name] = change.value
    return result


def environment(kind: str) -> dict[str, str]:
    """The environment for a program that we start now.

    Raises:
        Stop: the middleware that it names is not installed: every program would end in it without a remedy.
    """
    env = applied(os.environ, changes(kind))
    index = 'share/ament_index/resource_index/rmw_typesupport/rmw_*'
    found = {path.name for prefix in env['AMENT_PREFIX_PATH'].split(':') for path in Path(prefix).glob(index)}
    installed, wanted = sorted(found - {'rmw_implementation'}), env['RMW_IMPLEMENTATION']
    if installed and wanted not in installed:
        raise Stop(
            f"RMW_IMPLEMENTATION is '{wanted}', which is not installed; installed is {', '.join(installed)}: "
            'set it to one that is, or unset it',
            2,
        )
    return env


def shell_text(what: Iterable[Change]) -> str:
    """The same changes for bash, zsh or sh."""
    lines = ['# Made by ./ur5rl setup. To be sourced: source .ur5rl/activate.sh']
    for how, name, value in what:
        quoted = shlex.quote(value)
        if how == 'prepend':
            longer = f'export {name}={quoted}"${{{name}:+:${name}}}"'
            lines.append(f'case ":${{{name}:-}}:" in *:{quoted}:*) ;; *) {longer} ;; esac')
        elif how == 'set':
            lines.append(f'export {name}={quoted}')
        else:
            lines.append(f'[ -n "${{{name}:-}}" ] || export {name}={quoted}')
    # An older hash of command names would still find the system's python and ros2.
    lines.append('hash -r 2>/dev/null || true')
    return '\n'.join(lines) + '\n'


def write_activate(kind: str) -> None:
    """Writes .ur5rl/activate.sh."""
    ACTIVATE.write_text(shell_text(changes(kind)), encoding='utf-8')
