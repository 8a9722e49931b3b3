"""Slots under any order of taking, handing out and doneness; any mini-batch survives its place in memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from buffer_sampler.slots import SlotPool, SlotReader, batch_bytes, batch_views

HEIGHT, WIDTH = 2, 3


@given(
    count=st.integers(1, 4),
    script=st.lists(
        st.one_of(st.sampled_from(['hand out', 'reclaim']), st.integers(0, 30).map(lambda n: ('done', n))),
        max_size=60,
    ),
)
def test_no_slot_is_given_twice_and_none_is_lost(count, script):
    pool = SlotPool(count, 1, HEIGHT, WIDTH)
    reader = SlotReader(pool.path, pool.token)
    out, newest = {}, 0  # batch id -> its slot, which holds the id as its reward
    try:
        for what in script:
            match what:
                case 'hand out':
                    if not pool.has_free:
                        continue
                    slot, newest = pool.take(), newest + 1
                    assert slot.index not in {other.index for other in out.values()}
                    slot.views.reward[:] = newest
                    pool.hand_out(slot, newest)
                    out[newest] = slot
                case 'reclaim':
                    pool.reclaim()
                    out = {}
                case ('done', number):  # also of one that never was, or was done before
                    pool.done(number)
                    out = {batch: slot for batch, slot in out.items() if batch > number}
            assert pool.handed_out == len(out)
            assert pool.has_free == (len(out) < count)
            for batch, slot in out.items():
                assert reader.views(slot.offset, 1, HEIGHT, WIDTH).reward[0] == batch
    finally:
        pool.close()


@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4)),
    offset=st.integers(0, 3).map(lambda words: 4 * words),
    seed=st.integers(0, 9),
)
def test_arrays_of_a_mini_batch_lie_side_by_side_and_fill_its_bytes(shape, offset, seed):
    buffer = bytearray(offset + batch_bytes(*shape))
    rng = np.random.default_rng(seed)
    views = batch_views(buffer, offset, *shape)
    wanted = [rng.integers(0, 200, view.shape).astype(view.dtype) for view in views]
    for view, values in zip(views, wanted, strict=True):
        view[:] = values
    for found, values in zip(batch_views(bytes(buffer), offset, *shape), wanted, strict=True):
        np.testing.assert_array_equal(found, values)
    assert sum(view.nbytes for view in views) == len(buffer) - offset
