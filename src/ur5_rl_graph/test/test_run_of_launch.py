"""A run as its launch sees it: which place it takes, and what ends with it."""

from types import SimpleNamespace

import pytest

pytest.importorskip('launch')
pytest.importorskip('launch_ros')
from launch.actions import LogInfo
from launch.events import Shutdown
from launch.events.process import ShutdownProcess

from ur5_rl_graph import declared, run_of_launch


@pytest.fixture
def taken(monkeypatch):
    """The places that were taken, as (identity, domain, namespace)."""
    places = []
    monkeypatch.setattr(run_of_launch, 'take_place', lambda *place, **ways: places.append(place))
    monkeypatch.setattr(run_of_launch, '_runs', [])
    monkeypatch.setattr(run_of_launch, '_failures', [])
    monkeypatch.setattr(run_of_launch, 'newly_ready', lambda identity: set())
    monkeypatch.setattr(run_of_launch, 'told_over', lambda identity: True)
    return places


def begin(namespace='', outer=None, domain=None):
    configurations = {'namespace': namespace} | ({} if outer is None else {'ros_namespace': outer})
    environment = {} if domain is None else {'ROS_DOMAIN_ID': domain}
    context = SimpleNamespace(launch_configurations=configurations, environment=environment)
    return run_of_launch.begin_run(context)


@pytest.mark.parametrize(
    ('namespace', 'outer', 'full'),
    [
        ('', None, '/'),
        ('', '/', '/'),
        ('robot_1', None, '/robot_1'),
        ('/robot_1', None, '/robot_1'),
        ('lab/robot_1', None, '/lab/robot_1'),
        ('robot_1', '/lab', '/lab/robot_1'),
        ('robot_1', 'lab', '/lab/robot_1'),
        ('/robot_1', '/lab', '/robot_1'),
        ('', '/lab', '/lab'),
    ],
)
def test_the_place_is_that_of_the_nodes(taken, namespace, outer, full):
    begin(namespace, outer)
    assert taken[0][1:] == (0, full)


@pytest.mark.parametrize(('text', 'domain'), [(None, 0), ('', 0), ('7', 7)])
def test_the_domain_is_that_of_the_environment(taken, text, domain):
    begin(domain=text)
    assert taken[0][1] == domain


@pytest.mark.parametrize('domain', ['seven', '-1', '1.0', '233', '300', '٣', ' 5'])
def test_a_domain_that_does_not_exist_is_refused_before_anything_is_taken(taken, domain):
    with pytest.raises(RuntimeError, match=f"ROS_DOMAIN_ID is '{domain}'"):
        begin(domain=domain)
    assert taken == []


@pytest.mark.parametrize('namespace', ['robot 1', '1_robot', 'röbot', 'robot-1', 'a/2', '~a'])
def test_a_namespace_that_ros_does_not_take_is_refused_in_one_line(taken, namespace):
    with pytest.raises(RuntimeError, match=f"namespace is '{namespace}'; give letters") as caught:
        begin(namespace)
    assert taken == [] and '\n' not in str(caught.value)


def test_every_run_has_an_identity_of_its_own(taken):
    for _ in range(3):
        begin()
    assert len({identity for identity, _, _ in taken}) == 3


def command(identity):
    return ['lib/node', '--ros-args', '-p', f'run_identity:="{identity}"', '-r', '__ns:=/']


def ended(identity, name, code, pid=1, shutdown=False):
    """The actions that follow the end of a process of the first run, or of another."""
    event = SimpleNamespace(cmd=command(identity), process_name=name, returncode=code, pid=pid)
    context = SimpleNamespace(is_shutdown=shutdown)
    found = []
    for run in run_of_launch._runs:
        found += run_of_launch._on_exit(run, event, context) or []
    return found


def events(actions):
    return [action.event for action in actions if hasattr(action, 'event')]


def process(identity):
    return SimpleNamespace(process_details={'cmd': command(identity)})


@pytest.mark.parametrize(
    ('name', 'code'),
    [('actor-1', 0), ('run_recorder-8', 1), ('calibration-2', 1), ('learner-5', -9), ('actor-1', 1)],
)
def test_an_end_that_a_restart_may_mend_ends_nothing(taken, name, code):
    begin()
    assert ended(taken[0][0], name, code) == []


@pytest.mark.parametrize('name', ['run_recorder-8', 'calibration-2'])
def test_the_end_of_who_sees_it_ends_the_only_run_and_with_it_the_launch(taken, name):
    begin()
    (event,) = events(ended(taken[0][0], name, 0))
    assert isinstance(event, Shutdown) and event.reason == 'the run is over'


@pytest.mark.parametrize('name', ['run_recorder-8', 'bag_player-2'])
def test_who_sees_the_end_but_was_only_stopped_is_started_again(taken, monkeypatch, name):
    monkeypatch.setattr(run_of_launch, 'told_over', lambda identity: False)
    begin()
    assert ended(taken[0][0], name, 0) == []
    assert not run_of_launch._runs[0].over


@pytest.mark.parametrize(
    ('name', 'code', 'line'),
    [
        ('arm_driver-2', 2, 'arm_driver-2 cannot work with what it was given: its last line says why'),
        ('environment-3', 3, 'environment-3 ended the run: its last line says why'),
        ('run_recorder-8', 4, 'run_recorder-8 could not complete its run folder: its last line says why'),
    ],
)
def test_a_run_that_fails_ends_the_launch_with_an_error(taken, name, code, line):
    begin()
    with pytest.raises(RuntimeError, match=line):
        ended(taken[0][0], name, code)
    assert ended(taken[0][0], name, code) == []  # it is told once


