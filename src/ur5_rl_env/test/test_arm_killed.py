"""The servo's process killed and stopped near a bound: what then stops the arm keeps it inside."""

import dataclasses
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ur5_cell.controller_process import ControllerProcess
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_session import ArmSession
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.watchdog import WatchdogConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'ur5_cell/test'))
from own_address import own_address

GUARD = GuardConfig()
BOUND = GUARD.joint_high[0]
SPEED = 0.25  # [rad/s]: with the 0.1 s and 0.2 s of before it was farthest beyond, 12 mrad
NEAR = BOUND - 0.055  # where it still drives so fast
LIMIT = 1e-3  # [rad], SPEC section 7


def until(condition, limit=60.0):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGSTOP])
def test_a_servo_that_ends_at_full_speed_near_a_bound_does_not_let_the_arm_pass_it(number):
    host = own_address('killed', number)
    start = ('--start-joints', str(BOUND - 0.15), '-2.0', '1.9', '-3.0415', '-1.5707', '3.1415')
    configs = {'arm': ArmConfig(robot_ip=host), 'guard': GUARD, 'watchdog': WatchdogConfig()}
    settings = {name: dataclasses.asdict(config) for name, config in configs.items()}
    with ControllerProcess(host, arguments=start) as controller:
        session = ArmSession(settings, lambda packet: None, lambda code: None)

        way = SPEED

        def near():
            nonlocal way
            state = controller.ring.latest()
            if state.q[0] < BOUND - 0.1:
                way = SPEED
            elif state.q[0] > NEAR and state.qd[0] <= 0.9 * SPEED:
                way = -SPEED  # a busy machine did not look in time: once more
            session.velocity(time.time_ns(), (way, 0.0, 0.0, 0.0, 0.0, 0.0))
            return state.q[0] > NEAR and state.qd[0] > 0.9 * SPEED

        try:
            until(near)
            os.kill(session._process.pid, number)
            until(lambda: not any(controller.ring.latest().qd))
            assert NEAR < controller.ring.latest().q[0] <= BOUND + LIMIT
        finally:
            session.close()
