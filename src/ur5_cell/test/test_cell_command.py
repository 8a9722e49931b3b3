"""The controller as people start it: `./ur5rl cell`, and the example of the README."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ur5_cell import __main__ as command
from ur5_cell import faults
from ur5_cell.controller import RobotController
from ur5_cell.controller_process import child_environment
from ur5_cell.robot_config import RobotConfig

sys.path.insert(0, str(Path(__file__).parent))
from own_address import own_address

README = Path(__file__).resolve().parents[1] / 'README.md'


def start(*words, **popen):
    program = (sys.executable, '-m', 'ur5_rl_graph.program', *words)
    return subprocess.Popen(program, env=child_environment(), stdout=subprocess.PIPE, text=True, **popen)


def test_the_lines_that_it_prints_move_its_arm_and_an_interrupt_ends_it():
    host = own_address('command', 0)
    with start('ur5_cell', f'address:={host}') as cell:
        said = []
        while not said or 'listening on' not in said[-1]:
            said.append(cell.stdout.readline())
            assert said[-1], said
        assert [int(line.split()[0]) for line in said if re.match('  [0-9]', line)] == [
            *(30004, 30003, 29999),
            30099,
        ]
        lines = said[said.index('with ur_rtde, in another process:\n') + 1 :][:2]
        code = ''.join(line.strip() + '\n' for line in lines).replace('arm.moveJ', 'assert arm.moveJ')
        client = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=60)
        assert client.returncode == 0, client.stderr
        faults.request(host, 30099, 'emergency_stop')
        cell.send_signal(signal.SIGINT)
        rest = cell.stdout.read()
        assert cell.wait() == 0 and 'program started' in rest and 'steps left out' in rest


def test_the_example_of_the_readme_runs(tmp_path):
    (example,) = re.findall(r'^```python\n(.*?)^```', README.read_text(encoding='utf-8'), re.M | re.S)
    assert "HOST = '127.0.0.9'" in example
    path = tmp_path / 'test_example.py'
    path.write_text(example.replace('127.0.0.9', own_address('command', 1)), encoding='utf-8')
    with start('pytest', '-q', '--rootdir', str(tmp_path), '-c', '/dev/null', str(path)) as run:
        said = run.stdout.read()
    assert run.returncode == 0 and '1 passed' in said, said


@pytest.mark.parametrize(
    ('word', 'said'),
    [
        ('address:=192.168.1.10', 'address is "192.168.1.10"; .* loopback only'),
        ('address:=nowhere', 'address is "nowhere"; .* loopback only'),
        ('start_joints:=a', "start_joints is 'a'; it takes home, or six angles .* as 1.5707,"),
        ('robot_model:=ur10', 'robot_model is "ur10"; choose one of ur5, ur5e'),
        ('start_joints:=1,2', 'start_joints is .* must be 6 angles'),
        ('watchdog_action:=jump', 'watchdog_action is "jump"; choose one of stop, protective_stop'),
        ('program_after_protective_stop:=x', 'program_after_protective_stop is "x"; choose one of ended'),
        ('speed:=1', "'speed:=1' is no option; options and defaults: address:=127.0.0.1"),
    ],
)
def test_what_it_cannot_be_is_one_line(word, said, capsys):
    assert command.main([word]) == 2
    out, err = capsys.readouterr()
    assert not out and re.fullmatch(f'error: {said}.*\n', err)


def test_a_busy_port_is_one_line(capsys):
    host = own_address('command', 2)
    holder = RobotController(host, log=lambda line: None)
    try:
        assert command.main([f'address:={host}']) == 2
    finally:
        holder.close()
    assert re.fullmatch(rf'error: port \d+ of {host} is busy; .*\n', capsys.readouterr().err)


def test_the_options_are_the_robots():
    assert command.config_of(command.OPTIONS) == RobotConfig()
    words = {
        'robot_model': 'ur5e',
        'start_joints': '0,-1.5,1.5,-3,-1.5,3',
        'program_after_protective_stop': 'paused',
        'watchdog_action': 'protective_stop',
    }
    assert command.config_of(command.OPTIONS | words) == RobotConfig(
        robot_model='ur5e',
        start_joints=(0.0, -1.5, 1.5, -3.0, -1.5, 3.0),
        program_after_protective_stop='paused',
        watchdog_action='protective_stop',
    )
    assert command.config_of(command.OPTIONS) == RobotConfig()
    assert 'real-time stream at 125 Hz' in command.told('127.0.0.1', RobotConfig())


def test_each_fault_that_people_are_told_of_is_carried_out():
    controller = RobotController(own_address('command', 3), log=lambda line: None)
    try:
        for line in faults.COMMANDS:
            given = line.replace('SECONDS', '0.1').replace('FRACTION', '0.5')
            assert faults.carry_out(controller, given) == 'ok', line
    finally:
        controller.close()
    assert set(faults.COMMANDS) >= controller.faults.keys()


def test_it_needs_neither_ros_nor_what_draws():
    code = """
import sys
import ur5_cell.__main__
import ur5_cell.controller_process
print(*{'rclpy', 'mujoco', 'cv2', 'torch'} & sys.modules.keys())
"""
    found = subprocess.run(
        [sys.executable, '-c', code], env=child_environment(), capture_output=True, text=True
    )
    assert (found.returncode, found.stdout.strip()) == (0, ''), found