def test_what_ends_during_a_shutdown_is_no_failure(taken):
    begin()
    assert ended(taken[0][0], 'arm_driver-2', 2, shutdown=True) == []


def test_a_run_that_a_person_ends_fails_where_its_folder_is_not_complete(taken):
    begin()
    run = run_of_launch._runs[-1]
    processes = [
        SimpleNamespace(cmd=command(run.identity), process_name=f'{name}-1', pid=pid, returncode=code)
        for pid, (name, code) in enumerate((('run_recorder', 4), ('arm_driver', 0)), 1)
    ]
    for event in processes:
        run_of_launch._on_start(run, event)
    context = SimpleNamespace(is_shutdown=True)
    assert run_of_launch._exited(run, processes[0], context) is None  # the arm still moves
    with pytest.raises(RuntimeError, match='run_recorder-1 could not complete its run folder'):
        run_of_launch._exited(run, processes[1], context)


def test_a_process_that_was_never_ready_is_started_again_twice_and_no_more(taken):
    begin()
    identity = taken[0][0]
    assert ended(identity, 'actor-6', 1, pid=1) == ended(identity, 'actor-6', -11, pid=2) == []
    assert ended(identity, 'learner-5', 1, pid=3) == []
    with pytest.raises(RuntimeError, match='actor-6 has ended 3 times before it was ready, .* exit code -11'):
        ended(identity, 'actor-6', -11, pid=4)


def test_a_process_that_was_ready_once_is_started_again_for_ever(taken, monkeypatch):
    begin()
    told = [{1}, {7}]
    monkeypatch.setattr(run_of_launch, 'newly_ready', lambda identity: told.pop() if told else set())
    for pid in [5, 6, 7, *range(8, 20)]:
        assert ended(taken[0][0], 'actor-6', 1, pid=pid) == []


@pytest.mark.parametrize(('code', 'ends'), [(2, 1), (3, 1), (1, 3), (-9, 3)])
def test_a_node_that_people_look_at_ends_nothing_but_itself(taken, monkeypatch, code, ends):
    monkeypatch.setitem(declared.NODES, 'picture', declared.Declared('pictures', (), needed=False))
    begin()
    identity = taken[0][0]
    assert [ended(identity, 'picture-9', code, pid=pid) for pid in range(1, ends)] == [[]] * (ends - 1)
    told, end = ended(identity, 'picture-9', code, pid=ends)
    assert isinstance(told, LogInfo) and isinstance(end.event, ShutdownProcess)
    assert not run_of_launch._runs[0].over
    assert end.event.process_matcher(process(identity))
    assert not end.event.process_matcher(process('run_other'))
    (event,) = events(ended(identity, 'run_recorder-8', 0))
    assert isinstance(event, Shutdown)


def test_of_two_runs_each_ends_its_own_processes_and_the_last_ends_the_launch(taken):
    begin('a')
    begin('b')
    first, second = (identity for identity, _, _ in taken)
    (event,) = events(ended(first, 'run_recorder-8', 0))
    assert isinstance(event, ShutdownProcess)
    assert event.process_matcher(process(first))
    assert not event.process_matcher(process(second))
    assert not event.process_matcher(SimpleNamespace(process_details=None))  # not started yet
    assert ended(first, 'arm_driver-2', 2) == []  # it is ending
    (event,) = events(ended(second, 'run_recorder-16', 0))
    assert isinstance(event, Shutdown)


def test_of_two_runs_one_may_fail_and_the_launch_says_so_at_its_end(taken):
    begin('a')
    begin('b')
    first, second = (identity for identity, _, _ in taken)
    told, end = ended(first, 'arm_driver-2', 2)
    assert isinstance(told, LogInfo) and isinstance(end.event, ShutdownProcess)
    with pytest.raises(RuntimeError, match='arm_driver-2 cannot work'):
        ended(second, 'run_recorder-16', 0)


def test_the_end_of_another_runs_process_is_not_this_ones(taken):
    begin()
    assert ended('run_other', 'run_recorder-8', 0) == []


def test_what_is_left_to_do_is_done_once_when_the_last_process_has_ended(taken):
    """Not when the recorder ends: then the arm still moves."""
    done = []
    context = SimpleNamespace(launch_configurations={}, environment={})
    run_of_launch.begin_run(context, at_end=lambda: done.append('report'))
    run = run_of_launch._runs[-1]
    processes = [
        SimpleNamespace(cmd=command(run.identity), process_name=f'{name}-1', pid=pid, returncode=0)
        for pid, name in enumerate(('run_recorder', 'arm_driver'), 1)
    ]
    for event in processes:
        run_of_launch._on_start(run, event)
    other = SimpleNamespace(cmd=['sleep'], process_name='sleep-1', pid=9, returncode=0)
    at_shutdown = SimpleNamespace(is_shutdown=True)
    assert events(run_of_launch._exited(run, processes[0], SimpleNamespace(is_shutdown=False)))
    run_of_launch._exited(run, other, at_shutdown)
    assert done == []
    for _ in range(2):
        run_of_launch._exited(run, processes[1], at_shutdown)
    assert done == ['report']
