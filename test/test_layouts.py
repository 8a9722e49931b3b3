"""The layouts of rviz2, rqt, PlotJuggler and Foxglove name topics, fields and frames that there are.

None of these programs runs here: their own words (classes, properties, plugins, panels) were compared with
their sources by hand, and stand here so that a slip of the pen is found.
"""

import ast
import json
import re
import runpy
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

topics = pytest.importorskip('ur5_rl_graph.topics')
from ament_index_python.packages import PackageNotFoundError  # noqa: E402
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy  # noqa: E402

from ur5_rl_env import frames  # noqa: E402
from ur5_rl_env.urdf import robot_description  # noqa: E402
from ur5_rl_graph.data import JOINT_NAMES  # noqa: E402
from ur5_rl_monitor import viewers  # noqa: E402

CONFIG = Path(__file__).resolve().parents[1] / 'config'
TOPICS = {'/' + topic.name.strip('/'): topic for topic in topics.TOPICS}
NUMBERS = re.compile(r'(float|double|float32|float64|u?int\d+|boolean|octet|byte)')


def type_of(topic):
    return f'{topic.type.__module__.split(".")[0]}/{topic.type.__name__}'


def field(topic, *path):
    """The type of a field of a topic's messages, of each element where it is an array."""
    kind = type_of(TOPICS[topic])
    message = TOPICS[topic].type
    for name in path:
        fields = message.get_fields_and_field_types()
        assert name in fields, f'{topic} has no {name}: {", ".join(fields)}'
        kind = fields[name]
    return kind


# --- rviz2 ---

RVIZ_QOS = {'Depth', 'History Policy', 'Reliability Policy', 'Durability Policy', 'Value'}
RVIZ = {  # class: properties, message type
    'Grid': ({'Alpha', 'Cell Size', 'Plane Cell Count', 'Reference Frame'}, None),
    'RobotModel': (
        {
            *('Alpha', 'Collision Enabled', 'Visual Enabled', 'Description Source', 'Description Topic'),
            *('TF Prefix', 'Update Interval'),
        },
        'std_msgs/String',
    ),
    'TF': (
        {'Frame Timeout', 'Marker Scale', 'Show Arrows', 'Show Axes', 'Show Names', 'Update Interval'},
        None,
    ),
    'MarkerArray': ({'Namespaces', 'Topic'}, 'visualization_msgs/MarkerArray'),
    'Image': ({'Normalize Range', 'Topic'}, 'sensor_msgs/Image'),
}


def rviz():
    return yaml.safe_load((CONFIG / 'rviz/ur5_rl.rviz').read_text(encoding='utf-8'))


def displays():
    return rviz()['Visualization Manager']['Displays']


@pytest.mark.parametrize('display', displays(), ids=lambda display: display['Name'])
def test_an_rviz_display_hears_its_topic(display):
    package, name = display['Class'].split('/')
    properties, message_type = RVIZ[name]
    assert package == 'rviz_default_plugins'
    assert display.keys() - {'Class', 'Name', 'Enabled', 'Value'} == properties
    assert display['Enabled'] == display['Value']
    if message_type is None:
        return
    asked = display.get('Topic') or display['Description Topic']
    assert asked.keys() == RVIZ_QOS and asked['History Policy'] == 'Keep Last' and asked['Depth'] >= 1
    topic = TOPICS[asked['Value']]
    assert type_of(topic) == message_type
    reliable = topic.qos.reliability is ReliabilityPolicy.RELIABLE
    latched = topic.qos.durability is DurabilityPolicy.TRANSIENT_LOCAL
    assert asked['Reliability Policy'] == ('Reliable' if reliable else 'Best Effort')
    assert asked['Durability Policy'] == ('Transient Local' if latched else 'Volatile')


