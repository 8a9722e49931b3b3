"""The arm driver's node as a process: what ends it, and with which line."""

import os
import subprocess
import sys

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')

pytestmark = pytest.mark.graph


def driver(code='', **parameters):
    """Runs the node, after `code`, until it ends by itself; returns its exit code and standard error."""
    arguments = [text for name, value in parameters.items() for text in ('-p', f'{name}:={value}')]
    main = 'import sys; from ur5_rl_env.nodes.arm_driver import main; sys.exit(main())'
    done = subprocess.run(
        [sys.executable, '-c', f'{code}\n{main}', '--ros-args', *arguments],
        env={
            **os.environ,
            'ROS_DOMAIN_ID': str(40 + os.getpid() % 50),
            'PYTHONPATH': os.pathsep.join(sys.path),
        },
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


def test_a_bug_in_the_thread_of_the_session_ends_the_node_in_one_line():
    code = (
        'from ur5_rl_env.devices.arm_session import ArmSession; ArmSession._run = lambda self: {}["joints"]'
    )
    returned, errors = driver(code)
    assert returned == 1
    line = "error: arm_driver: the thread of the arm session has ended: KeyError: 'joints' (<string>:1)"
    assert errors.splitlines().count(line) == 1, errors
