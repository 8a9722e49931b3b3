"""An update on inputs that stay where they are, so that a GPU can be told all of it at once."""

import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ur5_rl_graph.data import MiniBatch


class Due(NamedTuple):
    """What an update does beside that of critics and encoder."""

    actor: bool
    targets: bool


Statistics = dict[str, Tensor]
Step = Callable[[MiniBatch, Due], Statistics]
WARM_UPS = 3
"""Updates before a capture: torch chooses and loads its kernels in them."""


class StaticUpdate:
    """Holds one mini-batch on the device; captures the work on it once for each kind of update on CUDA.

    Where there are no graphs to capture, the same work is done call by call.
    """

    def __init__(self, step: Step, inputs: MiniBatch, noise: torch.Generator) -> None:
        """Makes an update that nothing has been captured of.

        Args:
            step: one update of a mini-batch of tensors; its results are tensors, too.
            inputs: the tensors that mini-batches are copied into.
            noise: the generator that `step` draws from.
        """
        self._step, self._inputs, self._noise = step, inputs, noise
        self._graphs: dict[Due, tuple[torch.cuda.CUDAGraph, Statistics]] = {}

    def capture(self, kinds: Sequence[Due]) -> None:
        """Captures the work of each kind. It has been done before, and is not done by this."""
        pool = torch.cuda.graph_pool_handle()  # one update at a time: they can share their memory
        graphs = {}
        for due in kinds:
            graph = torch.cuda.CUDAGraph()
            graph.register_generator_state(self._noise)
            with torch.cuda.graph(graph, pool=pool):
                statistics = self._step(self._inputs, due)
            graphs[due] = graph, statistics
        self._graphs = graphs

    def load(self, batch: MiniBatch) -> None:
        """Copies a mini-batch, of arrays or of tensors on the device; arrays are not read after the return.

        Raises:
            ValueError: it is of another shape.
        """
        for name, static, array in zip(batch._fields, self._inputs, batch, strict=True):
            if array.shape != static.shape:
                raise ValueError(
                    f'{name} of the mini-batch is {tuple(array.shape)}, '
                    f'the learner takes {tuple(static.shape)}; give sampler and learner the same setting'
                )
            static.copy_(torch.as_tensor(array))

    def run(self, due: Due) -> Statistics:
        """Does the work on the mini-batch that was loaded last; on CUDA it goes on after the return."""
        if due not in self._graphs:
            return self._step(self._inputs, due)
        graph, statistics = self._graphs[due]
        graph.replay()
        return statistics


def warm_up(step: Step, inputs: MiniBatch, kinds: Sequence[Due]) -> None:
    """Does updates of each kind on a stream of their own, as a capture needs it."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream), warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='.*capturable=True')  # not captured yet, we know
        for _ in range(WARM_UPS):
            for due in kinds:
                step(inputs, due)
    torch.cuda.current_stream().wait_stream(stream)
