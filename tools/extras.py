"""Packages that are large and that one command alone needs: in a folder of their own, on first use."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tools import step_stamps
from tools.layout import LOCK, PEERS, REQUIREMENTS_PEERS, REQUIREMENTS_VIEWER, TEMPORARY, VENV_PYTHON, VIEWER
from tools.lock import only_one
from tools.packages import clean_environment, explained
from tools.progress import ProgramFailed, Progress


class Extra(NamedTuple):
    """A set of such packages."""

    name: str  # of its stamp and its log
    folder: Path
    requirements: Path  # all of them: nothing that they want beside these is installed
    what: str  # it is
    size: str  # of the download and on the disk


THE_VIEWER = Extra(
    'viewer',
    VIEWER,
    REQUIREMENTS_VIEWER,
    'the viewer, rerun-sdk',
    '220 MB to download, 0.7 GB on the disk',
)
THE_PEERS = Extra(
    'peers',
    PEERS,
    REQUIREMENTS_PEERS,
    'the peers, Stable-Baselines3 and TorchRL',
    '20 MB to download, 0.1 GB on the disk',
)


def with_extra(extra: Extra, env: Mapping[str, str]) -> dict[str, str]:
    """Installs the packages where they are not yet; returns the environment with them.

    Args:
        extra: which.
        env: of `preparation.ready`; what it finds first stays first.

    Raises:
        Stop: they cannot be installed.
    """
    expected = step_stamps.content_hash([extra.requirements], f'{sys.version_info[0]}.{sys.version_info[1]}')
    if not _is_there(extra, expected):
        with only_one(LOCK):
            if not _is_there(extra, expected):  # another process may have done it meanwhile
                step_stamps.clear(extra.name)
                _install(extra)
                step_stamps.write(extra.name, expected)
    return dict(env) | {
        'PYTHONPATH': os.pathsep.join(filter(None, [env.get('PYTHONPATH'), str(extra.folder)]))
    }


def _is_there(extra: Extra, expected: str) -> bool:
    return extra.folder.is_dir() and step_stamps.is_current(extra.name, expected)


def _install(extra: Extra) -> None:
    """Installs from scratch: pip replaces nothing in a folder that it is given."""
    progress = Progress(1)
    progress.start(f'installing {extra.what} (once; {extra.size})')
    shutil.rmtree(extra.folder, ignore_errors=True)
    TEMPORARY.mkdir(parents=True, exist_ok=True)
    pip = [str(VENV_PYTHON), '-m', 'pip', 'install', '--retries', '2', '--no-input', '--no-deps']
    try:
        progress.run(
            [*pip, '--target', str(extra.folder), '-r', str(extra.requirements)],
            f'pip-{extra.name}.log',
            {**clean_environment(), 'TMPDIR': str(TEMPORARY)},
        )
        progress.done()
    except ProgramFailed as failed:
        raise explained(failed, f'pip could not install {extra.what}') from None
    finally:
        progress.failed()  # does nothing after a step that was done
        shutil.rmtree(TEMPORARY, ignore_errors=True)
