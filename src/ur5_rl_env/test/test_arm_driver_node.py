"""The arm driver's node as a process: what ends it, and with which line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from own_domain import own_domain

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')

sys.path.insert(0, str(Path(__file__).parent))
from fake_controller import FakeController
from own_address import own_address

pytestmark = pytest.mark.graph


def driver(code='', **parameters):
    """Runs the node, after `code`, until it ends by itself; returns its exit code and standard error."""
    arguments = [text for name, value in parameters.items() for text in ('-p', f'{name}:={value}')]
    main = 'import sys; from ur5_rl_env.nodes.arm_driver import main; sys.exit(main())'
    done = subprocess.run(
        [sys.executable, '-c', f'{code}\n{main}', '--ros-args', *arguments],
        env={
            **os.environ,
            'ROS_DOMAIN_ID': str(own_domain()),
            'PYTHONPATH': os.pathsep.join(sys.path),
        },
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


def test_another_robot_than_a_ur5_cb3_ends_the_launch_in_one_line():
    host = own_address('driver')
    with FakeController(host, version=(5, 11, 0, 0)) as fake:
        returned, errors = driver(robot_ip=fake.host)
    assert returned == 2
    (line,) = [line for line in errors.splitlines() if 'FATAL' in line]
    assert 'gave up' not in line, 'at once'
    assert f'arm: the robot at {host} is a UR5 with PolyScope 5.11.0, but robot_model is ur5 (UR5' in line


def test_a_word_that_the_driver_could_not_hear_is_refused_before_the_controller_is_touched():
    code = (
        'from ur5_rl_env.nodes import arm_driver\n'
        'def made(*arguments): raise AssertionError("a session")\n'
        'arm_driver.ArmSession = made'
    )
    returned, errors = driver(code, confirm=True, run_folder='folder')
    assert returned == 2 and errors.count('\n') == 1
    assert errors.startswith("error: confirm is true, run_folder is 'folder' and run_identity is '': ")


def test_whom_the_arm_obeys_is_judged_by_the_watchdogs_time_and_the_action_cycle():
    code = (
        'from ur5_rl_env.nodes import arm_driver\n'
        'def made(*arguments): raise ValueError(arguments)\n'
        'arm_driver.Commander = made'
    )
    returned, errors = driver(code, watchdog_s=0.3, action_cycle_s=0.6)
    assert (returned, errors) == (2, "error: ('', 0.3, 0.6)\n")


def test_a_bug_in_the_thread_of_the_session_ends_the_node_in_one_line():
    code = (
        'from ur5_rl_env.devices.arm_session import ArmSession; ArmSession._run = lambda self: {}["joints"]'
    )
    returned, errors = driver(code)
    assert returned == 1
    line = "error: arm_driver: the thread of the arm session has ended: KeyError: 'joints' (<string>:1)"
    assert errors.splitlines().count(line) == 1, errors
