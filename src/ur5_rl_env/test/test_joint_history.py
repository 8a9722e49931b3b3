"""The arm at any instant: between two joint states, a little after the newest, and nowhere else."""

import numpy as np
import pytest

from ur5_rl_env.joint_history import JointHistory, Joints, UnbracketedError

MS = 1_000_000
RATES = np.arange(1.0, 7.0)


def moving(ms):
    """All joints at constant acceleration, each at another."""
    time = 1e-3 * ms
    return Joints(round(ms * MS), 0.5 * RATES * time**2, RATES * time)


def history(*stamps_ms, keep_s=2.5):
    made = JointHistory(keep_s, max_gap_s=0.04)
    for ms in stamps_ms:
        made.add(moving(ms))
    return made


def test_between_two_states_the_joints_are_linear_in_time():
    joints, heard = history(0, 8, 16).at(10 * MS)
    assert (joints.stamp_ns, heard) == (10 * MS, 16 * MS)
    assert joints.position == pytest.approx(0.75 * moving(8).position + 0.25 * moving(16).position, abs=1e-15)
    assert joints.velocity == pytest.approx(RATES * 0.010, abs=1e-12)


@pytest.mark.parametrize('ms', [0, 8, 16])
def test_at_a_state_it_is_that_state(ms):
    joints, heard = history(0, 8, 16).at(ms * MS)
    assert heard == ms * MS
    assert joints.position.tolist() == moving(ms).position.tolist()


def test_after_the_newest_the_arm_is_carried_on_for_one_control_period():
    joints, heard = history(0, 8).at(16 * MS)
    assert (joints.stamp_ns, heard) == (16 * MS, 8 * MS)
    assert joints.position == pytest.approx(moving(8).position + 0.008 * moving(8).velocity)
    assert joints.velocity.tolist() == moving(8).velocity.tolist()
    with pytest.raises(UnbracketedError, match='9 ms after the newest joint state .limit 8 ms'):
        history(0, 8).at(17 * MS)


def test_what_is_older_than_all_states_has_no_joints():
    with pytest.raises(UnbracketedError, match='3 ms before the oldest joint state kept'):
        history(8, 16).at(5 * MS)
    with pytest.raises(UnbracketedError, match='no joint states'):
        history().at(5 * MS)


def test_a_gap_brackets_nothing_but_its_ends_do():
    gap = history(0, 8, 48, 96)
    assert gap.at(28 * MS)[0].position.shape == (6,)
    assert gap.at(48 * MS)[1] == 48 * MS
    with pytest.raises(UnbracketedError, match='missing for 48 ms around it .limit 40 ms, max_joint_gap_s'):
        gap.at(60 * MS)


def test_states_that_are_not_newer_are_ignored():
    made = history(0, 16, 8, 16)
    assert len(made) == 2
    assert made.at(8 * MS)[0].position == pytest.approx(0.5 * moving(16).position)


def test_only_the_last_seconds_are_kept():
    made = history(*range(0, 4000, 8), keep_s=1.0)
    assert len(made) == 126  # 2992 to 3992 ms, both ends
    assert made.at(2992 * MS)[1] == 2992 * MS
    with pytest.raises(UnbracketedError, match='before the oldest'):
        made.at(2991 * MS)
    made.clear()
    assert len(made) == 0
