"""The arm_driver node as a process, at a simulated controller, among commanders that this test plays."""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('rtde_control')
pytest.importorskip('ur5_rl_interfaces.msg')

from ur5_cell.controller_process import ControllerProcess  # noqa: E402
from ur5_rl_env.cell_owner import FAULT_PORT  # noqa: E402
from ur5_rl_graph import holds, messages, topics, whole_run  # noqa: E402
from ur5_rl_graph.data import JOINT_NAMES  # noqa: E402
from ur5_rl_interfaces.msg import ArmStatus, VelocityCommand  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'ur5_cell/test'))
from own_address import own_address  # noqa: E402

pytestmark = pytest.mark.graph

HOST = own_address('commanders')
RUN = f'run_{uuid.uuid4().hex}'
LONGEST_S = 60.0
ENVIRONMENT = {**os.environ, 'ROS_DOMAIN_ID': str(own_domain()), 'PYTHONPATH': os.pathsep.join(sys.path)}


class Graph:
    """Commanders and an ear in one node; the run's launch, too."""

    def __init__(self):
        self.context = rclpy.Context()
        rclpy.init(args=[], context=self.context, domain_id=own_domain())
        self.node = rclpy.create_node('commanders', context=self.context)
        self.executor = rclpy.executors.SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.commands = topics.VELOCITY_COMMAND.publisher(self.node)
        self.statuses = topics.ARM_STATUS.publisher(self.node)
        topics.ARM_STATUS.subscription(self.node, self._on_status)
        topics.EXECUTED_COMMAND.subscription(self.node, lambda m: self.executed.append(m.velocity[0]))
        self.status, self.states, self.executed = ArmStatus(), [], []
        self.commanding = {}  # (run, process) -> velocity of the first joint
        self.neighbour = None  # status of another run's driver
        self._turn = 0
        self.node.create_timer(0.02, self._command)

    def _on_status(self, status):
        if status.run == RUN:
            self.status = status
            self.states.append(status.state)

    def _command(self):
        """One after the other: of two at once the driver's queue, of depth 1, keeps the second."""
        self._turn += 1
        for (run, process), velocity in list(self.commanding.items())[self._turn % 2 :: 2]:
            command = VelocityCommand(run=run, process=process, name=JOINT_NAMES)
            command.velocity = [velocity, 0.0, 0.0, 0.0, 0.0, 0.0]
            command.header.stamp = messages.time_from_ns(time.time_ns())
            self.commands.publish(command)
        if self.neighbour is not None:
            self.neighbour.header.stamp = messages.time_from_ns(time.time_ns())
            self.statuses.publish(self.neighbour)

    def until(self, reached, what):
        end = time.monotonic() + LONGEST_S
        while not reached():
            assert time.monotonic() < end, f'not reached: {what}; status {self.status}'
            self.executor.spin_once(timeout_sec=0.1)

    def close(self):
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def graph():
    made = Graph()
    yield made
    made.close()


@pytest.fixture
def controller():
    arguments = ('--run-identity', RUN)
    pipes = {'stdout': subprocess.PIPE, 'text': True}
    with ControllerProcess(HOST, fault_port=FAULT_PORT, arguments=arguments, **pipes) as process:
        yield process


@pytest.fixture
def driver(controller, tmp_path):
    """arm_driver of a run whose launch is this process."""
    holds.hold(whole_run.launch_name(RUN))
    parameters = {
        'robot_ip': HOST,
        'cell_run': RUN,
        'run_identity': RUN,
        'run_started_s': time.monotonic() - 50,
    }
    arguments = [text for name, value in parameters.items() for text in ('-p', f'{name}:={value}')]
    code = 'import sys; from ur5_rl_env.nodes.arm_driver import main; sys.exit(main())'
    process = subprocess.Popen(
        [sys.executable, '-c', code, '--ros-args', *arguments],
        env=ENVIRONMENT,
        stderr=(tmp_path / 'errors').open('w'),
        text=True,
    )
    process.errors = lambda: (tmp_path / 'errors').read_text().splitlines()
    yield process
    if holds.holder(whole_run.launch_name(RUN)) is not None:
        holds.release(whole_run.launch_name(RUN))
    process.kill()
    process.communicate()


