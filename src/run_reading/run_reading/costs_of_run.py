"""What the components cost in a run that was made, from its spans."""

from pathlib import Path

import numpy as np

from run_reading.costs import Costs
from run_reading.span_table import SpanTable, read_spans
from ur5_rl_graph import run_files
from ur5_rl_graph.architectures import SHARED_PROCESS
from ur5_rl_graph.whole_file import read_values


def is_run(word: str) -> bool:
    """Whether a word of the command names the folder of a run rather than a setting."""
    return (Path(word) / run_files.IDENTITY).is_file()


def costs_of_run(folder: Path) -> tuple[str, Costs]:
    """Returns the name of a run's setting and the mean costs since its first update.

    Raises:
        ValueError: it holds no spans, or no updates, or its run.json is damaged.
        OSError: a file cannot be read.
    """
    about = read_values(folder / run_files.IDENTITY, {'setting': str, 'architecture': str})
    return about['setting'], mean_costs(read_spans(folder), about['architecture'])


def mean_costs(spans: SpanTable, architecture: str) -> Costs:
    """Returns the mean costs since the first update.

    A mini-batch costs what its process does for it: storing transitions belongs to sampling, handing over
    and sending weights to the update, and taking weights over too where the actor shares the process.

    Raises:
        ValueError: nothing was updated.
    """
    updates = spans.where(_of(spans, 'learner', 'update'))
    if not len(updates.span):
        raise ValueError('the run has no updates: what one costs is not known')
    learning = spans.where(spans.start_s >= updates.start_s[0])

    def total(component: str, *names: str) -> float:
        return sum(float(learning.duration_ms[_of(learning, component, name)].sum()) for name in names)

    def count(component: str, name: str) -> int:
        return max(1, int(_of(learning, component, name).sum()))

    together = SHARED_PROCESS.get(architecture, ())
    update = total('learner', 'handover', 'update', 'weights')
    if 'actor' in together and 'learner' in together:
        update += total('actor', 'load')
    return Costs(
        action_ms=total('actor', 'act', 'transition') / count('actor', 'act'),
        sampling_ms=total('buffer_sampler', 'sample', 'store') / count('buffer_sampler', 'sample'),
        gradient_ms=update / count('learner', 'update'),
        environment_ms=total('environment', 'observe', 'command') / count('environment', 'observe'),
    )


def _of(spans: SpanTable, component: str, name: str) -> np.ndarray:
    return (spans.component == component) & (spans.span == name)
