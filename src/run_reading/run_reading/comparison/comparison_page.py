"""The page of a comparison: its pictures, the figures behind them, and what was left out."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from run_reading.comparison.record import Record
from run_reading.report.page import Folded, Part, Picture, Section, Table, Words, page
from ur5_rl_graph.whole_file import write_text

FILE_NAME = 'report.html'
CAPTIONS = {
    'learning_curves': 'Return over the time of the runs',
    'overall_return': 'Return over the whole learning period',
    'evaluation': 'Return without noise',
    'timing': 'Action cycle and updates',
}


def write(
    path: Path,
    figures: Iterable[tuple[Path, Sequence[dict]]],
    records: Sequence[Record],
    left_out: Sequence[str],
) -> None:
    """Writes the page.

    Args:
        path: file to write.
        figures: of each its picture, which may be missing, and its rows.
        records: the runs that were compared.
        left_out: why others were not, in lines.

    Raises:
        OSError: it cannot be written.
    """
    sections = [
        Section(CAPTIONS.get(picture.stem, picture.stem), list(_figure(picture, rows)))
        for picture, rows in figures
    ]
    runs = [(record.folder.name, record.task, record.setting) for record in records]
    sections.append(Section('Runs', [Table(('run', 'task', 'setting'), runs)]))
    if left_out:
        sections.append(Section('Left out', [Words(line, warning=True) for line in left_out]))
    write_text(path, page('Comparison of runs', f'{len(records)} runs in {path.parent.name}', sections))


def _figure(picture: Path, rows: Sequence[dict]) -> Iterable[Part]:
    if picture.is_file():
        yield Picture(CAPTIONS.get(picture.stem, picture.stem), picture.read_bytes())
    else:
        yield Words(f'{picture.name} is not there; the figures are.', warning=True)
    table = Table(list(rows[0]), [[_text(value) for value in row.values()] for row in rows])
    yield Folded(f'{picture.stem}.csv', [table])


def _text(value: object) -> str:
    return f'{value:.5g}' if isinstance(value, float) else str(value)