def test_whom_the_arm_obeys_and_how_it_ends_with_its_launch(graph, driver, controller):
    graph.until(lambda: graph.status.state == ArmStatus.STATE_HOLDING, 'connection')

    mine, again, other = (RUN, 1), (RUN, 2), ('run_other', 3)
    graph.commanding = {mine: 0.2, other: -0.2}
    graph.until(lambda: graph.status.commands_rejected > 10, 'refusals of another run')
    graph.until(
        lambda: graph.executed[-1:] and graph.executed[-1] == pytest.approx(0.2), 'motion of the own run'
    )
    graph.until(lambda: graph.status.state == ArmStatus.STATE_READY, 'ready')
    assert min(graph.executed) >= 0.0

    graph.commanding = {mine: 0.2, again: 0.2}
    graph.until(lambda: graph.status.state == ArmStatus.STATE_CONTESTED, 'contest')
    assert '(1, 2)' in graph.status.text
    graph.until(
        lambda: controller.ring.latest().qd[0] == 0.0 and graph.status.state == ArmStatus.STATE_CONTESTED,
        'rest while they contest',
    )

    graph.commanding = {again: 0.1}
    graph.until(lambda: graph.status.state == ArmStatus.STATE_READY, 'end of the contest')
    graph.until(lambda: graph.executed[-1] == pytest.approx(0.1), 'motion of the one that is left')

    holds.release(whole_run.launch_name(RUN))  # the launch is killed, in motion
    assert driver.wait(LONGEST_S) == 0
    graph.until(lambda: controller.ring.latest().qd == (0.0,) * 6, 'rest')
    assert controller.stop() == 0
    said = [line.partition(': ')[2] for line in controller._process.stdout.read().splitlines()]
    ended, closed = [line for line in said if line.startswith(('program ended', 'control client'))][-2:]
    in_order = (
        'program ended: (stopped by the client; the arm is at rest|watchdog: )'  # a servo that got no core
    )
    assert re.match(in_order, ended) and closed == 'control client closed its connection'
    assert not any(line.startswith('program started') for line in said[said.index(ended) :])
    errors = driver.errors()
    assert sum('velocity commands of run run_other are refused' in line for line in errors) == 1
    assert sum('2 processes of run' in line for line in errors) >= 1  # a stall of 0.2 s ends the contest
    last = errors.index('the launch of this run has gone: ending')
    assert all('our program on the controller has ended' in line for line in errors[last + 1 :])  # starved


def test_of_two_runs_the_younger_goes_with_code_2_and_one_line(graph, driver):
    graph.until(lambda: graph.status.state == ArmStatus.STATE_HOLDING, 'connection')
    warning = 'run run_younger (10 s old)'
    graph.neighbour = ArmStatus(run='run_younger', run_age_s=10.0)
    graph.until(lambda: any(warning in line for line in driver.errors()), 'warning')
    graph.neighbour = ArmStatus(run='run_older', run_age_s=1000.0)
    graph.until(lambda: driver.poll() is not None, 'end')
    assert driver.returncode == 2
    lines = driver.errors()
    assert sum('run_younger' in line for line in lines) == 1
    ends = [line for line in lines if line.startswith('error')]
    assert len(ends) == 1 and 'run run_older (1000 s old)' in ends[0] and 'namespace:=NAME' in ends[0]


def test_a_second_driver_is_refused_with_code_2_and_one_line(graph, driver):
    graph.until(lambda: graph.status.run == RUN, 'first driver')
    second = subprocess.run(driver.args, env=ENVIRONMENT, capture_output=True, text=True, timeout=LONGEST_S)
    assert second.returncode == 2
    assert second.stderr.count('\n') == 1 and f'(process {driver.pid})' in second.stderr
    driver.send_signal(signal.SIGINT)
    assert driver.wait(LONGEST_S) == 0
