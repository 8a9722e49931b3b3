"""The mean of what was executed, whatever is sent; an executed action is one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ur5_rl_env.executed import FULL_SPEED, REPORT_S, Executed, ExecutedMean, executed_action

SIX = st.tuples(*[st.floats(-2.0, 2.0)] * 6)
SENT = st.tuples(st.integers(1, 3), SIX, st.floats(0.0, 1.0), st.booleans())
"""(stamp of the command, velocity, speed scaling, changed)."""


@given(sent=st.lists(SENT, max_size=40))
def test_the_mean_is_over_the_steps_of_the_command_alone(sent):
    mean = ExecutedMean()
    steps, before = [], None
    for stamp, velocity, scaling, changed in sent:
        steps = steps if stamp == before else []
        steps.append((np.array(velocity) * scaling, changed or scaling < FULL_SPEED))
        before = stamp
        found = mean.sent(stamp, velocity, scaling, changed)
        assert found.stamp_ns == stamp
        assert found.velocity == pytest.approx(np.mean([value for value, _ in steps], axis=0), abs=1e-12)
        assert found.changed == any(change for _, change in steps)


@given(
    requested=st.tuples(*[st.floats(-1.0, 1.0, width=32)] * 5),
    age=st.floats(0.0, 2 * REPORT_S),
    newest=st.none() | st.builds(Executed, st.integers(1, 2), SIX, st.booleans()),
    measured=SIX,
)
def test_an_executed_action_is_the_requested_one_or_a_changed_one_within_its_range(
    requested, age, newest, measured
):
    requested = np.array(requested, np.float32)
    found = executed_action(requested, 2, age, newest, np.array(measured), 0.7)
    assert found.action.dtype == np.float32 and found.action.shape == (5,)
    assert np.abs(found.action).max() <= 1.0
    if not found.changed:
        assert found.action.tobytes() == requested.tobytes()
    if newest is not None and newest.stamp_ns == 2:
        assert found.reported and found.changed == newest.changed
