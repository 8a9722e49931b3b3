"""Files that are written as a whole: whoever reads one finds the former or this one, never half.

That holds after a kill at any moment, a full disk and, if durable, a power cut, too.
"""

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PART = '.part'
"""Ends the name of what is not whole yet."""
LARGEST = 1e15  # of a number; what is more is neither a time nor a count


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Writes a file and waits until the disk has it: without that a power cut would leave an empty one.

    Args:
        path: of the file.
        data: all that it is to hold.
        durable: False does not wait, for what a power cut makes void.

    Raises:
        OSError: it cannot be written; the former one is still there.
    """
    part = path.with_name(path.name + PART)
    try:
        with part.open('wb') as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        _remove(part)  # what there is of it would take the room that others need
        raise OSError(error.errno, error.strerror, str(path)) from None


def _remove(part: Path) -> None:
    try:
        part.unlink()
    except OSError:
        pass  # the reason for which it could not be written


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Writes a text file, as `write_bytes` does."""
    write_bytes(path, text.encode(), durable=durable)


def write_json(path: Path, values: object, *, durable: bool = True) -> None:
    """Writes a JSON file for people, too.

    Raises:
        ValueError: a number in it is not finite, which JSON has no word for; the former file is still there.
        OSError: it cannot be written.
    """
    try:
        text = json.dumps(values, indent=1, allow_nan=False)
    except ValueError as error:
        raise ValueError(f'{path} is not written: {error}') from None
    write_text(path, text + '\n', durable=durable)


def read_values(path: Path, kinds: dict[str, type]) -> dict[str, Any]:
    """Returns those values of a JSON object that `kinds` names, as `read_object` checks them."""
    found = read_object(path, kinds)
    return {name: found[name] for name in kinds}


def read_object(path: Path, kinds: dict[str, type] | None = None) -> dict[str, Any]:
    """Returns a JSON object; values that `kinds` names are str, bool, int, or float, which is finite.

    Raises:
        ValueError: the file is damaged; one line with its path and how.
        OSError: it cannot be read.
    """
    try:
        found = json.loads(path.read_bytes().decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f'{path} is damaged ({error})') from None
    if not isinstance(found, dict):
        raise ValueError(f'{path} is damaged (it holds a {type(found).__name__}, no object)')
    for name, kind in (kinds or {}).items():
        if not _fits(found.get(name), kind):
            raise ValueError(f'{path} is damaged (its {name} is no {kind.__name__})')
    return found


def _fits(value: object, kind: type) -> bool:
    if kind in (str, bool):
        return isinstance(value, kind)
    if type(value) is int or (type(value) is float and kind is not int):
        return abs(value) <= LARGEST
    return False


def save_figure(figure: 'Figure', path: Path, dpi: int) -> None:
    """Writes a matplotlib figure as a PNG and closes it."""
    import matplotlib.pyplot as plt

    picture = io.BytesIO()
    figure.savefig(picture, dpi=dpi, format='png')
    plt.close(figure)
    write_bytes(path, picture.getvalue())
