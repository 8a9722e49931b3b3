"""Random streams of a run: the same for the same seed, and never two alike."""

import itertools

import numpy as np
import pytest

from ur5_rl_graph.random_streams import Stream, generator, number

SEEDS = (*range(40), 12345, 2**31 - 1)
FURTHER = ((), (0,), (1,), (2,), (100,), (10**6,))


def test_no_two_streams_of_any_seeds_begin_alike():
    everything = list(itertools.product(SEEDS, Stream, FURTHER))
    begins = {generator(seed, stream, *further).bytes(16) for seed, stream, further in everything}
    assert len(begins) == len(everything)
    assert len({number(seed, stream, *further) for seed, stream, further in everything}) == len(everything)


def test_a_stream_is_not_what_its_own_number_seeds():
    """Generators made elsewhere (torch, a target's) are seeded by numbers."""
    begins = {generator(seed, stream).bytes(16) for seed, stream in itertools.product(SEEDS, Stream)}
    seeded = {
        np.random.default_rng(number(seed, stream)).bytes(16)
        for seed, stream in itertools.product(SEEDS, Stream)
    }
    assert not begins & seeded


def test_a_stream_repeats_itself():
    first, again = (generator(3, Stream.EXPLORATION, 7).random(5) for _ in range(2))
    assert (first == again).all()
    assert 0 <= number(3, Stream.TARGETS, 1) == number(3, Stream.TARGETS, 1) < 2**64


@pytest.mark.parametrize('stream', Stream)
def test_a_stream_keeps_its_number(stream):
    """Another number would give every run of every seed other results."""
    names = 'NETWORKS UPDATES EXPLORATION MINI_BATCHES SENSOR_DELAY PIXEL_NOISE TARGETS'.split()
    assert names[stream] == stream.name