def test_rviz_shows_everything_in_frames_that_there_are():
    links = set(re.findall(r'<link name="([^"]+)"', robot_description()))
    known = {value for name, value in vars(frames).items() if name.isupper()}
    named = {rviz()['Visualization Manager']['Global Options']['Fixed Frame']}
    named |= {display['Reference Frame'] for display in displays() if 'Reference Frame' in display}
    assert named - {'<Fixed Frame>'} <= links & known
    view = rviz()['Visualization Manager']['Views']['Current']
    assert view['Class'] == 'rviz_default_plugins/Orbit' and view['Target Frame'] == '<Fixed Frame>'


# --- rqt ---

RQT = {  # plugin: its settings
    'rqt_image_view/ImageView': {'topic', 'smooth_image'},
    'rqt_plot/Plot': {'topics', 'autoscroll'},
    'rqt_runtime_monitor/RuntimeMonitor': set(),
    'rqt_topic/TopicPlugin': set(),
}


def settings_of(group):
    assert all(value['type'] == 'repr' for value in group['keys'].values())
    return {key: ast.literal_eval(value['repr']) for key, value in group['keys'].items()}


def test_rqt_plugins_show_topics_that_there_are():
    manager = json.loads((CONFIG / 'rqt/ur5_rl.perspective').read_text(encoding='utf-8'))
    manager = manager['groups']['pluginmanager']
    running = settings_of(manager)['running-plugins']
    assert running.keys() == RQT.keys()
    names = {
        f'plugin__{plugin.replace("/", "__")}__{number}': plugin
        for plugin, numbers in running.items()
        for number in numbers
    }
    assert manager['groups'].keys() == names.keys()
    plotted, pictures = set(), set()
    for name, plugin in names.items():
        settings = settings_of(manager['groups'][name]['groups']['plugin'])
        assert settings.keys() == RQT[plugin]
        pictures |= {settings['topic']} if 'topic' in settings else set()
        plotted |= set(settings.get('topics', ()))
    assert pictures == {'/camera/image_raw', '/monitor/network_view'}
    assert {type_of(TOPICS[picture]) for picture in pictures} == {'sensor_msgs/Image'}
    floats = {name for name, topic in TOPICS.items() if type_of(topic) == 'std_msgs/Float32'}
    assert plotted == {f'{name}/data' for name in floats}
    # The runtime monitor asks for the one topic that it knows, reliably.
    assert type_of(TOPICS['/diagnostics']) == 'diagnostic_msgs/DiagnosticArray'
    assert TOPICS['/diagnostics'].qos.reliability is ReliabilityPolicy.RELIABLE


# --- PlotJuggler ---


def numeric_curve(name):
    """The topic of a curve, which must be a number of its messages."""
    topic = next(known for known in sorted(TOPICS, key=len, reverse=True) if name.startswith(f'{known}/'))
    path = name[len(topic) + 1 :].split('/')
    if type_of(TOPICS[topic]) == 'sensor_msgs/JointState':  # by the name of the joint
        joint, path = path[0], path[1:]
        assert joint in JOINT_NAMES and field(topic, *path) == 'sequence<double>'
    else:
        assert NUMBERS.fullmatch(field(topic, *path)), name
    return topic


def test_plotjuggler_draws_numbers_that_there_are_and_asks_for_their_topics():
    root = ElementTree.parse(CONFIG / 'plotjuggler/ur5_rl.xml').getroot()
    curves = [curve.get('name') for curve in root.iter('curve')]
    assert len(curves) == len(set(curves)) > 20
    (plugin,) = root.iter('plugin')
    assert plugin.get('ID') == root.find('previouslyLoaded_Streamer').get('name') == 'ROS2 Topic Subscriber'
    selected = plugin.find('selected_topics').get('value').split(';')
    assert set(selected) == {numeric_curve(name) for name in curves}
    for splitter in root.iter('DockSplitter'):
        shares = [float(share) for share in splitter.get('sizes').split(';')]
        assert len(shares) == len(splitter) == int(splitter.get('count')) and sum(shares) == pytest.approx(
            1, abs=0.01
        )


# --- Foxglove ---

PANELS = {'3D', 'Image', 'Plot', 'DiagnosticSummary', 'StateTransitions'}


