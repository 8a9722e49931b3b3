"""Which devices a launch starts, what it tells them of a real arm, and what it refuses."""

import os
import runpy
import subprocess
import sys
from dataclasses import asdict

import pytest

pytest.importorskip('launch_ros', reason='the workspace is not built: run ./ur5rl test')
import ament_index_python
import launch.actions
import launch_files

from commissioning import quick
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import save_checkpoint
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_env.urdf import robot_description
from ur5_rl_graph import parameter_file

REAL = {'robot_ip': '192.0.2.1', 'camera': '0', 'display': ':0'}


@pytest.fixture
def devices(tmp_path, monkeypatch):
    """devices(argument=value, ...) -> parameters by the name of the node."""
    launch_files.replace_what_starts(monkeypatch)
    run = {'setting': 'small', 'output': str(tmp_path / 'run')}

    def start(**arguments):
        nodes = launch_files.visit(monkeypatch, 'async_sac_2', **run | arguments)
        return {node['name']: node for node in nodes}

    yield start


@pytest.mark.parametrize(
    'arguments, waits', [({}, False), (REAL, True), (REAL | {'confirm': 'false'}, False)]
)
def test_a_real_arm_and_it_alone_waits_for_a_persons_word(devices, arguments, waits):
    nodes = devices(**arguments)
    assert nodes['arm_driver']['confirm'] is nodes['environment']['confirm'] is waits
    assert ('robot_cell' in nodes) == (not arguments)


def test_no_run_begins_before_its_recorder_and_none_that_learns_before_its_sampler(devices):
    nodes = devices()
    assert nodes['environment']['awaits_recorder'] is nodes['actor']['awaits_sampler'] is True
    assert 'run_recorder' in nodes


def test_arm_and_cell_of_a_simulated_run_have_one_address_and_one_run(devices):
    nodes = devices(cell_address='127.0.3.4')
    driver, cell = nodes['arm_driver'], nodes['robot_cell']
    assert driver['robot_ip'] == cell['controller_address'] == '127.0.3.4'
    assert driver['cell_run'] == driver['run_identity'] == cell['run_identity']
    assert cell['publish_camera'] is True and 'camera' not in nodes
    with_camera = devices(camera='/dev/video0')
    assert with_camera['robot_cell']['publish_camera'] is False
    assert with_camera['camera']['device'] == '/dev/video0'
    real = devices(**REAL)['arm_driver']
    assert real['robot_ip'] == '192.0.2.1' and 'cell_run' not in real


def test_a_launch_looks_at_the_machine_and_says_what_is_wrong_in_one_line(devices, tmp_path, monkeypatch):
    looked, said = [], []

    def line(folder, real):
        looked.append((folder, real))
        return 'this machine: full' if real else ''

    monkeypatch.setattr(quick, 'line', line)
    monkeypatch.setattr(launch.actions, 'LogInfo', lambda msg: said.append(msg))
    devices()
    assert said == []
    devices(**REAL)
    assert said == ['this machine: full']
    assert looked == [(tmp_path / 'run', False), (tmp_path / 'run', True)]


@pytest.mark.parametrize('arguments, waits', [({}, False), (REAL, True)])
def test_a_calibration_has_the_devices_and_itself_alone(tmp_path, monkeypatch, arguments, waits):
    launch_files.replace_what_starts(monkeypatch)
    given = {'setting': 'small', 'output': str(tmp_path / 'run')}
    nodes = {node['name']: node for node in launch_files.visit(monkeypatch, 'calibrate', **given | arguments)}
    assert nodes.keys() == {'arm_driver', 'calibration', 'camera' if arguments else 'robot_cell'}
    assert nodes['arm_driver']['confirm'] is nodes['calibration']['confirm'] is waits
    assert nodes['calibration']['display'] == arguments.get('display', '')
    assert nodes['calibration']['setting_file'].endswith('config/settings/small.yaml')
    own = parameter_file.read(tmp_path / 'run/parameters.yaml')['/calibration']
    assert own['box_low'] == GuardConfig().box_low and own['home'] == ArmConfig().home


def test_a_run_has_no_calibration_and_a_calibration_checks_no_other_node(devices):
    assert 'calibration' not in devices()
    running = runpy.run_path(str(launch_files.ROOT / 'launch/include/begin.launch.py'))['running']
    chosen = {'camera': '', 'robot_ip': '', 'record': 'all', 'view': 'true', 'monitor': 'true'}
    assert 'calibration' not in running(chosen | {'architecture': 'async_sac_2'})
    assert running(chosen | {'architecture': 'calibrate'}) == ('arm_driver', 'robot_cell', 'calibration')


@pytest.mark.parametrize('argument', ['duration:=5', 'record:=true', 'view:=true', 'monitor:=true'])
def test_a_calibration_refuses_what_it_would_ignore(tmp_path, monkeypatch, argument):
    launch_files.replace_what_starts(monkeypatch)
    name, _, value = argument.partition(':=')
    with pytest.raises(RuntimeError, match=name):
        launch_files.visit(monkeypatch, 'calibrate', output=str(tmp_path / 'run'), **{name: value})
    assert not (tmp_path / 'run').exists()


