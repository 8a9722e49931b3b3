"""A driver connects to the simulated controller of its own run only."""

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip('rtde_control')

from ur5_cell.controller_process import ControllerProcess
from ur5_rl_env.cell_owner import FAULT_PORT
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import LinkLostError
from ur5_rl_env.devices.arm_process import check_owner

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'ur5_cell/test'))
from own_address import own_address

HOST, NOBODY = (own_address('owner', number) for number in range(2))


def config(run, host=HOST):
    return ArmConfig(robot_ip=host, cell_run=run)


def test_the_controller_says_whose_it_is():
    with ControllerProcess(HOST, fault_port=FAULT_PORT, arguments=('--run-identity', 'run_a')):
        check_owner(config('run_a'))
        check_owner(config(''))  # any controller will do
        with pytest.raises(LinkLostError, match=f'at {HOST} belongs to run run_a, not to our run run_b'):
            check_owner(config('run_b'))


def test_a_controller_that_was_started_by_hand_is_no_runs():
    with ControllerProcess(HOST, fault_port=FAULT_PORT):
        with pytest.raises(LinkLostError, match='belongs to no run that it names') as caught:
            check_owner(config('run_a'))
        assert not re.search(r'\n', str(caught.value))


def test_what_does_not_say_whose_it_is_is_not_ours():
    with pytest.raises(LinkLostError, match='belongs to no run that it names'):
        check_owner(config('run_a', NOBODY))
    check_owner(config('', NOBODY))  # a real controller has no such port
