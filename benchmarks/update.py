"""Time of one gradient update in every setting, without sampling, against its floor; device:=cuda."""

import json
import sys
from collections.abc import Sequence

import torch
from _gradient import device_peaks, head, table
from _options import options_in_range, refusals

from cost_profile.setting import configuration
from sac_learner.agent_config import AgentConfig
from sac_learner.learner_config import LearnerConfig
from ur5_rl_graph.allocator import keep_freed_memory

ONLY_TORCH = True  # neither ROS 2 nor rendering: it runs where set-up cannot
SECONDS = {'small': 4.0, 'baseline': 12.0, 'high_resolution': 40.0, 'large_minibatch': 40.0}
"""Least time of measuring each setting on a CPU; at least three pairs of updates are made."""


def main(argv: Sequence[str]) -> int:
    """Prints a table and the medians as JSON. On a busy machine the processor time is the one to compare."""
    with refusals():
        given = options_in_range(argv, device='cpu', threads=1, only=','.join(SECONDS), patience=1.0)
        device = LearnerConfig(device=given['device'], threads=given['threads']).chosen_device
        configs = {name: configuration(AgentConfig, name) for name in given['only'].split(',')}
    torch.set_num_threads(given['threads'])
    keep_freed_memory()  # as the node does
    peaks = device_peaks(device)
    print(head())
    figures = {}
    for name, config in configs.items():
        seconds = given['patience'] * (SECONDS.get(name, 10.0) if device == 'cpu' else 1.0)
        figures |= table(name, config, device, peaks, seconds)
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
