"""Images and joint states in any order: what is paired belongs together, and is of its time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ur5_rl_env.joint_history import CARRY_ON_NS, Joints
from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_env.sync import Frame, Synchroniser
from ur5_rl_graph.data import STACK

MS = 1_000_000
CONFIG = SensorConfig()
RATES = np.linspace(-0.5, 0.5, 6)  # [rad/s]
PIXELS = np.zeros((1, 1, 3), np.uint8)
ARRIVALS = st.lists(
    st.tuples(st.sampled_from(['image', 'joints', 'joints', 'joints', 'clear']), st.integers(0, 60)),
    max_size=80,
)
"""(what comes, how long after the newest of its kind it was captured [ms]; now and then too late)."""


def joints_at(stamp_ns):
    """An arm in steady motion: what lies between two states is known."""
    return Joints(stamp_ns, RATES * 1e-9 * stamp_ns, RATES)


@given(arrivals=ARRIVALS, older=st.booleans(), disorder=st.booleans())
def test_a_pair_is_three_images_in_a_row_and_the_joints_of_the_newest_one(arrivals, older, disorder):
    sync = Synchroniser(0.040, CONFIG)
    at = {'image': 1000, 'joints': 1000}  # [ms]
    taken, heard, since = [], [], 0
    for number, (what, step) in enumerate(arrivals):
        if what == 'clear':
            since = max(at.values()) * MS
            sync.clear(since)
            taken, heard = [], []
            continue
        at[what] += step - (25 if disorder and number % 5 == 0 else 0)
        stamp = at[what] * MS
        if what == 'image':
            wanted = stamp >= since and (not taken or stamp > taken[-1])
            assert sync.add_frame(Frame(stamp, PIXELS, PIXELS)) == wanted
            taken += [stamp] * wanted
        else:
            sync.add_joints(joints_at(stamp))
            heard += [stamp] * (stamp >= since and (not heard or stamp > heard[-1]))
        reached = sync.reached
        pair = sync.pair(older)
        if pair is None:
            assert sync.cause and not (older and reached)
            continue
        stamps = [frame.frame_id for frame in pair.frames]
        end = taken.index(stamps[-1]) + 1
        assert stamps == taken[end - STACK : end]
        assert older or end == len(taken)
        assert pair.joints.stamp_ns == stamps[-1]
        np.testing.assert_allclose(pair.joints.position, RATES * 1e-9 * stamps[-1], rtol=0, atol=1e-9)
        before = [stamp for stamp in heard if stamp <= stamps[-1]]
        if pair.heard_ns < stamps[-1]:
            assert pair.heard_ns == heard[-1] and stamps[-1] - heard[-1] <= CARRY_ON_NS
        elif pair.heard_ns > stamps[-1]:
            assert pair.heard_ns - before[-1] <= 1e9 * CONFIG.max_joint_gap_s
