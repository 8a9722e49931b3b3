"""What driver and environment make of an arm/status of another run: a bag's, a neighbour's, a broken one."""

from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')

from ur5_rl_env.neighbours import LIVE_S, Neighbours
from ur5_rl_env.nodes import arm_driver
from ur5_rl_env.nodes.environment import EnvironmentNode
from ur5_rl_graph.messages import time_from_ns
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_interfaces.msg import ArmStatus

NOW_NS = 1_800_000_000_000_000_000


def status(run='run_other', run_age_s=1000.0, sent_s_ago=0.1):
    message = ArmStatus(run=run, run_age_s=run_age_s, state=ArmStatus.STATE_EMERGENCY_STOP)
    message.header.stamp = time_from_ns(NOW_NS - round(1e9 * sent_s_ago))
    return message


@pytest.fixture
def hear(monkeypatch):
    """hear(message) -> the warnings of the driver of run_ours, 100 s old."""
    monkeypatch.setattr(arm_driver.time, 'time_ns', lambda: NOW_NS)
    warnings = []
    driver = SimpleNamespace(
        _neighbours=Neighbours('run_ours', lambda: 100.0),
        _run=SimpleNamespace(run_identity='run_ours'),
        get_logger=lambda: SimpleNamespace(warning=warnings.append),
    )

    def take(message):
        arm_driver.ArmDriver._on_status(driver, message)
        return warnings

    return take


@pytest.mark.parametrize('sent_s_ago', [-LIVE_S + 0.1, 0.0, LIVE_S - 0.1])
def test_a_living_driver_of_an_older_run_ends_this_one(hear, sent_s_ago, capsys):
    with pytest.raises(SystemExit):
        hear(status(sent_s_ago=sent_s_ago))
    assert 'run run_other (1000 s old) has an arm here, too' in capsys.readouterr().err


@pytest.mark.parametrize(
    'wrong',
    [
        {'sent_s_ago': LIVE_S + 0.1},
        {'sent_s_ago': 3e5},
        {'sent_s_ago': -LIVE_S - 0.1},
        {'run_age_s': float('nan')},
        {'run_age_s': float('inf')},
        {'run_age_s': -1.0},
    ],
)
def test_a_bag_that_is_played_and_an_age_that_is_none_end_nothing_and_are_told_once(hear, wrong):
    for _ in range(2):
        (line,) = hear(status(**wrong))
    assert line.startswith('arm: an arm/status of run run_other is ignored (sent ')


@pytest.mark.parametrize(('run', 'taken'), [('run_ours', 1), ('', 1), ('run_other', 0)])
def test_the_environment_takes_the_word_of_no_other_runs_arm(run, taken):
    handled = []
    environment = SimpleNamespace(_run=RunConfig(run_identity='run_ours'), _handle=handled.append)
    EnvironmentNode._on_arm(environment, status(run))
    assert len(handled) == taken
