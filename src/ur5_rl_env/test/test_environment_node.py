"""The environment node as a process, among devices and an actor that this test plays."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from sensor_msgs.msg import JointState  # noqa: E402
from std_srvs.srv import Trigger  # noqa: E402

from ur5_rl_env.persons_word import PersonsWord  # noqa: E402
from ur5_rl_env.robot_models import UR5  # noqa: E402
from ur5_rl_graph import holds, messages, topics  # noqa: E402
from ur5_rl_graph.data import JOINT_NAMES, Action  # noqa: E402
from ur5_rl_graph.whole_run import launch_name  # noqa: E402
from ur5_rl_interfaces import msg  # noqa: E402

pytestmark = pytest.mark.graph

RUN = f'run_of_test_{os.getpid()}'
SHORT = {
    'awaits_recorder': True,
    'episode_s': 0.4,
    'reset_s': 0.1,
    'max_joint_velocity': 0.5,
    'image_width': 32,
    'image_height': 18,
}

SET_NS = -60_000_000_000
CLOCK = f"""
import signal, time
clock, moved = time.time_ns, [0]
time.time_ns = lambda: clock() + moved[0]
signal.signal(signal.SIGUSR1, lambda *_: moved.__setitem__(0, {SET_NS}))
"""
"""The system clock of a node, which SIGUSR1 sets back by a minute."""


class Devices:
    """Camera, arm, monitor, actor and recorder in one node of a context of its own."""

    def __init__(self, name='run_recorder'):
        self.context = rclpy.Context()
        rclpy.init(args=[], context=self.context, domain_id=own_domain())
        self.node = rclpy.create_node(name, context=self.context)
        self.executor = rclpy.executors.SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.joints = topics.JOINT_STATES.publisher(self.node)
        self.images = topics.IMAGE.publisher(self.node)
        self.status = topics.ARM_STATUS.publisher(self.node)
        self.actions = topics.ACTION.publisher(self.node)
        self.observations, self.commands, self.timings, self.episodes, self.seeds = [], [], [], [], []
        topics.OBSERVATION.subscription(self.node, self._on_observation)
        self.executed = topics.EXECUTED_COMMAND.publisher(self.node)
        topics.VELOCITY_COMMAND.subscription(self.node, self._on_command)
        topics.CYCLE_TIMING.subscription(self.node, self.timings.append)
        self.journals = []
        topics.JOURNAL.subscription(self.node, self.journals.append)
        self.starts = []
        topics.TARGET_START.subscription(self.node, self.starts.append)
        self.spans = []
        topics.SPANS.subscription(self.node, lambda m: self.spans.extend(messages.spans_from_msg(m)))
        # Last: they become known in order, and the environment begins when it knows this one.
        topics.EPISODE.subscription(self.node, self.episodes.append)
        topics.MOVE_HOME.server(self.node, self._done)
        topics.STOP_ARM.server(self.node, self._done)
        topics.NEW_TARGET.server(self.node, self._on_target)
        self.action = (0.1, 0.0, 0.0, 0.0, -1.0)
        self.set_ns = 0  # by how much the clock of the sensors has been set
        self.pixels = np.full((18, 32, 3), 255, np.uint8)
        self.pixels[9, 16] = (0, 0, 200)
        self.node.create_timer(0.008, self._send_joints)
        self.node.create_timer(0.040, self._send_image)
        self.status.publish(msg.ArmStatus(state=msg.ArmStatus.STATE_READY))

    def _send_joints(self):
        joints = JointState(name=JOINT_NAMES, position=UR5.home, velocity=[0.25] * 6)
        joints.header.stamp = messages.time_from_ns(time.time_ns() + self.set_ns)
        self.joints.publish(joints)

    def _send_image(self):
        stamp = time.time_ns() + self.set_ns
        self.images.publish(messages.msg_from_image(self.pixels, stamp, 'camera_optical'))

    def whole(self):
        """The episodes in which every action and every report was in time, and some action was changed."""
        whole = [e for e in self.episodes if not e.aborted and not e.unreported_steps]
        return [e for e in whole if e.changed_steps]

    def kinds_of(self, life):
        """The kinds of entries that the journal of a process has."""
        batches = [journal for journal in self.journals if journal.session == life]
        return {json.loads(entry)[0] for batch in batches for entry in batch.entries}

    def _on_observation(self, message):
        self.observations.append(message)
        if not message.truncated:
            values = np.array(self.action, np.float32)
            answer = Action(message.episode, message.step, values, False, 1, 2, 0.3, 1.0, time.time_ns())
            self.actions.publish(messages.msg_from_action(answer))

    def _on_command(self, message):
        """Plays the arm driver: every third action is halved."""
        self.commands.append(message)
        changed = any(message.velocity) and len(self.commands) % 3 == 0
        report = msg.ExecutedCommand(name=message.name, velocity=message.velocity, changed=changed)
        report.mean_velocity = [0.5 * velocity for velocity in message.velocity]
        report.command_stamp = messages.ns_from_time(message.header.stamp)
        self.executed.publish(report)

    def _done(self, request, response):
        response.success = True
        return response

    def _on_target(self, request, response):
        self.seeds.append(request.seed)
        return self._done(request, response)

    def until(self, reached, limit_s=120.0):
        end = time.monotonic() + limit_s
        while not reached():
            assert time.monotonic() < end, 'not reached'
            self.executor.spin_once(timeout_sec=0.1)

    def answer(self, client):
        """What a service answers; it is asked again where it knew its client too late to answer."""
        asked = []

        def answered():
            if not asked or time.monotonic() > asked[-1][0] + 5.0:
                asked.append((time.monotonic(), client.call_async(Trigger.Request())))
            return any(future.done() for _, future in asked)

        self.until(answered)
        return next(future.result() for _, future in asked if future.done())

    def close(self):
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def devices():
    made = Devices()
    yield made
    made.close()


@pytest.fixture
def unrecorded():
    """Devices and an actor; who hears of episodes is not the recorder of the run."""
    made = Devices('devices')
    yield made
    made.close()


@pytest.fixture(scope='module', autouse=True)
def launch():
    """This test is the launch of its nodes: they end when it has gone."""
    holds.hold(launch_name(RUN))
    yield
    holds.release(launch_name(RUN))


@pytest.fixture
def environment(tmp_path):
    started = []

    def start(**parameters):
        arguments = [text for name, value in parameters.items() for text in ('-p', f'{name}:={value}')]
        code = f'{CLOCK}import sys; from ur5_rl_env.nodes.environment import main; sys.exit(main())'
        process = subprocess.Popen(
            [sys.executable, '-c', code, '--ros-args', *arguments],
            env={**os.environ, 'ROS_DOMAIN_ID': str(own_domain()), 'PYTHONPATH': os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_episodes_run_and_go_on_after_the_node_was_killed(devices, environment, tmp_path):
    process = environment(run_folder=tmp_path, run_identity=RUN, **SHORT)
    devices.until(lambda: len(devices.episodes) >= 2 and devices.whole())
    first = devices.whole()[0]
    before = devices.episodes[: devices.episodes.index(first)]
    assert [e.episode for e in devices.episodes[: len(before) + 1]] == list(range(1, len(before) + 2))
    assert (first.steps, first.total_steps) == (10, 10 + sum(e.steps for e in before))
    observed = [o for o in devices.observations if o.episode == first.episode]
    assert [o.step for o in observed] == list(range(11)) and observed[10].truncated
    assert observed[1].reward == pytest.approx(800 / (18 * 32) * 0.99, rel=0.05)
    requested = np.array(devices.action, np.float32)
    for observation in observed[1:]:
        told = 0.5 * requested if observation.action_changed else requested
        assert observation.executed_action.tolist() == observation.proprio[10:].tolist() == told.tolist()
    changed = [observation.action_changed for observation in observed]
    assert not changed[0] and 0 < sum(changed) == first.changed_steps <= 5
    assert sum(o.reward for o in observed) == pytest.approx(first.episode_return, rel=1e-4)
    moving = next(c for c in devices.commands if any(c.velocity))
    assert list(moving.name) == list(JOINT_NAMES)
    assert moving.velocity.tolist() == pytest.approx([0.05, 0.0, 0.0, 0.0, -0.5, 0.0])
    assert [t.step for t in devices.timings if t.episode == first.episode] == list(range(1, 11))
    # One is asked for again where the answer came before its reader was known.
    seeds = [seed for seed, _ in itertools.groupby(devices.seeds)]
    assert len(set(seeds)) == len(seeds) >= 2 and len(devices.seeds) <= len(seeds) + 1
    begun = next(start for start in devices.starts if start.start_stamp)
    assert begun.seed == seeds[0]
    assert begun.start_stamp == messages.ns_from_time(devices.observations[0].header.stamp)
    told = [start.seed for start in devices.starts if not start.start_stamp]
    assert [seed for seed, _ in itertools.groupby(told)][:2] == seeds[:2]

    process.send_signal(signal.SIGKILL)
    last, heard = devices.episodes[-1], len(devices.episodes)
    environment(run_folder=tmp_path, run_identity=RUN, **SHORT)
    devices.until(lambda: devices.episodes[-1].episode > last.episode + 1)
    steps = sum(e.steps for e in devices.episodes[heard:])
    assert devices.episodes[-1].total_steps >= last.total_steps - last.steps + steps
    numbers = [e.episode for e in devices.episodes]
    assert numbers == sorted(set(numbers))
    assert {command.run for command in devices.commands} == {RUN}
    lives = {command.process for command in devices.commands}
    assert len(lives - {0}) == 2
    told = {'start', 'image', 'joint_states', 'executed', 'arm', 'action', 'answer', 'tick'}
    devices.until(lambda: all(devices.kinds_of(life) >= told for life in lives - {0}))
    assert {journal.session for journal in devices.journals} == lives
    for (
        life
    ) in lives:  # each begins at its beginning, though this test may have heard of it late, and has no gap
        batches = [journal for journal in devices.journals if journal.session == life]
        ends = [0, *(batch.first + len(batch.entries) for batch in batches)]
        assert [batch.first for batch in batches] == ends[:-1]


def test_a_clock_that_is_set_back_ends_the_episode_and_the_next_one_begins(devices, environment):
    process = environment(**SHORT | {'episode_s': 2.0})
    devices.until(lambda: any(o.step == 2 for o in devices.observations))
    devices.set_ns = SET_NS
    process.send_signal(signal.SIGUSR1)
    said = "this host's clock was set back by 60.0"
    devices.until(lambda: any(e.text.startswith(said) for e in devices.episodes))
    cut = next(e for e in devices.episodes if e.text.startswith(said))
    assert cut.aborted
    devices.until(lambda: any(e.episode > cut.episode and not e.aborted for e in devices.episodes))
    later = next(e for e in devices.episodes if e.episode > cut.episode and not e.aborted)
    assert later.steps == 50
    assert sum(e.text.startswith(said) for e in devices.episodes) == 1


def test_spans_tell_when_it_observed_commanded_and_reset(devices, environment):
    environment(**SHORT)
    devices.until(lambda: sum(span.name == 'reset' for span in devices.spans) >= 3)
    by_name = {}
    for span in devices.spans:
        by_name.setdefault(span.name, []).append(span)
    assert by_name.keys() == {'reset', 'observe', 'command'}
    told = min(len(by_name['observe']), len(devices.observations))
    observations = devices.observations[:told]
    begins = [number for number, observation in enumerate(observations) if observation.step == 0]
    assert len(begins) >= 2  # of 11 observations each, and of less where the machine kept this process
    acted = [observation for observation in observations[: begins[-1]] if not observation.truncated]
    assert len(by_name['command']) >= len(acted) - sum(e.aborted for e in devices.episodes) >= 1
    made = np.array([messages.ns_from_time(observation.header.stamp) for observation in observations])
    start, duration = np.array([span[1:] for span in by_name['observe'][:told]]).T
    slack = 1_000_000  # two clocks are read for it
    assert (start - slack < made).all() and (made < start + duration + slack).all()
    ends = [span.start_ns + span.duration_ns for span in by_name['reset']]
    assert ends[1] == pytest.approx(start[begins[1]], abs=slack)  # of the second episode


def test_an_emergency_stop_ends_the_process_with_code_3_and_one_line(devices, environment):
    process = environment(**SHORT)
    devices.until(lambda: devices.observations)
    devices.status.publish(msg.ArmStatus(state=msg.ArmStatus.STATE_EMERGENCY_STOP, text='release the button'))
    devices.until(lambda: process.poll() is not None)
    assert process.returncode == 3
    errors = [line for line in process.stderr.read().splitlines() if line.startswith('error')]
    assert errors == ['error: emergency stop: release the button']


def test_a_real_arm_waits_for_the_word_once_in_a_launch(devices, environment, tmp_path):
    launch = {'confirm': True, 'run_folder': tmp_path, 'run_identity': RUN}
    process = environment(**launch, **SHORT)
    assert 'service call /environment/start std_srvs/srv/Trigger' in process.stderr.readline()
    start = topics.START_ENVIRONMENT.client(devices.node)
    devices.until(start.service_is_ready)
    assert not devices.seeds, 'no reset has begun'
    reset = topics.RESET_ENVIRONMENT.client(devices.node)
    devices.until(reset.service_is_ready)
    refused = devices.answer(reset)
    assert not refused.success and 'environment/start' in refused.message
    assert devices.answer(start).success
    devices.until(lambda: devices.episodes)
    process.kill()
    last = devices.episodes[-1].episode
    process = environment(**launch, **SHORT)
    devices.until(lambda: any(episode.episode > last + 1 for episode in devices.episodes))
    PersonsWord(True, str(tmp_path), RUN).take_back()  # as the servo does
    refused = devices.answer(reset)
    assert not refused.success and 'environment/start' in refused.message
    stop = topics.STOP_ENVIRONMENT.client(devices.node)
    devices.until(stop.service_is_ready)
    assert devices.answer(start).success and devices.answer(stop).success
    devices.until(lambda: not PersonsWord(True, str(tmp_path), RUN).given)
    process.kill()
    process = environment(**launch, **SHORT)
    lines = (process.stderr.readline() for _ in range(5))
    assert any('service call /environment/start' in line for line in lines)


def test_no_episode_begins_before_the_recorder_of_the_run_hears_of_it(unrecorded, environment):
    devices, process = unrecorded, environment(**SHORT)
    os.set_blocking(process.stderr.fileno(), False)
    said = bytearray()

    def tells():
        with suppress(BlockingIOError):
            said.extend(os.read(process.stderr.fileno(), 4096))
        return b'at home, waiting: no recorder yet' in said

    try:
        devices.until(tells)
    finally:
        os.set_blocking(process.stderr.fileno(), True)
    of_another = rclpy.create_node('run_recorder', namespace='another', context=devices.context)
    of_another.create_subscription(topics.EPISODE.type, '/episode', lambda message: None, topics.EPISODE.qos)
    end = time.monotonic() + 0.5
    devices.until(lambda: time.monotonic() > end)
    assert not devices.observations
    recorder = rclpy.create_node('run_recorder', context=devices.context)
    heard = []
    topics.EPISODE.subscription(recorder, heard.append)
    devices.executor.add_node(recorder)
    devices.until(lambda: heard)
    assert heard[0].episode == 1
    for node in (recorder, of_another):
        node.destroy_node()
    devices.until(lambda: devices.episodes and devices.episodes[-1].episode >= 3)  # it is awaited once


def test_bad_actions_move_nothing(unrecorded, environment):
    devices = unrecorded
    devices.action = (float('nan'), 0.0, 0.0, 0.0, 0.0)
    environment(action_timeout_s=0.3, **SHORT | {'awaits_recorder': False})
    devices.until(lambda: devices.episodes)
    assert devices.episodes[0].aborted and 'no action' in devices.episodes[0].text
    assert not any(any(command.velocity) for command in devices.commands)


@pytest.mark.parametrize(
    'parameters, line',
    [
        ({'action_cycle_s': 0.05}, 'error: action_cycle_s is 0.05; it must be a multiple'),
        ({'task': 'juggling'}, "error: task is 'juggling'; choose one of: reaching, tracking"),
        ({'max_joint_velocity': 7.0}, 'error: parameter max_joint_velocity'),
        ({'confirm': True}, "error: confirm is true, run_folder is '' and run_identity is '': "),
    ],
)
def test_a_bad_parameter_ends_the_process_with_code_2_and_one_line(environment, parameters, line):
    process = environment(**parameters)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors.startswith(line) and errors.count('\n') == 1
