"""What a launch with simulator:=gazebo starts, and what it refuses before anything starts."""

import os
import shlex
import subprocess
import sys

import pytest

pytest.importorskip('launch_ros', reason='the workspace is not built: run ./ur5rl test')
import launch.actions
import launch_files
from launch.actions import OpaqueFunction

from ur5_cell.cell_config import SimulatedCameraConfig
from ur5_rl_gazebo import installed
from ur5_rl_gazebo.world import world_sdf
from ur5_rl_graph import launching

GAZEBO = {'simulator': 'gazebo'}


@pytest.fixture
def start(tmp_path, monkeypatch):
    """start(argument=value, ...) -> nodes by name; what else would start is in `start.processes`."""
    launch_files.replace_what_starts(monkeypatch)
    for name in ('GZ_PARTITION', 'GZ_IP'):
        monkeypatch.setenv(name, '')

    def process(**words):
        return OpaqueFunction(function=lambda context: visit.processes.append(words))

    def visit(**arguments):
        visit.processes = []
        given = {'setting': 'small', 'output': str(tmp_path / 'run')} | arguments
        return {node['name']: node for node in launch_files.visit(monkeypatch, 'async_sac_2', **given)}

    monkeypatch.setattr(launch.actions, 'ExecuteProcess', process)
    return visit


@pytest.fixture
def gazebo(monkeypatch):
    """Gazebo is there."""
    monkeypatch.setattr(installed, 'missing', lambda: '')


@pytest.mark.usefixtures('gazebo')
def test_gazebo_has_server_bridge_and_the_world_of_the_settings(start, tmp_path):
    (tmp_path / 'lab.yaml').write_text(
        '/robot_cell: {ros__parameters: {monitor_y: 1.25, camera_period_s: 0.02, noise_sd: 2.0}}\n'
    )
    nodes = start(**GAZEBO, setting=str(tmp_path / 'lab.yaml'))
    world = tmp_path / 'run/gazebo.sdf'
    (server,) = start.processes
    expected = ['gz', 'sim', '-s', '-r', '--headless-rendering', str(world), '--force-version', '8']
    assert server['cmd'] == expected and server['respawn'] is True
    assert world.read_text() == world_sdf(SimulatedCameraConfig(monitor_y=1.25, noise_sd=2.0), 0.02)
    cell, bridge = nodes['robot_cell'], nodes['parameter_bridge']
    assert cell['simulator'] == 'gazebo' and cell['publish_camera'] is True
    assert bridge['package'] == 'ros_gz_bridge'
    assert bridge['config_file'] == str(launch_files.ROOT / 'config/gazebo/bridge.yaml')
    assert bridge['dds'] == cell['dds'] != ''
    assert (os.environ['GZ_PARTITION'], os.environ['GZ_IP']) == (cell['run_identity'], '127.0.0.1')


@pytest.mark.usefixtures('gazebo')
def test_what_is_not_ours_ends_with_a_launch_that_is_killed(start, monkeypatch, tmp_path):
    words = {}
    real = launching.run_node
    monkeypatch.setattr(
        launching, 'run_node', lambda *names, **kw: words.update({names[1]: kw}) or real(*names)
    )
    start(**GAZEBO, gazebo_window='true')
    bridge = words['parameter_bridge']
    prefixes = [process['prefix'] for process in start.processes] + [bridge['prefix']]
    assert len(prefixes) == 3 and len(set(prefixes)) == 1 and bridge['exec_name'] == 'parameter_bridge'
    fifo = tmp_path / 'fifo'
    os.mkfifo(fifo)
    command = [*shlex.split(prefixes[0]), 'sh', '-c', f'exec 3> {fifo}; echo here >&3; exec sleep 60']
    code = f'import subprocess; subprocess.run({command})'
    launched = subprocess.Popen([sys.executable, '-c', code])
    with fifo.open() as heard:
        assert heard.readline() == 'here\n'
        launched.kill()
        launched.wait()
        assert heard.read() == ''  # which comes when nobody is left who could write


