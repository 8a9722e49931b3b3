"""Measures settings on this machine, or in a run: python -m cost_profile [setting ...] [key:=value ...]."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from buffer_sampler.config import BufferSamplerConfig
from cost_profile import measure, profile_picture, profile_text, sampling
from cost_profile.gradient import gradient_times
from cost_profile.prediction import Prediction, predict
from cost_profile.setting import configuration
from run_reading.costs import Costs
from run_reading.costs_of_run import costs_of_run, is_run
from sac_learner.agent_config import AgentConfig
from sac_learner.learner_config import LearnerConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import shipped
from ur5_rl_graph.allocator import keep_freed_memory
from ur5_rl_graph.command import command, words_and_options
from ur5_rl_graph.options import Defaults
from ur5_rl_graph.pictures import attempt
from ur5_rl_graph.provenance import processor
from ur5_rl_graph.whole_file import write_text

BUSY = 1.25
"""Clock time by processor time from which on the machine is called busy."""

REPEATS = 200
TRANSITIONS = 1000


def profile(setting: str, device: str, seconds: float, threads: int) -> tuple[Costs, float]:
    """Returns the medians of a setting and the largest ratio of clock time to processor time.

    Args:
        setting: name or path.
        device: of the gradient updates, 'cpu' or 'cuda'.
        seconds: least time of measuring these.
        threads: of torch for these; an action is computed by one, as in the actor.

    Raises:
        ValueError, OSError: there is no such setting, or a value in it is out of range.
    """
    agent, learning = configuration(AgentConfig, setting), configuration(LearnerConfig, setting)
    buffer = configuration(BufferSamplerConfig, setting, run_folder='-')
    task = configuration(TaskConfig, setting)
    if device == 'cuda' and learning.mini_batches in ('auto', 'device'):
        print('note: sampling is measured into slots; a run whose GPU holds the frames takes less')
    torch.set_num_threads(1)
    times = {
        'action_ms': measure.action_times(agent, REPEATS),
        'sampling_ms': sampling.sampling_times(buffer, TRANSITIONS, REPEATS // 4),
        'environment_ms': measure.environment_times(task, REPEATS),
    }
    torch.set_num_threads(threads)
    times['gradient_ms'] = gradient_times(agent, learning, device, seconds)
    medians = {key: np.median(values, axis=0) for key, values in times.items()}
    on_cpu = [median for key, median in medians.items() if key != 'gradient_ms' or device == 'cpu']
    costs = Costs(**{key: round(float(median[0]), 3) for key, median in medians.items()})
    return costs, float(max(clock / processor for clock, processor in on_cpu))


def machine(device: str, threads: Sequence[int]) -> str:
    """Returns what was measured on, in words; `threads` of torch in the updates of each setting."""
    gpu = torch.cuda.get_device_name(0) if device == 'cuda' else 'no GPU'
    cores = f'{os.cpu_count()} cores of {processor()}'
    numbers = sorted(set(threads))
    each = f'{" or ".join(map(str, numbers))} thread{"s" * (numbers != [1])}'
    return f'{cores}, {gpu}, torch {torch.__version__} with {each}'


def measured(
    settings: list[str], seconds: float, device: str, threads: int
) -> tuple[dict[str, Costs], dict[str, list[Prediction]], str]:
    """Measures and prints; returns costs and predictions, and where and when they were measured.

    Args:
        settings: names or paths.
        seconds: least time of measuring gradient updates, for each setting.
        device: of these: 'auto', 'cpu' or 'cuda'.
        threads: of torch for these; 0 = as many as the learner of each setting has.

    Raises:
        ValueError, OSError: there is no such setting or device, or two have one name.
    """
    names = [Path(setting).stem for setting in settings]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f'two of the settings are named {min(twice)}, and a table has a line for each name')
    if threads < 0:
        raise ValueError(
            f'threads is {threads}; it must be 0 (as many as the learner of the setting) or more'
        )
    device = LearnerConfig(device=device).chosen_device
    buffers = [configuration(BufferSamplerConfig, setting, run_folder='-') for setting in settings]
    learners = [threads or configuration(LearnerConfig, setting).threads for setting in settings]
    keep_freed_memory()  # as the learner does
    where = machine(device, learners)
    print(where, flush=True)
    costs: dict[str, Costs] = {}
    busy = 0.0
    for name, setting, used in zip(names, settings, learners, strict=True):
        print(f'measuring {setting} ...', flush=True)
        costs[name], ratio = profile(setting, device, seconds, used)
        busy = max(busy, ratio)
    print(f'\n{profile_text.table(costs)}\n')
    found: dict[str, list[Prediction]] = {}
    for name, setting, buffer in zip(names, settings, buffers, strict=True):
        planned_ms = 1e3 * configuration(TaskConfig, setting).action_cycle_s
        found[name] = predict(costs[name], buffer.updates_per_step, planned_ms)
        print(profile_text.predictions(name, found[name], buffer.updates_per_step, planned_ms))
    print('while an episode runs, with a core for each process that computes')
    if busy > BUSY:
        print(f'note: the machine was busy: {busy:.1f} times the processor time went by; repeat it when idle')
    return costs, found, f'{where}, {time.strftime("%Y-%m-%d")}: '


def of_runs(folders: list[str]) -> dict[str, Costs]:
    """Prints and returns what the components cost in runs that were made.

    Raises:
        ValueError, OSError: a run has no spans or updates, two have one setting.
    """
    found = [costs_of_run(Path(folder)) for folder in folders]
    costs = dict(found)
    if len(costs) < len(found):
        raise ValueError('two of the runs are of one setting; give one run for each')
    print(profile_text.table(costs))
    return costs


@command
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns the exit code."""
    defaults: Defaults = {
        'output': str(shipped.results() / 'costs.yaml'),
        'seconds': 5.0,
        'device': 'auto',
        'threads': 0,
    }
    words, given = words_and_options(argv, **defaults)
    settings = list(dict.fromkeys(words)) or ['small']
    output = Path(given.pop('output'))
    if output.suffix != '.yaml':
        raise ValueError(f'output is {output}; a cost table is a .yaml file')
    found: dict[str, list[Prediction]] = {}
    if all(map(is_run, settings)):
        costs, where = of_runs(settings), ''
    else:
        costs, found, where = measured(settings, **given)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_text(output, profile_text.cost_table(costs, f'{where}./ur5rl profile {" ".join(settings)}'))
    print(f'{output}: the cost table; costs:={output} in virtual time')
    picture = output.with_suffix('.png')
    print(attempt(profile_picture.draw, picture, costs, found) or f'{picture}: the same as a picture')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
