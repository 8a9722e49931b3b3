"""The viewer of ./ur5rl monitor: large, needed by nothing else, and therefore in a folder of its own."""

import os
import shutil
import sys
from collections.abc import Mapping

from tools import stamps
from tools.layout import LOCK, REQUIREMENTS_VIEWER, TEMPORARY, VENV_PYTHON, VIEWER
from tools.lock import only_one
from tools.packages import clean_environment, explained
from tools.progress import ProgramFailed, Progress

STEP = 'viewer'


def with_viewer(env: Mapping[str, str]) -> dict[str, str]:
    """Installs the viewer where it is not yet; returns the environment with it.

    Args:
        env: of `preparation.ready`; what it finds first stays first.

    Raises:
        Stop: it cannot be installed.
    """
    expected = stamps.content_hash([REQUIREMENTS_VIEWER], f'{sys.version_info[0]}.{sys.version_info[1]}')
    if not _is_there(expected):
        with only_one(LOCK):
            if not _is_there(expected):  # another process may have done it meanwhile
                stamps.clear(STEP)
                _install()
                stamps.write(STEP, expected)
    return dict(env) | {'PYTHONPATH': os.pathsep.join(filter(None, [env.get('PYTHONPATH'), str(VIEWER)]))}


def _is_there(expected: str) -> bool:
    return VIEWER.is_dir() and stamps.is_current(STEP, expected)


def _install() -> None:
    """Installs from scratch: pip replaces nothing in a folder that it is given."""
    progress = Progress(1)
    progress.start('installing the viewer, rerun-sdk (once; 220 MB to download, 0.7 GB on the disk)')
    shutil.rmtree(VIEWER, ignore_errors=True)
    TEMPORARY.mkdir(parents=True, exist_ok=True)
    pip = [str(VENV_PYTHON), '-m', 'pip', 'install', '--retries', '2', '--no-input', '--no-deps']
    try:
        progress.run(
            [*pip, '--target', str(VIEWER), '-r', str(REQUIREMENTS_VIEWER)],
            'pip-viewer.log',
            {**clean_environment(), 'TMPDIR': str(TEMPORARY)},
        )
        progress.done()
    except ProgramFailed as failed:
        raise explained(failed, 'pip could not install the viewer') from None
    finally:
        progress.failed()  # does nothing after a step that was done
        shutil.rmtree(TEMPORARY, ignore_errors=True)
