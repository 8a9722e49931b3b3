"""The place of a run on this host, and the end of its nodes after their launch."""

import os
import signal
import subprocess
import sys
import uuid

import pytest

from ur5_rl_graph import holds, whole_run

DOMAIN = 100  # only a name here: no node of ROS is started
RUN_A, RUN_B, RUN_C = (f'run_{name}_{os.getpid()}' for name in 'abc')  # the whole host sees them


@pytest.fixture
def namespace():
    return f'/test_{uuid.uuid4().hex}'


@pytest.fixture(autouse=True)
def freed():
    before = set(holds._held)
    yield
    for name in set(holds._held) - before:
        holds.release(name)


def test_a_second_run_is_refused_in_one_line_with_the_ways_out(namespace):
    whole_run.take_place(RUN_A, DOMAIN, namespace)
    with pytest.raises(RuntimeError) as caught:
        whole_run.take_place(RUN_B, DOMAIN, namespace)
    line = str(caught.value)
    assert '\n' not in line and f'process {os.getpid()}' in line
    assert f'ROS domain {DOMAIN}, namespace {namespace}' in line
    assert 'another ROS_DOMAIN_ID' in line and 'namespace:=NAME' in line
    assert holds.holder(whole_run.launch_name(RUN_B)) is None


def test_another_namespace_or_domain_is_another_place(namespace):
    whole_run.take_place(RUN_A, DOMAIN, namespace)
    whole_run.take_place(RUN_B, DOMAIN, namespace + '_2')
    whole_run.take_place(RUN_C, DOMAIN + 1, namespace)
    assert all(holds.holder(whole_run.launch_name(run)) == os.getpid() for run in (RUN_A, RUN_B, RUN_C))


class Clock:
    """Time that goes on only while somebody sleeps; what is to happen at a time happens then."""

    def __init__(self, at_s=float('inf'), happens=None):
        self.now_s, self.at_s, self.happens = 1000.0, 1000.0 + at_s, happens

    def __call__(self):
        return self.now_s

    def sleep(self, seconds):
        assert seconds > 0
        self.now_s += seconds
        if self.now_s >= self.at_s:
            self.at_s = float('inf')
            self.happens()


def take_place(identity, namespace, clock):
    whole_run.take_place(identity, DOMAIN, namespace, clock, clock.sleep)


@pytest.mark.parametrize('after_s', [0.1, 3.0, whole_run.END_S, whole_run.END_S + 1.0])
def test_a_run_waits_for_the_driver_of_one_whose_launch_was_killed(namespace, capsys, after_s):
    whole_run.hold_driver(DOMAIN, namespace)
    clock = Clock(after_s, lambda: holds.release(whole_run.driver_name(DOMAIN, namespace)))
    take_place(RUN_A, namespace, clock)
    assert after_s <= clock.now_s - 1000.0 <= after_s + 2 * whole_run.AGAIN_S
    assert holds.holder(whole_run.launch_name(RUN_A)) == os.getpid()
    told = capsys.readouterr().err
    assert told.count('\n') == 1 and f'process {os.getpid()}' in told and 'up to 22 s' in told
    with pytest.raises(RuntimeError, match='a run works in'):
        take_place(RUN_B, namespace, clock)


def test_no_other_run_takes_the_place_while_one_waits(namespace):
    whole_run.hold_driver(DOMAIN, namespace)
    refused = []

    def second():
        with pytest.raises(RuntimeError, match='a run works in'):
            take_place(RUN_B, namespace, Clock())
        refused.append(RUN_B)
        holds.release(whole_run.driver_name(DOMAIN, namespace))

    take_place(RUN_A, namespace, Clock(1.0, second))
    assert refused == [RUN_B]


def test_a_run_waits_no_longer_than_a_node_has_to_end(namespace):
    whole_run.hold_driver(DOMAIN, namespace)
    clock = Clock()
    with pytest.raises(RuntimeError, match='without a launch works in ROS domain 100') as caught:
        take_place(RUN_A, namespace, clock)
    assert whole_run.END_S < clock.now_s - 1000.0 <= whole_run.END_S + 3.0
    line = str(caught.value)
    assert '\n' not in line and f'process {os.getpid()}' in line and 'another ROS_DOMAIN_ID' in line
    holds.release(whole_run.driver_name(DOMAIN, namespace))
    take_place(RUN_A, namespace, clock)  # the refusal has left nothing held