@pytest.mark.parametrize('name', launch_files.NAMES)
@pytest.mark.parametrize('given', ['', 'SUBNET'])
def test_nodes_find_those_of_this_host_alone_unless_a_person_says_otherwise(
    tmp_path, monkeypatch, name, given
):
    launch_files.replace_what_starts(monkeypatch)
    if given:
        monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', given)
    else:
        monkeypatch.delenv('ROS_AUTOMATIC_DISCOVERY_RANGE')
    words = {} if name in ('monitor', 'replay') else {'output': str(tmp_path / 'run')}
    nodes = launch_files.visit(monkeypatch, name, **words)
    assert os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] == (given or 'LOCALHOST')
    assert {node['discovery'] for node in nodes} <= {given or 'LOCALHOST'} and (nodes or name == 'monitor')


def test_a_real_arm_needs_a_display_or_the_word_that_none_is_meant(devices):
    with pytest.raises(RuntimeError, match=r'robot_ip is 192.0.2.1 but no display .* or display:=none'):
        devices(**REAL | {'display': ''})
    assert devices(**REAL | {'display': 'none'})['target_monitor']['display'] == ''
    assert devices(**REAL)['target_monitor']['display'] == ':0'
    assert devices()['target_monitor']['display'] == ''


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (REAL | {'camera': ''}, 'robot_ip is 192.0.2.1 but no camera is named'),
        (REAL | {'robot_ip': '192.0.2.1 '}, "robot_ip is '192.0.2.1 '; give the address of the UR5"),
        (REAL | {'cell_address': '127.0.0.7'}, 'cell_address is 127.0.0.7, that of a simulated arm, but'),
        (REAL | {'confirm': 'perhaps'}, 'perhaps'),
        ({'cell_address': '10.0.0.1'}, 'cell_address is "10.0.0.1"; the simulated controller listens on'),
        (REAL | {'display': 'foo'}, "display is 'foo'; give an X display, such as :0, or none"),
        ({'init': __file__}, f'{__file__} is not a checkpoint of this project'),
        ({'init': 'nowhere'}, "init is 'nowhere'; .*/nowhere is not there: give a run's checkpoints"),
        ({'namespace': 'robot-1'}, "namespace is 'robot-1'"),
        ({'durration': '5'}, "there is no argument 'durration'; the nearest is duration"),
        ({'duration': 'long'}, "duration is 'long'; expected is a number"),
        ({'duration': '-1'}, r'duration is -1.0; allowed is 0.0 to'),
        ({'seed': '1.5'}, "seed is '1.5'; expected is a whole number"),
        ({'seed': '-1'}, 'seed is -1; allowed is 0 to'),
        ({'action_cycle': '0.05'}, 'action_cycle_s is 0.05; .*choose 0.048 or 0.056'),
    ],
)
def test_what_is_refused_leaves_no_run_folder(devices, tmp_path, arguments, sentence):
    with pytest.raises((RuntimeError, ValueError), match=sentence) as caught:
        devices(**arguments)
    assert '\n' not in str(caught.value)
    assert not (tmp_path / 'run').exists()


