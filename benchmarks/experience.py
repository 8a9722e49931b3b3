"""What recorded experience is worth to a policy: offline, as a beginning, and without it: bags:=RUN,RUN"""

import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from _graph import report
from _options import options_in_range, refusals

from offline_learning.__main__ import main as offline
from run_reading.table import read
from ur5_rl_graph import run_files
from virtual_time.__main__ import main as virtual_time

SCRATCH, WITH, OFFLINE = 'from scratch', 'begins with the bags', 'offline alone'


def quietly(run: Callable[[list[str]], int], words: list[str]) -> None:
    """Runs a command without its lines; ends with its own error where it fails."""
    with contextlib.redirect_stdout(io.StringIO()):
        if run(words):
            raise SystemExit(f'error: {" ".join(words)} failed')


def learn(folder: Path, words: list[str], bags: str, updates: int, duration: float) -> dict[str, Path]:
    """Makes the three policies of a seed; returns their folders."""
    found = {name: folder / name.replace(' ', '_') for name in (OFFLINE, WITH, SCRATCH)}
    quietly(offline, [*bags.split(','), *words, f'updates:={updates}', f'output:={found[OFFLINE]}'])
    run = ['async_sac_2', *words, f'duration:={duration}']
    quietly(virtual_time, [*run, f'replay:={bags}', f'output:={found[WITH]}'])
    quietly(virtual_time, [*run, f'output:={found[SCRATCH]}'])
    return found


def evaluated(folder: Path, setting: str, task: str, episodes: int) -> float:
    """Returns the mean return of a policy without noise, in virtual time."""
    output = folder / run_files.EVALUATION
    words = [f'checkpoint:={folder / run_files.CHECKPOINT}', f'setting:={setting}', f'task:={task}']
    quietly(virtual_time, ['evaluate', *words, f'episodes:={episodes}', f'output:={output}'])
    return json.loads(output.read_text(encoding='utf-8'))['mean']


def lived(folder: Path) -> float:
    """Returns the mean return of a run's episodes, the random ones included; nan of what is no run."""
    path = folder / run_files.EPISODES
    return float(np.mean(np.array(read(path)['return'], float))) if path.is_file() else float('nan')


def main(argv: Sequence[str]) -> int:
    """Prints, for each seed, what the three policies return, and what the runs returned as they learned."""
    with refusals():
        chosen = options_in_range(
            argv,
            bags='',
            setting='small',
            task='reaching',
            seeds='1,2,3',
            updates=20000,
            duration=300.0,
            episodes=10,
        )
        if not chosen['bags']:
            raise ValueError('bags is empty; give bags, or runs with one, separated by commas')
    rows, returns = {}, {}
    with tempfile.TemporaryDirectory() as place:
        for seed in chosen['seeds'].split(','):
            words = [f'setting:={chosen["setting"]}', f'task:={chosen["task"]}', f'seed:={seed}']
            folder = Path(place) / seed
            made = learn(folder, words, chosen['bags'], chosen['updates'], chosen['duration'])
            for name, output in made.items():
                mean = evaluated(output, chosen['setting'], chosen['task'], chosen['episodes'])
                rows[f'seed {seed}, {name}'] = f'{mean:7.0f}  {lived(output):7.0f}'
                returns.setdefault(name, []).append(mean)
    report(
        f'mean return of {chosen["episodes"]} episodes without noise, and of all episodes while it learned',
        rows,
        **{name.replace(' ', '_'): round(float(np.mean(values)), 1) for name, values in returns.items()},
    )
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
