"""An update on inputs that stay where they are, so that a GPU can be told all of it at once."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sac_learner.frame_mirror import PlacedImages
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
    """Holds mini-batches on the device; captures the work on them once for each kind of update on CUDA.

    There are two on CUDA, which take turns: the next one is copied while the update before runs. Where there
    are no graphs to capture, the same work is done call by call.
    """

    def __init__(self, step: Step, inputs: Sequence[MiniBatch], noise: torch.Generator) -> None:
        """Makes an update that nothing has been captured of.

        Args:
            step: one update of a mini-batch of tensors; its results are tensors, too.
            inputs: the tensors that mini-batches are copied into, by turn.
            noise: the generator that `step` draws from.
        """
        self._step, self._inputs, self._noise = step, inputs, noise
        self._turn = 0
        self._graphs: dict[tuple[Due, int], tuple[torch.cuda.CUDAGraph, Statistics]] = {}
        self._copies = torch.cuda.Stream() if inputs[0].images.is_cuda else None
        self._done = [torch.cuda.Event() for _ in inputs] if self._copies else []

    def capture(self, statistics: Mapping[Due, Statistics]) -> None:
        """Captures the work of each kind. It has been done before, and is not done by this.

        Args:
            statistics: the tensors that the results of each kind are written to. They live outside the
                memory that the graphs share, where the next update of another kind would write over them.
        """
        pool = torch.cuda.graph_pool_handle()  # one update at a time: they can share their memory
        graphs = {}
        for due, results in statistics.items():
            for turn, inputs in enumerate(self._inputs):
                graph = torch.cuda.CUDAGraph()
                graph.register_generator_state(self._noise)
                with torch.cuda.graph(graph, pool=pool):
                    torch._foreach_copy_(list(results.values()), list(self._step(inputs, due).values()))
                graphs[due, turn] = graph, results
        self._graphs = graphs

    def load(self, batch: MiniBatch) -> None:
        """Copies a mini-batch, of arrays or of tensors on the device; arrays are not read after the return.

        It has their shapes (`SacLearner.check`). Images that lie on the device in their frames are cropped
        there.
        """
        turn = (self._turn + 1) % len(self._inputs)
        pairs = list(zip(self._inputs[turn], map(_tensor, batch), strict=True))
        self._turn = turn
        if self._copies is None or pairs[0][1].is_cuda:
            _copy(pairs)
            return
        self._copies.wait_event(self._done[turn])  # the update before the last; the last one goes on
        with torch.cuda.stream(self._copies):
            _copy(pairs)
        self._copies.synchronize()

    def run(self, due: Due) -> Statistics:
        """Does the work on the mini-batch that was loaded last; on CUDA it goes on after the return."""
        if (due, self._turn) not in self._graphs:
            return self._step(self._inputs[self._turn], due)
        graph, statistics = self._graphs[due, self._turn]
        graph.replay()
        self._done[self._turn].record()
        return statistics


def warm_up(step: Step, inputs: MiniBatch, kinds: Sequence[Due]) -> dict[Due, Statistics]:
    """Does updates of each kind on a stream of their own, as a capture needs it; returns their results."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream), warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='.*capturable=True')  # not captured yet, we know
        for _ in range(WARM_UPS):
            statistics = {due: step(inputs, due) for due in kinds}
    torch.cuda.current_stream().wait_stream(stream)
    return statistics


def _tensor(part: np.ndarray | Tensor | PlacedImages) -> Tensor | PlacedImages:
    return part if isinstance(part, PlacedImages) else torch.as_tensor(part)


def _copy(pairs: Sequence[tuple[Tensor, Tensor | PlacedImages]]) -> None:
    for static, given in pairs:
        static.copy_(given.gather() if isinstance(given, PlacedImages) else given, non_blocking=True)