def test_an_interrupted_wait_leaves_the_place_free(namespace):
    whole_run.hold_driver(DOMAIN, namespace)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_place(RUN_A, namespace, Clock(1.0, interrupt))
    assert holds.holder(whole_run.place_name(DOMAIN, namespace)) is None


@pytest.mark.parametrize('with_driver', [False, True])
def test_beside_a_living_launch_nothing_is_waited_for(namespace, capsys, with_driver):
    whole_run.take_place(RUN_A, DOMAIN, namespace)
    if with_driver:
        whole_run.hold_driver(DOMAIN, namespace)
    clock = Clock()
    with pytest.raises(RuntimeError, match='a run works in'):
        take_place(RUN_B, namespace, clock)
    assert clock.now_s == 1000.0 and not capsys.readouterr().err


def test_a_free_place_is_taken_at_once_and_without_a_word(namespace, capsys):
    clock = Clock()
    take_place(RUN_A, namespace, clock)
    assert clock.now_s == 1000.0 and not capsys.readouterr().err


def test_a_folder_belongs_to_one_launch_however_it_is_named(tmp_path):
    whole_run.take_folder(tmp_path / 'run')
    refusal = f'is at work in .* already .process {os.getpid()}.: end it, or'
    with pytest.raises(ValueError, match=refusal):
        whole_run.take_folder(tmp_path / 'other' / '..' / 'run')
    with pytest.raises(ValueError, match=refusal), whole_run.alone_in(tmp_path / 'run'):
        pass
    assert holds.holder(f'run folder {tmp_path / "run"}') == os.getpid()


def test_a_program_that_is_no_launch_has_a_folder_until_it_is_done(tmp_path):
    with whole_run.alone_in(tmp_path / 'run'), pytest.raises(ValueError, match='is at work in'):
        whole_run.take_folder(tmp_path / 'run')
    with whole_run.alone_in(tmp_path / 'run'):
        pass


@pytest.mark.parametrize('node', ['run_recorder', 'learner', 'buffer_sampler', 'environment'])
def test_a_run_is_resumed_when_the_nodes_of_its_killed_launch_have_written_their_last(tmp_path, capsys, node):
    folder = tmp_path / 'run'
    whole_run.use_folder(folder, node)
    clock = Clock(3.0, lambda: holds.release(whole_run.user_name(folder, node)))
    whole_run.take_folder(tmp_path / 'other' / '..' / 'run', clock, clock.sleep)
    assert 3.0 <= clock.now_s - 1000.0 <= 4.0
    assert capsys.readouterr().err.startswith(f'{node} without a launch works in {tmp_path}')


def test_a_node_that_keeps_a_folder_is_named_and_another_folder_is_not_waited_for(tmp_path):
    whole_run.use_folder(tmp_path / 'run', 'learner')
    whole_run.use_folder(tmp_path / 'run', 'learner')  # another one, started by hand
    clock = Clock()
    with pytest.raises(RuntimeError, match=f'learner .* .process {os.getpid()}. and has not ended within 22'):
        whole_run.take_folder(tmp_path / 'run', clock, clock.sleep)
    assert clock.now_s - 1000.0 <= whole_run.NODE_ENDS_S + 1.0
    clock = Clock()
    whole_run.take_folder(tmp_path / 'run_2', clock, clock.sleep)
    assert clock.now_s == 1000.0


def test_a_second_driver_is_refused_in_one_line(namespace):
    whole_run.hold_driver(DOMAIN, namespace)
    with pytest.raises(ValueError, match=f'namespace {namespace} of this host already') as caught:
        whole_run.hold_driver(DOMAIN, namespace)
    assert '\n' not in str(caught.value)


LAUNCH = """
import sys, time
from ur5_rl_graph import holds, whole_run
holds.hold(whole_run.launch_name(sys.argv[1]))
print('held', flush=True)
time.sleep(100)
"""
NODE = """
import signal, sys, time
from ur5_rl_graph import whole_run
def end(*_):
    print('in order')                  # nobody reads it any more
    sys.stdout.flush()
    open(sys.argv[2], 'w').write('in order')
    sys.exit(0)
signal.signal(signal.SIGINT, signal.SIG_IGN if sys.argv[3:] else end)
whole_run.END_S = 0.2 if sys.argv[3:] else 60.0
whole_run.end_with_launch(sys.argv[1])
print('works', flush=True)
while True: time.sleep(10)
"""


def start(code, *arguments, **kwargs):
    environment = os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)}
    command = [sys.executable, '-c', code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, **kwargs)


