"""Opens a page where a person sits before this machine."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

OPENERS = ('xdg-open', 'firefox', 'google-chrome', 'chromium')
DISPLAYS = ('DISPLAY', 'WAYLAND_DISPLAY')


def opener(environment: Mapping[str, str]) -> str | None:
    """Returns the program that opens a page, None where there is no display or none is installed."""
    if environment.get('SSH_CONNECTION') or not any(environment.get(name) for name in DISPLAYS):
        return None
    return next((path for path in map(shutil.which, OPENERS) if path), None)


def open_page(url: str) -> bool:
    """Opens a page and returns whether there is a browser; waits for nothing."""
    program = opener(os.environ)
    if program is None:
        return False
    quiet: dict[str, Any] = dict.fromkeys(('stdin', 'stdout', 'stderr'), subprocess.DEVNULL)
    subprocess.Popen([program, url], start_new_session=True, **quiet)
    return True
