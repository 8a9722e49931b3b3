"""What a machine lacks beside Python packages: installed where we are root on Debian, else told in a line."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tools import machine, ur_rtde_source
from tools.progress import ProgramFailed, Progress
from tools.stop import Stop

_DRAW_ONCE = Path(__file__).with_name('draw_once.py')
_OPENGL = ('libegl1', 'libegl-mesa0', 'libgl1', 'libgl1-mesa-dri')
_DRAWING_TIMEOUT_S = 120.0  # of a driver that hangs; a busy machine takes seconds
_OURS = 'egl'  # how our environment lets MuJoCo draw, where MUJOCO_GL does not name another way


class Lack(NamedTuple):
    """Something that is missing.

    Attributes:
        what: in words.
        packages: Debian's, which bring it; none where no package of Debian can.
    """

    what: str
    packages: tuple[str, ...] = ()


def lacking() -> list[Lack]:
    """What this machine lacks for set-up and for drawing."""
    lacks = []
    if machine.compiler() is None:
        named = os.environ.get('CXX')  # one that was named is not replaced
        lacks.append(Lack(f'the C++ compiler $CXX, "{named}"') if named else Lack('a C++ compiler', ('g++',)))
    if not machine.has_venv():
        lacks.append(Lack('venv with pip (ensurepip)', _of_this_python('venv')))
    if not machine.has_headers():
        lacks.append(Lack('Python.h', _of_this_python('dev')))
    if boost := ur_rtde_source.missing_debian_packages():
        lacks.append(Lack('Boost, to build ur_rtde', tuple(boost)))
    if fault := drawing_fault():
        lacks.append(
            Lack(f'OpenGL that draws off screen ({fault}; MUJOCO_GL=disabled does without)', _OPENGL)
        )
    return lacks


def _of_this_python(part: str) -> tuple[str, ...]:
    """The Debian package with a part of this Python; a Python of another origin has none."""
    if sys.base_prefix != '/usr':
        return ()
    return (f'python{sys.version_info[0]}.{sys.version_info[1]}-{part}',)


def drawing_fault(program: Path = _DRAW_ONCE, timeout_s: float = _DRAWING_TIMEOUT_S) -> str:
    """Draws once in a child process; returns '' where that works or another way was chosen, else why."""
    if os.environ.get('MUJOCO_GL', _OURS) != _OURS:
        return ''
    try:
        done = subprocess.run(
            [sys.executable, str(program)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding='utf-8',
            errors='replace',
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        return f'it hangs for more than {timeout_s:g} s'
    if done.returncode == 0:
        return ''
    if done.returncode < 0:
        return f'it was killed by signal {-done.returncode}'
    return (done.stderr.strip().splitlines() or [f'exit code {done.returncode}'])[-1]


def packages_of(lacks: Iterable[Lack]) -> list[str]:
    """The Debian packages that bring what is lacking."""
    return [name for lack in lacks for name in lack.packages]


def refuse(lacks: list[Lack]) -> None:
    """Raises Stop where anything is lacking: all of it in one line, with what brings it."""
    if not lacks:
        return
    names = packages_of(lacks)
    command = f'{"" if os.geteuid() == 0 else "sudo "}apt-get install {" ".join(names)}'
    remedies = [f'run "{command}" (or what another system than Debian calls these)'] if names else []
    remedies += [f'see to {lack.what}' for lack in lacks if not lack.packages]
    raise Stop(
        f'{sys.executable} on this machine lacks {"; ".join(lack.what for lack in lacks)}: '
        f'{", ".join(remedies)}, then run this again'
    )


def can_install() -> bool:
    """Whether apt-get is there and we may use it."""
    return os.geteuid() == 0 and shutil.which('apt-get') is not None


def install(names: list[str], progress: Progress) -> None:
    """Installs packages; what fails is said, and what is then still lacking is for the caller to see."""
    env = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    command = ['apt-get', 'install', '-y', '--no-install-recommends', *names]
    try:
        try:
            progress.run(command, 'apt.log', env)
        except ProgramFailed:  # most often because the lists are old or were never fetched
            progress.run(['apt-get', 'update'], 'apt-update.log', env)
            progress.run(command, 'apt.log', env)
        importlib.invalidate_caches()  # the venv module may be new
        progress.done()
    except ProgramFailed as failed:
        progress.failed()
        print(f'note: {" ".join(command)} failed, see {failed.log}', flush=True)