@pytest.fixture
def launch():
    identity = f'run_{uuid.uuid4().hex}'
    process = start(LAUNCH, identity)
    assert process.stdout.readline() == b'held\n'
    process.identity = identity
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM])
def test_a_node_ends_in_order_when_its_launch_was_killed_and_with_it_the_reader_of_its_lines(
    launch, tmp_path, number
):
    node = start(NODE, launch.identity, tmp_path / 'done')
    assert node.stdout.readline() == b'works\n'
    launch.send_signal(number)
    node.stdout.close()
    assert node.wait(10) == 0
    assert (tmp_path / 'done').read_text() == 'in order'


def test_a_node_whose_launch_has_gone_before_it_begins_ends(tmp_path):
    node = start(NODE, 'run_of_nobody', tmp_path / 'done')
    assert node.wait(10) == 0
    assert (tmp_path / 'done').read_text() == 'in order'
    node.stdout.close()


def test_a_node_behind_another_command_ends_too(launch, tmp_path):
    shell = start(f'import subprocess, sys; subprocess.run([sys.executable, "-c", {NODE!r}, *sys.argv[1:]])',
                  launch.identity, tmp_path / 'done')  # fmt: skip
    assert shell.stdout.readline() == b'works\n'
    launch.kill()
    assert shell.wait(10) == 0
    assert (tmp_path / 'done').exists()


def test_a_node_that_does_not_end_is_killed(launch, tmp_path):
    node = start(NODE, launch.identity, tmp_path / 'done', 'deaf')
    assert node.stdout.readline() == b'works\n'
    launch.kill()
    assert node.wait(10) == -signal.SIGKILL
    node.stdout.close()


def test_a_node_started_by_hand_outlives_whoever_started_it(tmp_path):
    node = start(NODE, '', tmp_path / 'done')
    assert node.stdout.readline() == b'works\n'
    with pytest.raises(subprocess.TimeoutExpired):
        node.wait(0.3)
    node.kill()
    node.communicate()


def test_a_watch_that_fails_ends_the_node_too(monkeypatch, capsys):
    def fails(name):
        raise OSError(24, 'Too many open files')

    sent = []
    monkeypatch.setattr(holds, 'await_release', fails)
    monkeypatch.setattr(whole_run, 'drop_pipes', lambda: None)
    monkeypatch.setattr(whole_run.time, 'sleep', lambda seconds: None)
    monkeypatch.setattr(whole_run.os, 'kill', lambda process, number: sent.append((process, number)))
    whole_run._end_after_launch(RUN_A)
    assert sent == [(os.getpid(), signal.SIGINT), (os.getpid(), signal.SIGKILL)]
    why = '(OSError: [Errno 24] Too many open files)'
    assert capsys.readouterr().err == f'the launch of this run cannot be watched any more {why}: ending\n'


class Timer:
    """What tell_ready starts; its time never comes by itself."""

    def __init__(self, delay_s, function, arguments):
        self.delay_s, self.due, self.started = delay_s, lambda: function(*arguments), False

    def start(self):
        self.started = True

    def cancel(self):
        self.started = False


def test_the_launch_knows_a_process_as_ready_some_time_after_its_nodes_are_made(namespace, monkeypatch):
    timers = []
    monkeypatch.setattr(
        whole_run.threading, 'Timer', lambda *words: timers.append(Timer(*words)) or timers[-1]
    )
    whole_run.take_place(RUN_A, DOMAIN, namespace)
    cancel = whole_run.tell_ready(RUN_A)
    (timer,) = timers
    assert timer.started and timer.daemon and timer.delay_s == whole_run.READY_S
    assert whole_run.newly_ready(RUN_A) == set()
    timer.due()
    assert whole_run.newly_ready(RUN_A) == {os.getpid()}
    cancel()
    assert not timer.started


def test_the_launch_knows_that_a_run_is_over_from_who_has_told_it(namespace):
    whole_run.take_place(RUN_A, DOMAIN, namespace)
    assert not whole_run.told_over(RUN_A)
    whole_run.tell_over(RUN_A)
    assert whole_run.told_over(RUN_A)
    whole_run.tell_over('a run that has no launch')


def test_a_node_that_was_started_by_hand_tells_nobody(monkeypatch):
    monkeypatch.setattr(whole_run.threading.Timer, 'start', lambda timer: pytest.fail('it tells somebody'))
    whole_run.tell_ready('')
