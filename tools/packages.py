"""The virtual environment and the Python packages in it."""

import os
import re
import shutil
import sys
import sysconfig
import urllib.request
from pathlib import Path

from tools import machine, ur_rtde_source
from tools.layout import (
    CONSTRAINTS,
    REQUIREMENTS,
    REQUIREMENTS_DEV,
    REQUIREMENTS_ROS,
    REQUIREMENTS_SYSTEM_ROS,
    TEMPORARY,
    TORCH,
    VENV,
    VENV_PYTHON,
)
from tools.program_environment import site_packages
from tools.progress import ProgramFailed, Progress
from tools.ros_kind import SYSTEM
from tools.stop import Stop

AUTO, CPU, CUDA = TORCH_BUILDS = ('auto', 'cpu', 'cuda')
"""Which build of torch is installed; auto = for CUDA where this machine has an NVIDIA GPU."""

_CPU_TORCH = 'https://download.pytorch.org/whl/cpu'
_NO_NETWORK = re.compile(
    r'NewConnectionError|NameResolutionError|Temporary failure in name resolution|Max retries exceeded|'
    r'ProxyError|ReadTimeoutError|ConnectTimeoutError|Network is unreachable|\(from versions: none\)'
)
_DISK_FULL = re.compile(r'No space left on device|Errno 28|Disk quota exceeded')


def torch_build() -> str:
    """The build of torch that was asked for here."""
    try:
        return TORCH.read_text(encoding='utf-8').strip()
    except OSError:
        return AUTO


def wants_cuda() -> bool:
    """Whether torch is to be the build for CUDA."""
    build = torch_build()
    return build == CUDA or (build == AUTO and machine.has_nvidia_gpu())


def ask_for_torch(build: str) -> None:
    """Keeps which build of torch is wanted, for this set-up and those that follow."""
    TORCH.parent.mkdir(parents=True, exist_ok=True)
    TORCH.write_text(f'{build}\n', encoding='utf-8')


def requirement_files(kind: str) -> list[Path]:
    """The files of pinned packages for this kind of ROS."""
    return [REQUIREMENTS, REQUIREMENTS_SYSTEM_ROS if kind == SYSTEM else REQUIREMENTS_ROS, REQUIREMENTS_DEV]


def make_venv(kind: str, progress: Progress) -> None:
    """Makes the virtual environment anew; with an installed ROS 2 it sees that one's Python packages."""
    if VENV.exists():
        shutil.rmtree(VENV)
    base = getattr(sys, '_base_executable', None) or sys.executable
    options = ['--system-site-packages'] if kind == SYSTEM else []
    try:
        progress.run([base, '-m', 'venv', *options, str(VENV)], 'venv.log')
    except ProgramFailed as failed:
        raise explained(failed, 'the virtual environment could not be made') from None


def install(kind: str, progress: Progress) -> str:
    """Installs the pinned packages; returns a remark on which torch was asked for.

    Raises:
        Stop: no network, a full disk, or another failure of pip, with its last lines.
    """
    _forget_half_installed()
    torch_index, remark = _torch_index()
    files = [word for path in requirement_files(kind) for word in ('-r', str(path))]
    files = ['-c', str(CONSTRAINTS), *files]
    command = [str(VENV_PYTHON), '-m', 'pip', 'install', '--retries', '2', '--no-input', *torch_index, *files]
    TEMPORARY.mkdir(parents=True, exist_ok=True)
    # pip unpacks where TMPDIR says; /tmp is a small memory disk on some machines
    env = {**clean_environment(), 'TMPDIR': str(TEMPORARY)}
    try:
        if ur_rtde_source.is_needed():
            ur_rtde_source.build(progress, env)
        progress.run(command, 'pip.log', env)
    except ProgramFailed as failed:
        raise explained(failed, 'pip could not install the packages') from None
    finally:
        shutil.rmtree(TEMPORARY, ignore_errors=True)
    return remark


def clean_environment() -> dict[str, str]:
    """Ours without the variables that point Python at other packages."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ('PYTHONPATH', 'PYTHONHOME', 'PIP_USER')
    }


def _torch_index() -> tuple[list[str], str]:
    """PyTorch's CPU index where that build is wanted and it answers: PyPI's brings gigabytes of CUDA."""
    if wants_cuda():
        return [], 'torch with CUDA'
    try:
        urllib.request.urlopen(f'{_CPU_TORCH}/torch/', timeout=5).close()
    except (OSError, ValueError):
        return [], f'torch of the package index, since {_CPU_TORCH} does not answer'
    return ['--extra-index-url', _CPU_TORCH], 'torch for CPU'


def _forget_half_installed() -> None:
    """Removes the record of a package whose installation was cut off, so that pip installs it again."""
    for record in site_packages(VENV).glob('*.dist-info'):
        if not (record / 'INSTALLER').exists():
            shutil.rmtree(record)
    for leftover in site_packages(VENV).glob('~*'):
        shutil.rmtree(leftover, ignore_errors=True)


def explained(failed: ProgramFailed, what: str) -> Stop:
    """One line for the known causes, else the last lines of the log and where it lies."""
    if failed.code < 0:
        return Stop(
            f'{what}: it was killed by signal {-failed.code} (9: often for lack of memory); '
            f'run this again to go on. Log {failed.log}'
        )
    if _DISK_FULL.search(failed.output):
        return Stop(
            f"{what}: the disk is full ({VENV.parent} or pip's cache): free some space, log {failed.log}"
        )
    if _NO_NETWORK.search(failed.output):
        return Stop(
            f'{what}: no package index answers; is there a network, are HTTPS_PROXY and PIP_INDEX_URL right? '
            f'Log {failed.log}'
        )
    last = '\n'.join('    ' + line for line in failed.output.strip().splitlines()[-12:])
    return Stop(f'{what} (log {failed.log}), last lines:\n{last}')


def repair_cmake_targets() -> int:
    """Puts this machine's include folders into the ROS wheels' CMake targets; returns how many files changed.

    They were exported on the machine that built the wheels and name its Python and its numpy.
    """
    python_include = sysconfig.get_path('include')
    numpy_include = str(site_packages(VENV) / 'numpy' / '_core' / 'include')
    changed = 0
    for path in VENV.glob('share/*/cmake/export_*__rosidl_generator_pyExport.cmake'):
        old = path.read_text(encoding='utf-8')
        new = re.sub(r'/opt/python/[^";]*?/include/python3\.\d+', python_include, old)
        new = re.sub(r'/opt/python/[^";]*?/numpy/_?core/include', numpy_include, new)
        if new != old:
            path.write_text(new, encoding='utf-8')
            changed += 1
    return changed
