"""Files that are written as a whole: whoever reads one finds the former or this one, never half."""

import json
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Writes a text file."""
    part = path.with_name(path.name + '.part')
    part.write_text(text)
    part.replace(path)


def write_json(path: Path, values: object) -> None:
    """Writes a JSON file for people, too."""
    write_text(path, json.dumps(values, indent=1) + '\n')


def save_figure(figure: object, path: Path, dpi: int) -> None:
    """Writes a matplotlib figure as a PNG and closes it."""
    import matplotlib.pyplot as plt

    part = path.with_name(path.name + '.part')
    figure.savefig(part, dpi=dpi, format='png')
    plt.close(figure)
    part.replace(path)
