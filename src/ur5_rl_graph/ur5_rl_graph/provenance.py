"""Which code on which machine made something: revision, versions, host."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

PACKAGES = ('numpy', 'torch', 'mujoco', 'ur_rtde', 'opencv-python-headless', 'mcap')


def provenance() -> dict[str, str]:
    """Returns revision and versions, by what they are of; what cannot be found out is left out."""
    found = {'python': platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if revision := _revision():
        found['revision'] = revision
    return found


def _revision() -> str:
    """Returns the commit of the sources, with -dirty where something differs from it; '' without git."""
    command = [
        'git',
        '-C',
        str(Path(__file__).resolve().parent),
        'describe',
        '--always',
        '--dirty',
        '--abbrev=40',
    ]
    try:
        done = subprocess.run(command, capture_output=True, encoding='utf-8', timeout=5.0, check=True)
    except (OSError, subprocess.SubprocessError):
        return ''
    return done.stdout.strip()


def origin() -> dict[str, str]:
    """Returns the machine, and `provenance`; all in words for people."""
    found = {
        'host': platform.node(),
        'system': f'{platform.system()} {platform.release()}',
        'processor': processor(),
        'cores': str(len(os.sched_getaffinity(0))),
        'memory': f'{os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9:.1f} GB',
    }
    return {name: text for name, text in found.items() if text} | provenance()


def processor(path: Path = Path('/proc/cpuinfo')) -> str:
    """Returns the name of the processor, that of its kind where the kernel does not tell it."""
    try:
        lines = path.read_text(encoding='utf-8', errors='replace').splitlines()
    except OSError:
        lines = []
    names = (line.partition(':')[2].strip() for line in lines if line.startswith('model name'))
    return next(names, platform.machine())
