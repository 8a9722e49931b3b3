"""What a captured update asks of CUDA, and in which order: nothing is overwritten while it is read."""

from collections import Counter
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sac_learner import static_update
from sac_learner.static_update import WARM_UPS, Due, StaticUpdate, warm_up
from ur5_rl_graph.data import MiniBatch

KINDS = [Due(True, False), Due(False, False)]


class Named:
    """A stream, an event or a graph."""

    def __init__(self, name, asked):
        self._name, self._asked = name, asked

    def __getattr__(self, call):
        return lambda *given: self._asked.append((self._name, call, *map(str, given)))

    def __str__(self):
        return self._name


class Cuda:
    """Stands for torch.cuda; writes down what it is asked for."""

    def __init__(self):
        self.asked, self._made = [], Counter()
        self.Stream, self.Event, self.CUDAGraph, self.graph_pool_handle = (
            partial(self._new, kind) for kind in ('stream', 'event', 'graph', 'pool')
        )
        current = self._new('current')
        self.current_stream = lambda: current

    def _new(self, kind):
        self._made[kind] += 1
        return Named(f'{kind} {self._made[kind]}', self.asked)

    @contextmanager
    def _within(self, *what):
        self.asked.append(('begin', *what))
        yield
        self.asked.append(('end', *what))

    def stream(self, stream):
        return self._within(str(stream))

    def graph(self, graph, pool):
        return self._within(str(graph), str(pool))


class Part:
    """Stands for a tensor on the device."""

    is_cuda, shape = True, torch.Size([2])

    def __init__(self, cuda, name):
        self._cuda, self._name = cuda, name

    def copy_(self, given, non_blocking):
        assert non_blocking
        self._cuda.asked.append(('copy to', self._name))


@pytest.fixture
def cuda(monkeypatch):
    cuda = Cuda()
    words = {'as_tensor': torch.as_tensor, '_foreach_copy_': torch._foreach_copy_, 'Tensor': torch.Tensor}
    monkeypatch.setattr(static_update, 'torch', SimpleNamespace(cuda=cuda, **words))
    return cuda


def inputs(cuda, name):
    return MiniBatch(*(Part(cuda, name) for _ in MiniBatch._fields))


def batch():
    return MiniBatch(*(np.zeros(2, np.float32) for _ in MiniBatch._fields))


def make(cuda):
    def step(given, due):
        cuda.asked.append(('step', given.images._name, due))
        return {'loss': torch.tensor(7.0)}

    return step, StaticUpdate(step, [inputs(cuda, 'a'), inputs(cuda, 'b')], 'noise')


def test_a_mini_batch_comes_beside_the_last_update_once_the_one_before_it_has_read_its_place(cuda):
    _, update = make(cuda)
    for name, event in (('b', 'event 2'), ('a', 'event 1'), ('b', 'event 2')):
        update.load(batch())
        assert cuda.asked == [
            ('stream 1', 'wait_event', event),
            ('begin', 'stream 1'),
            *[('copy to', name)] * len(MiniBatch._fields),
            ('end', 'stream 1'),
            ('stream 1', 'synchronize'),
        ]
        cuda.asked.clear()


def test_each_kind_of_update_is_captured_once_for_each_place_in_one_memory(cuda):
    _, update = make(cuda)
    statistics = {due: {'loss': torch.zeros(())} for due in KINDS}
    update.capture(statistics)
    expected = []
    for number, (due, name) in enumerate((due, name) for due in KINDS for name in 'ab'):
        expected += [
            (f'graph {number + 1}', 'register_generator_state', 'noise'),
            ('begin', f'graph {number + 1}', 'pool 1'),
            ('step', name, due),
            ('end', f'graph {number + 1}', 'pool 1'),
        ]
    assert cuda.asked == expected
    assert all(results['loss'] == 7.0 for results in statistics.values())


def test_a_captured_update_is_replayed_where_its_mini_batch_is_and_says_when_it_has_read_it(cuda):
    _, update = make(cuda)
    statistics = {due: {'loss': torch.zeros(())} for due in KINDS}
    update.capture(statistics)
    for place, graph in ((2, 4), (1, 3)):
        update.load(batch())
        cuda.asked.clear()
        assert update.run(KINDS[1]) is statistics[KINDS[1]]
        assert cuda.asked == [(f'graph {graph}', 'replay'), (f'event {place}', 'record')]


def test_what_was_not_captured_is_done_call_by_call(cuda):
    _, update = make(cuda)
    update.load(batch())
    cuda.asked.clear()
    assert update.run(KINDS[0])['loss'] == 7.0
    assert cuda.asked == [('step', 'b', KINDS[0])]


def test_a_capture_is_prepared_for_on_a_stream_of_its_own_between_what_was_and_what_comes(cuda):
    step, _ = make(cuda)
    found = warm_up(step, inputs(cuda, 'a'), KINDS)
    assert list(found) == KINDS and found[KINDS[0]]['loss'] == 7.0
    before, begin, *steps, end, after = cuda.asked
    assert before == ('stream 2', 'wait_stream', 'current 1') and after == (
        'current 1',
        'wait_stream',
        'stream 2',
    )
    assert (begin, end) == (('begin', 'stream 2'), ('end', 'stream 2'))
    assert steps == [('step', 'a', due) for due in KINDS] * WARM_UPS and WARM_UPS == 3
