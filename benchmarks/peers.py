"""Update, sampling, acting beside Stable-Baselines3 and TorchRL: setting:=baseline device:=cuda"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from _options import options_in_range, refusals
from _peers_worker import KINDS, NAMES

from cost_profile.setting import configuration
from sac_learner.agent_config import AgentConfig
from sac_learner.learner_config import LearnerConfig

NEEDS_PEERS = True  # ./ur5rl bench installs them, in a folder of their own
TOGETHER = {'update': 2, 'draw': 2, 'act': 10}
"""A time is the mean of so many: two updates, because the actor learns at every second one."""
WORK = {'update': 'gradient update', 'draw': 'mini-batch from the buffer', 'act': 'observation to action'}


class Contestant:
    """One of those that are compared, in a process of its own, which does nothing between two requests."""

    def __init__(self, name: str, given: dict) -> None:
        """Starts it and waits until it is made."""
        self.name = name
        words = [str(given[key]) for key in ('setting', 'device', 'threads', 'transitions')]
        threads = {'OMP_NUM_THREADS': words[2], 'MKL_NUM_THREADS': words[2]}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name('_peers_worker.py')), name, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding='utf-8',
            env=os.environ | threads,
        )
        self.made_mb = self._answer()['before_mb']
        self.peak_mb = self.made_mb
        self.first_ms = {kind: self.time(kind) for kind in KINDS}  # is slow: caches, and what is compiled

    def time(self, kind: str) -> list[float]:
        """Mean time [ms] of one of `KINDS`, by the clock and of the processor."""
        self._process.stdin.write(f'{kind} {TOGETHER[kind]}\n')
        self._process.stdin.flush()
        answer = self._answer()
        self.peak_mb = answer['peak_mb']
        return answer['ms']

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f'error: {self.name} ended with exit code {self._process.wait()}; see above')
        return json.loads(line)

    def close(self) -> None:
        """Ends it."""
        self._process.stdin.close()
        self._process.wait()


def measured(contestants: list[Contestant], rounds: int) -> dict[str, dict[str, np.ndarray]]:
    """Asks one after the other, `rounds` times; returns (rounds, 2) times [ms] by kind and name."""
    times = {kind: {one.name: [] for one in contestants} for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:
            for one in contestants:
                times[kind][one.name].append(one.time(kind))
    return {kind: {name: np.array(ms) for name, ms in by.items()} for kind, by in times.items()}


class Row(NamedTuple):
    """What is printed of one of them."""

    least_ms: float
    median_ms: float
    ratio: float  # of the median to ours
    cpu_ms: float  # median of the processor's time
    cpu_ratio: float  # the same of it, which holds on a busy machine


def rows(times: dict[str, np.ndarray]) -> dict[str, Row]:
    """Makes the rows of one kind of work, by name."""
    medians = {name: np.median(ms, axis=0) for name, ms in times.items()}
    found = {}
    for name, (clock, cpu) in medians.items():
        ratio, cpu_ratio = medians[name] / medians['ours']
        found[name] = Row(*map(float, (times[name][:, 0].min(), clock, ratio, cpu, cpu_ratio)))
    return found


def main(argv: Sequence[str]) -> int:
    """Prints a table for each kind of work and one line of JSON; ratios hold on a busy machine, too."""
    with refusals():
        given = options_in_range(argv, setting='small', device='cpu', threads=1, updates=20, transitions=500)
        configuration(AgentConfig, given['setting'])  # which says what is wrong with its name
        learner = LearnerConfig(device=given['device'], threads=given['threads'])
        given['device'] = learner.chosen_device  # auto is found out here
    contestants: list[Contestant] = []
    try:
        for name in NAMES:
            contestants.append(Contestant(name, given))
        times = measured(contestants, -(-given['updates'] // TOGETHER['update']))
    finally:
        for one in contestants:
            one.close()
    figures = {}
    for kind in KINDS:
        head = f'{"min ms":>9} {"median":>9} {"x ours":>7} {"cpu ms":>9} {"x ours":>7} {"first":>9}'
        print(f'{WORK[kind]:26} {head}')
        for one in contestants:
            row = rows(times[kind])[one.name]
            first = one.first_ms[kind][0] * TOGETHER[kind]
            print(
                f'  {one.name:24} {row.least_ms:9.2f} {row.median_ms:9.2f} {row.ratio:7.2f} '
                f'{row.cpu_ms:9.2f} {row.cpu_ratio:7.2f} {first:9.0f}'
            )
            key = f'{one.name}_{kind}'.replace(' ', '_')
            figures[f'{key}_ms'], figures[f'{key}_ratio'] = round(row.median_ms, 3), round(row.ratio, 3)
            figures[f'{key}_cpu_ms'], figures[f'{key}_cpu_ratio'] = row.cpu_ms, round(row.cpu_ratio, 3)
    print(f'{"memory [MB]":26} {"made":>9} {"peak":>9}')
    for one in contestants:
        print(f'  {one.name:24} {one.made_mb:9.0f} {one.peak_mb:9.0f}')
        figures[f'{one.name}_peak_mb'.replace(' ', '_')] = round(one.peak_mb, 1)
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