def panels(layout):
    return panels(layout['first']) | panels(layout['second']) if isinstance(layout, dict) else {layout}


def numeric_path(path):
    topic, *names = path.split('.')
    assert NUMBERS.fullmatch(field(topic, *names)), path


def test_foxglove_shows_topics_fields_and_frames_that_there_are():
    layout = json.loads((CONFIG / 'foxglove/ur5_rl.json').read_text(encoding='utf-8'))
    configs = layout['configById']
    assert panels(layout['layout']) == configs.keys()
    assert {name.partition('!')[0] for name in configs} == PANELS
    for config in configs.values():
        for path in config.get('paths', ()):
            numeric_path(path['value'])
    images = [config['imageMode'] for config in configs.values() if 'imageMode' in config]
    assert {type_of(TOPICS[image['imageTopic']]) for image in images} == {'sensor_msgs/Image'}
    assert type_of(TOPICS[images[0]['calibrationTopic']]) == 'sensor_msgs/CameraInfo'
    assert configs['3D!cell']['topics'].keys() <= TOPICS.keys()
    assert configs['3D!cell']['followTf'] == rviz()['Visualization Manager']['Global Options']['Fixed Frame']
    assert configs['DiagnosticSummary!all']['topicToRender'] == '/diagnostics'


# --- viewers.launch.py, of monitor and replay ---


def absent(package):
    raise PackageNotFoundError(package)


@pytest.mark.parametrize('viewer', viewers.VIEWERS, ids=lambda viewer: viewer.package)
def test_a_viewer_that_cannot_be_opened_gets_one_line(viewer):
    assert (CONFIG / viewer.layout).is_file()
    line = viewers.missing(viewer, {'DISPLAY': ':0'}, absent)
    assert line.startswith(f'{viewer.package} is not installed') and 'apt install ros-jazzy-' in line
    line = viewers.missing(viewer, {}, lambda package: '/opt')
    assert 'needs a display' in line and '\n' not in line
    assert viewers.missing(viewer, {'WAYLAND_DISPLAY': 'wayland-0'}, lambda package: '/opt') == ''


def test_a_namespace_is_put_before_the_topics_of_a_run_alone():
    assert viewers.remappings('') == []
    renamed = dict(viewers.remappings('/lab/robot_1'))
    assert renamed['/camera/image_raw'] == '/lab/robot_1/camera/image_raw'
    assert '/diagnostics' not in renamed and len(renamed) == len(topics.TOPICS) - 1


@pytest.mark.parametrize('sim_time', ['', 'true'])
@pytest.mark.parametrize('installed', [(), ('rviz2',), ('rviz2', 'rqt_gui')])
def test_the_launch_file_opens_what_is_there_and_says_what_is_not(monkeypatch, installed, sim_time):
    launch_ros = pytest.importorskip('launch_ros.actions')
    missing = viewers.missing

    def prefix(package):
        return '/opt' if package in installed else absent(package)

    monkeypatch.setattr(viewers, 'missing', lambda viewer, environment: missing(viewer, environment, prefix))
    monkeypatch.setattr(launch_ros, 'Node', lambda **words: words)
    monitor = runpy.run_path(str(CONFIG.parent / 'launch/include/viewers.launch.py'))
    environment, chosen = {'DISPLAY': ':0'}, {'namespace': 'robot_1', 'use_sim_time': sim_time}
    found = monitor['viewers'](SimpleNamespace(environment=environment, launch_configurations=chosen))
    opened = [words for words in found if isinstance(words, dict)]
    assert [words['package'] for words in opened] == list(installed) and len(found) == 2
    for words in opened:
        assert Path(words['arguments'][1]).is_file()
        assert ('/camera/image_raw', '/robot_1/camera/image_raw') in words['remappings']
        assert words['ros_arguments'] == (['-p', 'use_sim_time:=true'] if sim_time == 'true' else [])
    chosen['viewers'] = 'false'
    assert not monitor['viewers'](SimpleNamespace(environment=environment, launch_configurations=chosen))
