"""One of those that are compared, in a process of its own: answers each line of work with a line of JSON."""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

import torch

from buffer_sampler.config import BufferSamplerConfig
from cost_profile.setting import configuration
from cost_profile.stopwatch import now, since
from sac_learner.agent_config import AgentConfig

NAMES = ('ours', 'sb3', 'sb3 separate', 'torchrl', 'torchrl compiled')
KINDS = ('update', 'draw', 'act')
"""What is timed: a gradient update, a mini-batch drawn from the buffer, an observation answered."""


def made(name: str, setting: str, device: str, transitions: int) -> Any:
    """Makes one of `NAMES`; only then is its library imported."""
    config = configuration(AgentConfig, setting)
    if name == 'ours':
        from _peers_ours import Ours

        stored = configuration(BufferSamplerConfig, setting, run_folder='-')
        return Ours(config, device, transitions, stored.observation_shape[:2])
    if name.startswith('sb3'):
        from _peers_sb3 import StableBaselines3

        return StableBaselines3(config, device, transitions, shared=name == 'sb3')
    from _peers_torchrl import TorchRl

    return TorchRl(config, device, transitions, compiled=name == 'torchrl compiled')


def peak_mb(device: str) -> float:
    """The most memory that this process has held; on a GPU, of the tensors there."""
    if device == 'cuda':
        return torch.cuda.max_memory_allocated() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def timed_ms(work: Callable[[], object], times: int) -> list[float]:
    """Mean time of doing it so many times, by the clock and of the processor."""
    began = now()
    for _ in range(times):
        work()
    return [1e3 * seconds / times for seconds in since(began)]


def main() -> None:
    """Makes what it is told, then times what each line says: KIND TIMES."""
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints is no answer
    name, setting, device, threads, transitions = sys.argv[1:]
    torch.set_num_threads(int(threads))
    one = made(name, setting, device, int(transitions))
    print(json.dumps({'before_mb': peak_mb(device)}), file=out, flush=True)
    try:
        for line in sys.stdin:
            kind, times = line.split()
            answer = {'ms': timed_ms(getattr(one, kind), int(times)), 'peak_mb': peak_mb(device)}
            print(json.dumps(answer), file=out, flush=True)
    finally:
        one.close()


if __name__ == '__main__':
    main()
