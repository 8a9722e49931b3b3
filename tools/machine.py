"""Checks of the machine, each with one clear line when it fails."""

import importlib.util
import os
import platform
import re
import shutil
import sys
import sysconfig
from pathlib import Path

from tools.layout import ROOT, VENV_PYTHON
from tools.stop import Stop

FOLDER_SIGNS = '._+@=~%#-'  # beside letters, digits and /, in the path of the checkout
GIB = 1 << 30
_FREE_CPU_GIB = 4.0  # 1.8 GB installed, the rest downloads and builds
_FREE_CUDA_GIB = 12.0
_FREE_BUILD_GIB = 0.2
_GLIBC = (2, 28)  # of the manylinux_2_28 wheels
_FIRST_LINE = 255  # bytes that Linux reads of "#!INTERPRETER"


def check_platform() -> None:
    """Raises Stop where the wheels cannot run: x86-64 Linux with glibc 2.28 is needed."""
    if sys.platform != 'linux' or platform.machine() != 'x86_64':
        raise Stop(
            f'this is {sys.platform} on {platform.machine()}; the ROS 2 wheels are for x86-64 Linux only'
        )
    name, version = platform.libc_ver()
    if name == 'glibc' and tuple(int(part) for part in version.split('.')[:2]) < _GLIBC:
        raise Stop(
            f'the C library is glibc {version}, the wheels need 2.28: use Debian 10, Ubuntu 20.04 or newer'
        )


def check_folder() -> None:
    """Raises Stop where the checkout lies in a folder in which no installed program could start.

    Their first line names the interpreter, which the kernel takes up to the first blank and 255 bytes; lists
    of folders are split at colons and semicolons; shells, CMake, make and Ninja read what else is refused.
    """
    unfit = re.search(rf'[^A-Za-z0-9/{re.escape(FOLDER_SIGNS)}]', str(ROOT))
    if unfit:
        raise Stop(
            f'the folder of this checkout, {ascii(str(ROOT))}, has {ascii(unfit[0])} in its path, with which '
            f'it cannot be set up (letters a to z, digits and {FOLDER_SIGNS} can): move it to one without'
        )
    longest = _FIRST_LINE - len(f'#!{VENV_PYTHON.relative_to(ROOT)}/\n')
    if len(str(ROOT)) > longest:
        raise Stop(
            f'the path of this checkout, {ROOT}, has {len(str(ROOT))} bytes; programs in it start '
            f'up to {longest}: move it to a shorter one'
        )


def compiler() -> str | None:
    """The C++ compiler: $CXX, else the first of c++, g++, clang++ on PATH."""
    named = os.environ.get('CXX')
    return next(
        (path for path in map(shutil.which, [named] if named else ['c++', 'g++', 'clang++']) if path), None
    )


def has_venv() -> bool:
    """Whether this Python can make virtual environments (Debian has that in a package of its own)."""
    return all(importlib.util.find_spec(name) is not None for name in ('venv', 'ensurepip'))


def has_headers() -> bool:
    """Whether Python.h is there (likewise); the messages' Python side is compiled against it."""
    return Path(sysconfig.get_path('include'), 'Python.h').exists()


def has_nvidia_gpu() -> bool:
    """Whether the kernel drives an NVIDIA GPU."""
    return Path('/proc/driver/nvidia/version').exists() or Path('/dev/nvidiactl').exists()


def check_disk(packages_too: bool, cuda: bool) -> None:
    """Raises Stop where too little space is free.

    Args:
        packages_too: whether packages are to be installed, else only the workspace is built.
        cuda: whether torch comes with CUDA.
    """
    needed = _FREE_BUILD_GIB
    if packages_too:
        needed = _FREE_CUDA_GIB if cuda else _FREE_CPU_GIB
    free = shutil.disk_usage(ROOT).free / GIB
    if free < needed:
        raise Stop(
            f'the disk of {ROOT} has {free:.1f} GB free, set-up needs {needed:.1f} GB: free some space'
        )
