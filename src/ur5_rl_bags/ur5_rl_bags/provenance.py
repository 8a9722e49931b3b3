"""Which code made a bag: revision and versions."""

import importlib.metadata
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
