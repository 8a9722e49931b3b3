"""The ROS 2 packages under src/: when to build them, and how."""

import os
import re
from pathlib import Path

from tools.layout import BUILD, INSTALL, LAUNCH_FILES, LOG, ROOT, SOURCES, STANDIN_PACKAGES, VENV, VENV_PYTHON
from tools.program_environment import applied, changes
from tools.progress import ProgramFailed, Progress
from tools.ros_kind import WHEELS
from tools.stop import Stop

# What the build reads. Python modules are linked into the installation, so an edit of one needs no build.
_BUILT_FROM = (
    '*/package.xml',
    '*/CMakeLists.txt',
    '*/setup.py',
    '*/setup.cfg',
    '*/COLCON_IGNORE',
    '*/msg/*.msg',
    '*/srv/*.srv',
    '*/resource/*',
)


def built_from() -> list[Path]:
    """The files whose content decides whether the workspace is built again."""
    folders = (SOURCES, STANDIN_PACKAGES)
    return [
        path for folder in folders for name in _BUILT_FROM for path in folder.glob(name) if path.is_file()
    ]


def linked_files() -> list[str]:
    """The names of the launch files, which `ros2 launch` finds in what is installed: a new one needs a build.

    All else that ur5_rl_bringup links is read in the checkout (`ur5_rl_graph.shipped`).
    """
    found = [path for path in LAUNCH_FILES.rglob('*.launch.py') if path.is_file()]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def packages_in(kind: str) -> list[Path]:
    """The folders whose packages are built; a sourced ROS 2 has its own instead of our stand-ins."""
    return [SOURCES, *([STANDIN_PACKAGES] if kind == WHEELS else [])]


def build(kind: str, progress: Progress) -> str:
    """Builds all packages of ours into .ur5rl/install; returns how many.

    Raises:
        Stop: the build failed; names the package and the log.
    """
    env = applied(os.environ, changes(kind))
    env['CMAKE_PREFIX_PATH'] = ':'.join(filter(None, [str(VENV), os.environ.get('CMAKE_PREFIX_PATH', '')]))
    env['CMAKE_GENERATOR'] = 'Ninja'  # comes with the packages; make may be missing
    command = [
        str(VENV_PYTHON),
        '-c',
        'import sys; from colcon_core.command import main; sys.exit(main())',
        '--log-base',
        str(LOG / 'colcon'),
        'build',
        '--base-paths',
        *map(str, packages_in(kind)),
        '--build-base',
        str(BUILD),
        '--install-base',
        str(INSTALL),
        '--merge-install',
        '--symlink-install',
        '--cmake-args',
        f'-DPython3_EXECUTABLE={VENV_PYTHON}',
        '-DCMAKE_BUILD_TYPE=Release',
        '-DBUILD_TESTING=OFF',
    ]
    try:
        output = progress.run(command, 'build.log', env)
    except ProgramFailed as failed:
        names = ', '.join(re.findall(r'^Failed\s+<<<\s+(\S+)', failed.output, re.M)) or 'a package'
        if re.search(r'No space left on device', failed.output):
            raise Stop(f'building {names}: the disk is full, log {failed.log}') from None
        last = '\n'.join('    ' + line for line in failed.output.strip().splitlines()[-12:])
        raise Stop(f'colcon could not build {names} (log {failed.log}), last lines:\n{last}') from None
    return f'{len(re.findall(r"^Finished <<<", output, re.M))} packages'
