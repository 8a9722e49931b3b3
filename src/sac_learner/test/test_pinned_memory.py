"""Which memory is pinned, and when; CUDA is a list of what it was asked for."""

import mmap
from types import SimpleNamespace

import numpy as np
import pytest

from sac_learner import pinned_memory
from sac_learner.pinned_memory import PinnedMemory


class Cuda:
    """Stands for torch; its runtime answers `error` to each memory."""

    def __init__(self):
        self.asked, self.error = [], 0
        self.cuda = SimpleNamespace(cudart=lambda: self, synchronize=lambda: self.asked.append('wait'))

    def cudaHostRegister(self, address, size, flags):
        self.asked.append(('pin', address, size, flags))
        return self.error

    def cudaHostUnregister(self, address):
        self.asked.append(('free', address))

    def cudaGetErrorString(self, error):
        return f'error {error}'

    def zeros(self, *shape, device):
        self.asked.append(f'work on {device}')
        raise RuntimeError('told once more')


@pytest.fixture
def cuda(monkeypatch):
    cuda = Cuda()
    monkeypatch.setattr(pinned_memory, 'torch', cuda)
    return cuda


def address(memory):
    return np.frombuffer(memory, np.uint8).ctypes.data


def test_the_newest_memory_is_pinned_and_the_one_before_it_free_once_no_copy_reads_it(cuda, capsys):
    asked, pinned = cuda.asked, PinnedMemory('cuda')
    first, second = mmap.mmap(-1, 4096), mmap.mmap(-1, 8192)
    pinned(first)
    assert asked == [('pin', address(first), 4096, 8)]
    with pytest.raises(BufferError):
        first.close()  # the GPU may read it
    where = address(first)
    pinned(second)
    assert asked[1:] == ['wait', ('free', where), ('pin', address(second), 8192, 8)]
    first.close()
    assert not capsys.readouterr().out


def test_a_memory_that_cannot_be_pinned_is_told_and_forgotten(cuda, capsys):
    asked, pinned = cuda.asked, PinnedMemory('cuda')
    memories = [mmap.mmap(-1, 4096) for _ in range(4)]
    pinned(memories[0])
    freed = ['wait', ('free', address(memories[0]))]
    cuda.error = 2
    for memory in memories[1:3]:
        asked.clear()
        expected = [*freed, ('pin', address(memory), 4096, 8), 'work on cuda']
        pinned(memory)
        memory.close()
        assert asked == expected
        said = 'learner: slots are not pinned (error 2): copies to the GPU take longer\n'
        assert capsys.readouterr().out == said
        freed = []  # nothing that was not pinned
    asked.clear()
    cuda.error = 0
    pinned(memories[3])
    assert asked == [('pin', address(memories[3]), 4096, 8)]


def test_nothing_is_pinned_where_there_is_no_cuda(cuda):
    asked, pinned = cuda.asked, PinnedMemory('cpu')
    pinned(mmap.mmap(-1, 4096))
    assert not asked