@pytest.mark.parametrize(
    ('variable', 'value', 'sentence'),
    [
        ('AMENT_PREFIX_PATH', '', r'actor is not installed \(.*\): ./ur5rl setup'),
        (
            'RMW_IMPLEMENTATION',
            'rmw_nowhere',
            "RMW_IMPLEMENTATION is 'rmw_nowhere', .*; installed is rmw_.*: set",
        ),
        ('ROS_DOMAIN_ID', '300', "ROS_DOMAIN_ID is '300'"),
    ],
)
def test_what_no_node_could_start_in_leaves_no_run_folder(
    devices, tmp_path, monkeypatch, variable, value, sentence
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(RuntimeError, match=sentence):
        devices()
    assert not (tmp_path / 'run').exists()


def test_a_middleware_that_is_not_installed_is_refused_before_rclpy_is_imported_which_would_end_the_launch():
    code = (
        'import sys; from launch import LaunchContext\n'
        'from launch.launch_description_sources import PythonLaunchDescriptionSource as Source\n'
        'Source(sys.argv[1]).get_launch_description(LaunchContext())\n'
    )
    file = str(launch_files.ROOT / 'launch/async_sac_2.launch.py')
    done = subprocess.run(
        [sys.executable, '-c', code, file],
        env=os.environ | {'RMW_IMPLEMENTATION': 'rmw_nowhere', 'PYTHONPATH': os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "RMW_IMPLEMENTATION is 'rmw_nowhere', which is not installed" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize('own', ['', '/home/me/dds.xml'])
def test_who_sends_pictures_has_room_for_them_unless_a_person_says_otherwise(devices, monkeypatch, own):
    monkeypatch.setenv('FASTRTPS_DEFAULT_PROFILES_FILE', own)
    found = devices(view='true') | devices(**REAL, view='true')
    profile = own or str(launch_files.ROOT / 'config/fastdds.xml')
    with_it = {name: node['dds'] for name, node in found.items() if node['dds']}
    assert with_it == dict.fromkeys(['camera', 'robot_cell', 'network_view'], profile)


def test_the_description_is_published_in_every_run_and_the_rest_is_shown_on_request(devices):
    assert 'robot_state_publisher' in devices() and 'scene_markers' not in devices()
    assert {'robot_state_publisher', 'scene_markers'} <= devices(view='true').keys()
    assert 'robot_state_publisher' in devices(**REAL)


@pytest.mark.parametrize('installed', [False, True])
def test_the_robot_state_publisher_of_ros_is_used_where_it_is_installed(devices, monkeypatch, installed):
    packages = {'robot_state_publisher': '/opt/ros/jazzy'} if installed else {}
    monkeypatch.setattr(ament_index_python, 'get_resources', lambda kind: packages)
    node = devices()['robot_state_publisher']
    assert node['package'] == ('robot_state_publisher' if installed else 'ur5_rl_monitor')
    remapped = [('/tf', 'tf'), ('/tf_static', 'tf_static')]
    assert node['remappings'] == (remapped if installed else None)


def test_what_people_see_is_where_the_other_nodes_have_it(devices, tmp_path):
    (tmp_path / 'lab.yaml').write_text(
        '/robot_cell: {ros__parameters: {monitor_y: 1.25}}\n'
        '/target_monitor: {ros__parameters: {screen_width: 0.8}}\n'
        '/arm_driver: {ros__parameters: {box_high: [0.3, 0.7, 0.75], tool_offset: [0.0, 0.0, 0.02]}}\n'
        '/scene_markers: {ros__parameters: {path_s: 9.0}}\n'
        '/robot_state_publisher: {ros__parameters: {publish_frequency: 5.0}}\n'
    )
    devices(setting=str(tmp_path / 'lab.yaml'), view='true')
    given = parameter_file.read(tmp_path / 'run/parameters.yaml')
    publisher, markers = given['/robot_state_publisher'], given['/scene_markers']
    scene = SceneConfig(monitor_y=1.25, screen_width=0.8)
    assert publisher['robot_description'] == robot_description(scene) != robot_description()
    assert publisher['publish_frequency'] == 5.0
    assert (markers['box_high'], markers['box_low']) == ((0.3, 0.7, 0.75), GuardConfig().box_low)
    assert (markers['tool_offset'], markers['path_s']) == ((0.0, 0.0, 0.02), 9.0)


@pytest.mark.parametrize(
    ('node', 'value', 'sentence'),
    [
        ('scene_markers', 'box_high: [0.3, 0.7, 0.75]', 'box_high is given by those of arm_driver'),
        ('robot_state_publisher', 'robot_description: mine', 'robot_description is given by the launch'),
    ],
)
def test_what_others_have_is_not_given_a_second_time(devices, tmp_path, node, value, sentence):
    (tmp_path / 'lab.yaml').write_text(f'/{node}: {{ros__parameters: {{{value}}}}}\n')
    with pytest.raises(ValueError, match=sentence):
        devices(setting=str(tmp_path / 'lab.yaml'))


def test_nodes_log_into_the_run_folder_unless_the_user_says_where(devices, tmp_path, monkeypatch):
    assert {node['log'] for node in devices().values()} == {str(tmp_path / 'run/log')}
    monkeypatch.setenv('ROS_LOG_DIR', '/var/log/lab')
    assert {node['log'] for node in devices().values()} == {'/var/log/lab'}


def test_arguments_of_a_launch_file_that_includes_ours_are_not_ours_to_judge(devices):
    assert devices(command='lab.launch.py', robots='2')
    with pytest.raises(RuntimeError, match="there is no argument 'robots'; the nearest is"):
        devices(robots='2')


def test_a_policy_of_another_setting_is_refused_before_there_is_a_run_folder(tmp_path, monkeypatch):
    launch_files.replace_what_starts(monkeypatch)
    save_checkpoint(tmp_path / 'other', {}, asdict(AgentConfig(channels=3)))
    chosen = {'setting': 'baseline', 'output': str(tmp_path / 'run'), 'checkpoint': str(tmp_path / 'other')}
    with pytest.raises(ValueError, match='channels 3 there, 32 here; choose its own setting'):
        launch_files.visit(monkeypatch, 'evaluate', **chosen)
    assert not (tmp_path / 'run').exists()
    save_checkpoint(tmp_path / 'other', {}, asdict(AgentConfig()))
    assert launch_files.visit(monkeypatch, 'evaluate', **chosen)


@pytest.mark.parametrize(
    ('episodes', 'sentence'), [('0', 'episodes is 0 and duration is 0'), ('many', "episodes is 'many'")]
)
def test_an_evaluation_has_an_end(monkeypatch, tmp_path, episodes, sentence):
    launch_files.replace_what_starts(monkeypatch)
    with pytest.raises((RuntimeError, ValueError), match=sentence):
        launch_files.visit(monkeypatch, 'evaluate', episodes=episodes, output=str(tmp_path / 'run'))
    assert not (tmp_path / 'run').exists()
