"""Compares runs as the thesis does: learning curves, overall return, evaluation, and timing."""

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

from run_reading import identity
from run_reading.comparison import comparison_figures, comparison_page, drawing, record
from ur5_rl_graph import shipped
from ur5_rl_graph.architectures import TASKS
from ur5_rl_graph.pictures import attempt
from ur5_rl_graph.whole_file import write_text


def compare_runs(folders: list[Path], output: str, bins: int, reference: str) -> int:
    """Writes the figures as CSV, PNG and one page; prints the essence. Returns 1 without a picture, else 0.

    Args:
        folders: of runs, or folders that hold some.
        output: folder to write to; '' = `comparison` in the only one of `folders`, else in results.
        bins: equal stretches of time in the learning curves.
        reference: horizontal lines, such as 'servo=1490,tracking/servo=900'.

    Raises:
        ValueError: a wrong folder or option, such as an output that holds a run; nothing to compare.
    """
    if not folders:
        raise ValueError('name the folders of runs, such as results/thesis')
    if not 1 <= bins <= 1000:
        raise ValueError(f'bins is {bins}; allowed is 1 to 1000')
    references = parse_references(reference)
    records, left_out = record.find(folders)
    for reason in left_out:
        print(f'left out: {reason}')
    found = comparison_figures.groups(records)
    alone = len(folders) == 1 and not record.is_run(folders[0])
    folder = Path(output) if output else (folders[0] if alone else shipped.results()) / 'comparison'
    if identity.holds_run(folder):
        raise ValueError(
            f'output is {folder}, which holds a run, whose {comparison_page.FILE_NAME} is another: '
            'choose another folder'
        )
    folder.mkdir(parents=True, exist_ok=True)
    overall, evaluated, timing = (
        make(found)
        for make in (
            comparison_figures.overall_returns,
            comparison_figures.evaluations,
            comparison_figures.timing,
        )
    )
    curves = comparison_figures.learning_curves(found, bins)
    pictures: list[tuple[Callable[..., None], Path, list[dict], tuple[drawing.References, ...]]] = [
        (drawing.learning_curves, _written(folder, 'learning_curves', curves), curves, (references,)),
        (drawing.overall_returns, _written(folder, 'overall_return', overall), overall, (references,)),
        (drawing.timing, _written(folder, 'timing', timing), timing, ()),
    ]
    if evaluated:
        path = _written(folder, 'evaluation', evaluated)
        pictures.append((drawing.evaluations, path, evaluated, (references,)))
    else:  # what an earlier comparison left is of other runs
        for ending in ('csv', 'png'):
            (folder / f'evaluation.{ending}').unlink(missing_ok=True)
    print(*_summary(overall, evaluated, timing), sep='\n')
    for _, path, _, _ in pictures:
        path.unlink(missing_ok=True)  # of an earlier comparison: the page shows this one
    failures = [attempt(draw, path, rows, *further) for draw, path, rows, further in pictures]
    shown = [(path, rows) for _, path, rows, _ in pictures]
    failures.append(
        attempt(comparison_page.write, folder / comparison_page.FILE_NAME, shown, records, left_out)
    )
    failures = [line for line in failures if line]
    print(*failures, f'{len(records)} runs compared: {folder}', sep='\n')
    return 1 if failures else 0


def parse_references(text: str) -> list[tuple[str, str, float]]:
    """Returns task ('' = any), name and value of each reference in 'name=value,task/name=value'.

    Raises:
        ValueError: it has another form.
    """
    out = []
    for part in filter(None, text.split(',')):
        name, _, value = part.partition('=')
        task, separator, rest = name.rpartition('/')
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not rest or not math.isfinite(number) or (separator and task not in TASKS):
            raise ValueError(
                f'reference has {part!r}; write name=value or {TASKS[0]}/name=value, with commas'
            )
        out.append((task, rest, number))
    return out


def _written(folder: Path, name: str, rows: list[dict]) -> Path:
    """Writes rows as a CSV file; returns the path of the picture beside it."""
    text = io.StringIO(newline='')
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows({key: _text(value) for key, value in row.items()} for row in rows)
    write_text(folder / f'{name}.csv', text.getvalue())
    return folder / f'{name}.png'


def _text(value: object) -> object:
    if isinstance(value, float):
        return '' if math.isnan(value) else f'{value:.6g}'
    return value


def _summary(overall: list[dict], evaluated: list[dict], timing: list[dict]) -> list[str]:
    """A line for each group."""
    key = ('task', 'setting', 'line')
    evaluations = {tuple(row[name] for name in key): row for row in evaluated}
    width = max(len(' '.join(row[name] for name in key)) for row in overall)
    lines = []
    for row, times in zip(overall, timing, strict=True):
        group = tuple(row[name] for name in key)
        text = f'{" ".join(group):{width}} | n {row["n_runs"]} | return {row["return"]:7.1f}'
        text += f' +-{row["standard_error"]:6.1f}' if row['n_runs'] > 1 else ' ' * 9
        without_noise = evaluations.get(group)
        if without_noise:
            text += f' | evaluation {without_noise["return"]:7.1f}'
            text += f' [{without_noise["low"]:.1f}, {without_noise["high"]:.1f}]'
        lines.append(f'{text} | cycle {times["cycle_ms"]:6.2f} ms | updates {times["updates_per_s"]:5.1f}/s')
    return lines
