"""Random streams of a run: the same for the same seed, and never two alike."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from ur5_rl_graph.random_streams import Stream, generator, number

SOURCES = Path(__file__).resolve().parents[2]
SEEDS = (*range(40), 12345, 2**31 - 1)
FURTHER = ((), (0,), (1,), (2,), (100,), (10**6,))


def test_no_two_streams_of_any_seeds_begin_alike():
    everything = list(itertools.product(SEEDS, Stream, FURTHER))
    begins = {generator(seed, stream, *further).bytes(16) for seed, stream, further in everything}
    assert len(begins) == len(everything)
    assert len({number(seed, stream, *further) for seed, stream, further in everything}) == len(everything)


def test_torch_on_a_cpu_which_takes_half_of_a_number_is_seeded_by_no_two_alike():
    both = itertools.product(SEEDS, (Stream.NETWORKS, Stream.UPDATES), FURTHER)
    halves = [number(seed, stream, *further) % 2**32 for seed, stream, further in both]
    assert len(set(halves)) == len(halves)


def test_no_other_place_makes_a_generator_of_the_seed_of_a_run():
    makers = re.compile(r'SeedSequence\(|default_rng\(\[|default_rng\([^)]*config|manual_seed\((?!number\()')
    places = [path for path in SOURCES.glob('*/*/**/*.py') if '/test/' not in str(path)]
    assert len(places) > 100
    found = {path.name for path in places if makers.search(path.read_text())}
    assert found == {'random_streams.py'}


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
    names = 'NETWORKS UPDATES EXPLORATION MINI_BATCHES SENSOR_DELAY PIXEL_NOISE TARGETS JUMPS'.split()
    assert names[stream] == stream.name
