"""Files that are written as a whole: whoever reads one finds the former or this one, never half."""

import json
from pathlib import Path

LARGEST = 1e15  # of a number; what is more is neither a time nor a count


def write_text(path: Path, text: str) -> None:
    """Writes a text file."""
    part = path.with_name(path.name + '.part')
    part.write_text(text, encoding='utf-8')
    part.replace(path)


def write_json(path: Path, values: object) -> None:
    """Writes a JSON file for people, too."""
    write_text(path, json.dumps(values, indent=1) + '\n')


def read_values(path: Path, kinds: dict[str, type]) -> dict[str, object]:
    """Returns those values of a JSON object that `kinds` names: str, int, or float, which is finite.

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
    for name, kind in kinds.items():
        if not _fits(found.get(name), kind):
            raise ValueError(f'{path} is damaged (its {name} is no {kind.__name__})')
    return {name: found[name] for name in kinds}


def _fits(value: object, kind: type) -> bool:
    if kind is str:
        return isinstance(value, str)
    number = type(value) in ((int,) if kind is int else (int, float))
    return number and abs(value) <= LARGEST


def save_figure(figure: object, path: Path, dpi: int) -> None:
    """Writes a matplotlib figure as a PNG and closes it."""
    import matplotlib.pyplot as plt

    part = path.with_name(path.name + '.part')
    figure.savefig(part, dpi=dpi, format='png')
    plt.close(figure)
    part.replace(path)
