"""Time from the start of a launch to its first action, all built (launch:=async_sac_2, repeats:=3)."""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _graph import STARTING_S, Graph, report
from _options import options_in_range, refusals

from ur5_rl_env.run_parameters import setting_file
from ur5_rl_graph.architectures import SHARED_PROCESS

STAGES = {
    'recorder': 'run folder',
    'arm in operation': 'arm: in operation',
    'arm at home': 'at home',
    'action': 'first action',
}
"""What a line of a node tells; the last is the recorder's, with the first cycle that it hears of."""
LOOK_S = 0.01


def main(argv: Sequence[str]) -> int:
    """Starts the graph again and again, and prints how long it took to act."""
    with refusals():
        chosen = options_in_range(argv, launch='async_sac_2', setting='small', repeats=3, address='127.0.0.1')
        setting_file(chosen['setting'])
        if chosen['launch'] not in (*SHARED_PROCESS, 'evaluate'):
            raise ValueError(
                f'launch is {chosen["launch"]!r}; choose {", ".join(SHARED_PROCESS)} or evaluate'
            )
        folder = Path(tempfile.mkdtemp(prefix='ur5rl_start_'))
    print(f'{chosen["repeats"]} starts of {chosen["launch"]}, output in {folder}', flush=True)
    starts = [stages_s(folder / str(number), chosen) for number in range(chosen['repeats'])]
    rows = {f'start {number}': _told(stages) for number, stages in enumerate(starts, 1)}
    seconds = np.array([max(stages.values()) for stages in starts])
    figures = {'first_action_p50_s': float(np.median(seconds)), 'first_action_max_s': float(seconds.max())}
    report('from ros2 launch to the first action', rows, **figures)
    return 0


def _told(stages: dict[str, float]) -> str:
    return ', '.join(f'{stage} {second:.1f} s' for stage, second in stages.items())


def stages_s(folder: Path, chosen: dict) -> dict[str, float]:
    """Starts the graph once, and ends it when it has acted; returns when each stage was reached [s]."""
    folder.mkdir()
    log = folder / 'output.log'
    arguments = {'setting': chosen['setting'], 'cell_address': chosen['address'], 'output': folder / 'run'}
    began = time.monotonic()
    reached: dict[str, float] = {}
    with Graph(f'launch/{chosen["launch"]}.launch.py', log, **arguments) as graph:
        while 'action' not in reached:
            text = log.read_text(encoding='utf-8', errors='replace')
            for stage in [stage for stage, said in STAGES.items() if said in text]:
                reached.setdefault(stage, time.monotonic() - began)
            graph.check()
            if time.monotonic() - began > STARTING_S:
                raise SystemExit(f'error: no action within {STARTING_S:.0f} s:\n{graph.tail()}')
            time.sleep(LOOK_S)
        return reached


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
