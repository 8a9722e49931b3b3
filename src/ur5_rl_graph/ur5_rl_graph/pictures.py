"""Pictures: drawn without a display, and nothing that a run or a comparison could fail by."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def pyplot() -> Any:
    """Returns matplotlib.pyplot with the backend that needs no display, whatever MPLBACKEND says.

    Where MPLBACKEND names a backend that is not installed, as in a terminal inside Jupyter, matplotlib cannot
    even be imported: it is set before.
    """
    os.environ['MPLBACKEND'] = 'Agg'
    import matplotlib

    matplotlib.use('Agg')  # where somebody else has imported it with another
    import matplotlib.pyplot as plt

    return plt


def attempt(draw: Callable[..., None], path: Path, *values: object) -> str:
    """Calls `draw(path, *values)`; returns '' or one line that says why there is no picture."""
    try:
        draw(path, *values)
    except Exception as error:  # whatever a drawing library and its surroundings come up with
        cause = ' '.join(f'{type(error).__name__}: {error}'.split())
        return f'warning: {path} was not drawn ({cause[:300]})'
    return ''
