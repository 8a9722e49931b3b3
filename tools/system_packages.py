"""Debian packages beside Python's: installed where we are root, else named in one line."""

import ctypes
import importlib
import os
import shutil

from tools import machine, ur_rtde_source
from tools.progress import ProgramFailed, Progress

# What MuJoCo's off-screen renderer opens: (library, the Debian package that has it).
_LIBRARIES = (
    ('libEGL.so.1', 'libegl1'),
    ('libEGL_mesa.so.0', 'libegl-mesa0'),
    ('libGL.so.1', 'libgl1'),
)
_MESA_DRIVERS = ('/usr/lib/x86_64-linux-gnu/dri/swrast_dri.so', '/usr/lib64/dri/swrast_dri.so')


def _loads(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing() -> list[str]:
    """The Debian packages that this machine lacks."""
    names = [package for library, package in _LIBRARIES if not _loads(library)]
    if not any(os.path.exists(path) for path in _MESA_DRIVERS):
        names.append('libgl1-mesa-dri')
    if machine.compiler() is None and not os.environ.get('CXX'):  # one that was named is not replaced
        names.append('g++')
    if not machine.has_venv():
        names.append(f'{machine.python_package_prefix()}-venv')
    if not machine.has_headers():
        names.append(f'{machine.python_package_prefix()}-dev')
    return names + ur_rtde_source.missing_debian_packages()


def can_install() -> bool:
    """Whether apt-get is there and we may use it."""
    return os.geteuid() == 0 and shutil.which('apt-get') is not None


def install(names: list[str], progress: Progress) -> None:
    """Installs packages; what fails is said and left to the later checks and to the person."""
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
        print(
            f'note: {" ".join(command)} failed, see {failed.log}; what needs them will say so',
            flush=True,
        )
