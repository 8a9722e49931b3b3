"""What the parameters of several nodes must agree on is looked at before anything starts."""

import pytest

from ur5_rl_env.agreement import check_home, check_run
from ur5_rl_env.guard import Guard, GuardConfig

HOME = (1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415)


def test_the_defaults_agree():
    check_run({'/**': {}})


@pytest.mark.parametrize(
    'nodes',
    [
        {'/**': {'max_joint_velocity': 0.8}},
        {'/**': {'max_velocity': 0.5}},
        {'/**': {'max_velocity': 0.9, 'max_joint_velocity': 0.8}, '/arm_driver': {'max_velocity': 0.7}},
        {'/**': {}, '/environment': {'max_joint_velocity': 0.75}},
    ],
)
def test_actions_that_the_guard_would_clip_are_refused(nodes):
    with pytest.raises(
        ValueError, match=r'max_joint_velocity \(environment\) is 0\.\d+ rad/s, above max_velo'
    ):
        check_run(nodes)


def test_actions_that_it_would_not_are_taken():
    check_run({'/**': {'max_joint_velocity': 0.3}})
    check_run({'/**': {'max_joint_velocity': 0.9}, '/arm_driver': {'max_velocity': 0.9}})


@pytest.mark.parametrize(
    ('nodes', 'message'),
    [
        ({'/**': {'home': (0.0,) * 6}}, r'home is \(0.0, 0.0.* rad, where wrist_1_joint is not inside'),
        ({'/arm_driver': {'box_low': (0.0, 0.1, 0.1)}}, 'where flange x is not inside its bounds by 0.002'),
        ({'/**': {'tool_offset': (0.0, 0.0, 0.9)}}, 'where flange y is not inside'),
        ({'/arm_driver': {'joint_low': (0.0,) * 5}}, 'joint_low and joint_high hold 5 and 6 numbers'),
    ],
)
def test_a_home_that_is_not_inside_is_refused(nodes, message):
    with pytest.raises(ValueError, match=message):
        check_run(nodes)


def test_a_home_at_a_bound_is_refused():
    close = (HOME[0], GuardConfig().joint_low[1] + 1e-3, *HOME[2:])
    check_home(HOME, Guard(GuardConfig()))
    with pytest.raises(ValueError, match='the arm is not inside its bounds by 0.002 rad or m'):
        check_home(close, Guard(GuardConfig()))