@pytest.mark.usefixtures('gazebo')
def test_the_window_is_one_more_process_that_is_not_started_again(start):
    start(**GAZEBO, gazebo_window='true')
    window = start.processes[1]
    assert window['cmd'] == ['gz', 'sim', '-g', '--force-version', '8'] and window['respawn'] is False


@pytest.mark.usefixtures('gazebo')
def test_without_being_asked_for_gazebo_is_not_there(start, tmp_path):
    nodes = start()
    assert not start.processes and 'parameter_bridge' not in nodes
    assert nodes['robot_cell']['simulator'] == 'mujoco'
    assert not (tmp_path / 'run/gazebo.sdf').exists()


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (
            GAZEBO | {'robot_ip': '192.0.2.1', 'camera': '0', 'display': 'none'},
            'robot_ip is 192.0.2.1, a real',
        ),
        ({'gazebo_window': 'true'}, 'gazebo_window is true, but simulator is mujoco: simulator:=gazebo'),
        ({'simulator': 'unity'}, 'unity'),
    ],
)
@pytest.mark.usefixtures('gazebo')
def test_what_does_not_go_together_is_refused(start, tmp_path, arguments, sentence):
    with pytest.raises(RuntimeError, match=sentence):
        start(**arguments)
    assert not (tmp_path / 'run').exists()


def answers(monkeypatch, *, gz='/opt/gz', packages=('ros_gz_bridge',), versions='8.9.0\n'):
    monkeypatch.setattr(installed.shutil, 'which', lambda program: gz)
    monkeypatch.setattr(installed, 'get_resources', lambda kind: dict.fromkeys(packages, '/opt/ros/jazzy'))

    def run(command, **words):
        assert command == ['/opt/gz', 'sim', '--versions']
        if isinstance(versions, Exception):
            raise versions
        return subprocess.CompletedProcess(command, 0, versions, '')

    monkeypatch.setattr(installed.subprocess, 'run', run)


@pytest.mark.parametrize(
    ('there', 'sentence'),
    [
        ({'gz': None}, 'there is no program gz'),
        ({'packages': ()}, 'there is no package ros_gz_bridge'),
        ({'versions': '9.1.0\n'}, 'gz has no gz-sim 8.x, which is Harmonic, but 9.1.0'),
        ({'versions': ''}, 'gz has no gz-sim 8.x, which is Harmonic, but none'),
        ({'versions': OSError('no ruby')}, r'gz sim --versions does not answer \(no ruby\)'),
    ],
)
def test_where_gazebo_is_missing_one_line_says_so_and_nothing_starts(
    start, tmp_path, monkeypatch, there, sentence
):
    answers(monkeypatch, **there)
    with pytest.raises(RuntimeError, match=f'simulator is gazebo, but {sentence}: on Ubuntu') as caught:
        start(**GAZEBO)
    assert '\n' not in str(caught.value) and not (tmp_path / 'run').exists() and not start.processes


def test_harmonic_beside_another_gazebo_is_enough(start, monkeypatch):
    answers(monkeypatch, versions='9.1.0\n8.9.0\n')
    assert start(**GAZEBO)['robot_cell']['simulator'] == 'gazebo'


@pytest.mark.usefixtures('gazebo')
@pytest.mark.parametrize(('own', 'other'), [('gazebo', 'mujoco'), ('mujoco', 'gazebo')])
def test_a_run_goes_on_in_its_own_simulator(start, tmp_path, own, other):
    from run_recorder import identity_file
    from run_recorder.recorder_config import RecorderConfig

    start(simulator=own)
    about = {'architecture': 'async_sac_2', 'task': 'reaching', 'setting_name': 'small'}
    identity_file.write(RecorderConfig(run_folder=str(tmp_path / 'run'), **about))
    words = {'resume': str(tmp_path / 'run'), 'output': '', 'setting': ''}
    with pytest.raises(
        RuntimeError, match=f'simulator is {other}, but the run in .* is of {own}: simulator:='
    ):
        start(**words, simulator=other)
    assert start(**words, simulator=own)['robot_cell']['simulator'] == own
