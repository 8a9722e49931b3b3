"""A run as its launch sees it: which place it takes, and what ends with it."""

from types import SimpleNamespace

import pytest

pytest.importorskip('launch')
pytest.importorskip('launch_ros')
from launch.events import Shutdown
from launch.events.process import ShutdownProcess

from ur5_rl_graph import run_of_launch


@pytest.fixture
def taken(monkeypatch):
    """The places that were taken, as (identity, domain, namespace)."""
    places = []
    monkeypatch.setattr(run_of_launch, 'take_place', lambda *place: places.append(place))
    monkeypatch.setattr(run_of_launch, '_runs', [])
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


@pytest.mark.parametrize('domain', ['seven', '-1', '1.0'])
def test_a_domain_that_is_no_number_is_refused_before_anything_is_taken(taken, domain):
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


def ended(identity, name, code):
    command = ['lib/node', '--ros-args', '-p', f'run_identity:="{identity}"', '-r', '__ns:=/']
    event = SimpleNamespace(cmd=command, process_name=name, returncode=code)
    return [
        action.event for action in run_of_launch._end_run(identity, event) or [] if hasattr(action, 'event')
    ]


def process(identity):
    return SimpleNamespace(process_details={'cmd': ['lib/node', '-p', f'run_identity:="{identity}"']})


@pytest.mark.parametrize(
    ('name', 'code', 'ends'),
    [
        ('run_recorder-8', 0, True),
        ('actor-1', 0, False),
        ('run_recorder-8', 1, False),
        ('arm_driver-2', 2, True),
        ('environment-3', 3, True),
        ('learner-5', -9, False),
    ],
)
def test_what_ends_the_only_run_of_a_launch_ends_the_launch(taken, name, code, ends):
    begin()
    events = ended(taken[0][0], name, code)
    assert [type(event) for event in events] == [Shutdown] * ends


def test_of_two_runs_each_ends_its_own_processes(taken):
    begin('a')
    begin('b')
    first, second = (identity for identity, _, _ in taken)
    (event,) = ended(first, 'run_recorder-8', 0)
    assert isinstance(event, ShutdownProcess)
    assert event.process_matcher(process(first))
    assert not event.process_matcher(process(second))
    assert not event.process_matcher(SimpleNamespace(process_details=None))  # not started yet


def test_the_end_of_another_runs_process_is_not_this_ones(taken):
    begin()
    event = SimpleNamespace(
        cmd=['-p', 'run_identity:="run_other"'], process_name='run_recorder-8', returncode=0
    )
    assert run_of_launch._end_run(taken[0][0], event) is None
