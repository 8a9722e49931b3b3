"""Learns from bags: python -m offline_learning BAG... updates:=N|duration:=S [name:=value ...]."""

import contextlib
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from buffer_sampler.past import new_buffer
from offline_learning.asked_to_stop import Stop
from offline_learning.experience import Experience, fill
from offline_learning.plan import Plan, plan_of
from offline_learning.telling import Teller
from offline_learning.training import Diverged, Training
from run_recorder import resume
from ur5_rl_graph import parameter_file, run_files, settings
from ur5_rl_graph.command import command
from ur5_rl_graph.whole_file import write_json
from ur5_rl_graph.whole_run import alone_in
from ur5_rl_graph.writing import keep_printing

ABOUT = 'offline.json'
"""In the folder: from what, how long, how many updates."""


@command
def main(arguments: Sequence[str]) -> int:
    """Learns.

    Returns:
        0: done; 1: the last checkpoint could not be written, or the learner has diverged; 2: it cannot be
        done; 130: stopped, and what was learned is saved.
    """
    keep_printing()
    try:
        plan = plan_of(arguments)
        with alone_in(plan.folder), Stop() as stop:
            resume.refuse_used(plan.folder)
            return learn(plan, stop)
    except Diverged as error:
        print(f'error: {error}; the last good checkpoint stays', file=sys.stderr, flush=True)
        return 1


def learn(plan: Plan, stop: Stop) -> int:
    """Fills a buffer that lasts as long as this, learns from it, and leaves a checkpoint; the exit code."""
    with ExitStack() as ending:
        experience = ending.enter_context(Experience(plan.bags, plan.task))
        plan.folder.mkdir(parents=True, exist_ok=True)
        ending.callback(_remove_empty, plan.folder)
        height, width, _ = plan.task.observation_shape
        # Its files lose their names at once: whatever ends this process, nothing of them stays on the disk.
        with TemporaryDirectory(prefix='replay_', dir=plan.folder, ignore_cleanup_errors=True) as place:
            replay = new_buffer(Path(place), experience.count, height, width)
        ending.callback(replay.close)
        began = time.monotonic()
        found = fill(replay, experience, stop)
        print(f'{found} read in {time.monotonic() - began:.1f} s', flush=True)
        if stop():
            return 130
        training = Training(replay, plan.nodes, plan.seed, plan.folder)
        ending.callback(training.close)
        if plan.init:
            differing = training.start_from(Path(plan.init), plan.anyway)
            but = f', saved in another setting: {differing}' if differing else ''
            print(f'starts from {plan.init}{but}', flush=True)
        return _train(plan, training, len(replay), stop)


def _train(plan: Plan, training: Training, transitions: int, stop: Stop) -> int:
    parameter_file.write(plan.folder / run_files.CONFIGURATION, plan.nodes)
    teller = Teller(
        plan.limits,
        action_cycle_s=plan.task.action_cycle_s,
        updates_per_step=settings.of_node(plan.nodes, 'buffer_sampler').get('updates_per_step', 1.0),
        batch_size=training.batch_size,
        transitions=transitions,
    )
    elapsed_s = training.run(plan.limits, stop, teller)
    print(teller.newest, flush=True)
    saved = training.save()
    result = {'transitions': transitions, 'updates': training.learner.updates, 'seconds': elapsed_s}
    write_json(plan.folder / ABOUT, plan.about | result)
    if not saved:
        return 1
    print(f'checkpoint {plan.folder / run_files.CHECKPOINT}', flush=True)
    return 130 if stop.asked else 0


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
