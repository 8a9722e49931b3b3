"""Builds ur_rtde where PyPI has no package of it: ur_rtde 1.6.5 has packages up to Python 3.12."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.layout import CONSTRAINTS, REQUIREMENTS, REQUIREMENTS_UR_RTDE, TEMPORARY, VENV, VENV_PYTHON
from tools.program_environment import site_packages
from tools.progress import Progress

# The libraries it links; Debian has each in a package of its own.
_BOOST = ('system', 'thread', 'program_options')
_FOLDERS = tuple(map(Path, ('/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib')))

# Its CMakeLists.txt fetches pybind11 from GitHub; this gives it that of PyPI. Without examples and link-time
# optimisation and with -O1 it builds much faster; what it does is wait for sockets.
_TOOLCHAIN = """\
set(FETCHCONTENT_TRY_FIND_PACKAGE_MODE ALWAYS CACHE STRING "")
set(pybind11-src_DIR "{folder}" CACHE PATH "")
set(EXAMPLES OFF CACHE BOOL "")
set(CMAKE_CXX_FLAGS_RELEASE "-O1 -DNDEBUG" CACHE STRING "")
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF CACHE BOOL "")
"""


def is_needed() -> bool:
    """Whether this Python has no ur_rtde package on PyPI."""
    return sys.version_info[:2] >= (3, 13)


def missing_debian_packages() -> list[str]:
    """The Boost packages that the build needs and this machine lacks."""
    if not is_needed():
        return []
    return [
        f'libboost-{name.replace("_", "-")}-dev'
        for name in _BOOST
        if not any((folder / f'libboost_{name}.so').exists() for folder in _FOLDERS)
    ]


def build(progress: Progress, env: Mapping[str, str]) -> None:
    """Builds and installs ur_rtde into the virtual environment; some minutes.

    Args:
        progress: the step that is under way.
        env: the environment for pip.

    Raises:
        ProgramFailed: pip or the build failed.
    """
    pip = [str(VENV_PYTHON), '-m', 'pip', 'install', '--retries', '2', '--no-input', '-c', str(CONSTRAINTS)]
    progress.run([*pip, '-r', str(REQUIREMENTS_UR_RTDE)], 'pip-ur_rtde-tools.log', env)
    folder = TEMPORARY / 'ur_rtde'
    folder.mkdir(parents=True, exist_ok=True)
    pybind11 = site_packages(VENV) / 'pybind11' / 'share' / 'cmake' / 'pybind11' / 'pybind11Config.cmake'
    (folder / 'pybind11-srcConfig.cmake').write_text(f'include("{pybind11}")\n', encoding='utf-8')
    (folder / 'toolchain.cmake').write_text(_TOOLCHAIN.format(folder=folder), encoding='utf-8')
    pinned = next(
        line for line in REQUIREMENTS.read_text(encoding='utf-8').splitlines() if line.startswith('ur_rtde==')
    )
    progress.run(
        [*pip, '--no-build-isolation', '--no-deps', pinned],
        'pip-ur_rtde.log',
        {
            **env,
            'PATH': f'{VENV / "bin"}:{os.environ.get("PATH", "")}',
            'CMAKE_TOOLCHAIN_FILE': str(folder / 'toolchain.cmake'),
            'CMAKE_POLICY_VERSION_MINIMUM': '3.5',  # its CMakeLists.txt is older than what CMake 4 accepts
        },
    )
