"""Nodes: the command lines and parameter files that launch_ros gives them."""

import json
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import outputs, run, write_launch_file

pytest.importorskip('ament_index_python')
ROS = """
from launch_ros.actions import Node, PushRosNamespace, SetParameter, SetRemap
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare
"""
# An executable that prints its arguments; parameter files are printed as what they hold.
TALKER = f"""#!{sys.executable} -S
import json, sys
print(json.dumps([open(a).read() if b == '--params-file' else a for b, a in zip(sys.argv, sys.argv[1:])]))
"""


@pytest.fixture
def launch(tmp_path):
    """Launch entities where package `demo` has the executable `talker` and share/params.yaml."""
    prefix = tmp_path / 'prefix'
    for folder in ('lib/demo', 'share/demo', 'share/ament_index/resource_index/packages'):
        (prefix / folder).mkdir(parents=True)
    (prefix / 'share/ament_index/resource_index/packages/demo').touch()
    (prefix / 'share/demo/params.yaml').write_text('/**:\n  ros__parameters: {a: 1}\n')
    (prefix / 'lib/demo/talker').write_text(TALKER)
    (prefix / 'lib/demo/talker').chmod(0o755)

    def launch_entities(entities, *arguments):
        file = write_launch_file(tmp_path / 'a.launch.py', entities, ROS)
        return run('launch', file, *arguments, tmp_path=tmp_path, AMENT_PREFIX_PATH=str(prefix))

    return launch_entities


def node(options=''):
    return f"Node(package='demo', executable='talker', output='screen', {options})"


def command_lines(launched):
    code, lines = launched
    assert code == 0, lines
    return [json.loads(line) for line in outputs(lines, 'talker')]


def parameters(command_line):
    """Node name and values of each parameter file, in order."""
    files = [yaml.safe_load(value) for flag, value in zip(command_line, command_line[1:], strict=False)]
    return [
        (name, body['ros__parameters'])
        for file in files
        if isinstance(file, dict)
        for name, body in file.items()
    ]


def test_name_namespace_arguments_and_remappings(launch):
    (line,) = command_lines(
        launch(
            node("""name='n', namespace='ns', remappings=[('a', ['b', 'c'])],
            arguments=['--x', LaunchConfiguration('v')], ros_arguments=['--log-level', 'info']"""),
            'v:=1',
        )
    )
    assert line == (
        ['--x', '1', '--ros-args', '--log-level', 'info', '--ros-args']
        + ['-r', '__node:=n', '-r', '__ns:=/ns', '-r', 'a:=bc']
    )


@pytest.mark.parametrize(
    ('namespace', 'expected'),
    [("'sub'", '/robot/sub'), ("'/alone'", '/alone'), ('None', '/robot'), ("''", '/robot')],
)
def test_pushed_namespace(launch, namespace, expected):
    (line,) = command_lines(launch(f"PushRosNamespace('robot'), {node(f'namespace={namespace}')}"))
    assert line == ['--ros-args', '-r', f'__ns:={expected}']


def test_scope_ends_namespace_parameter_and_remapping(launch):
    scope = f"PushRosNamespace('robot'), SetRemap('in', 'out'), SetParameter('seed', 7), {node()}"
    inside, outside = sorted(
        command_lines(launch(f'GroupAction([{scope}]), {node()}')), key=len, reverse=True
    )
    assert inside == ['--ros-args', '-r', '__ns:=/robot', '-p', 'seed:=7', '-r', 'in:=out']
    assert outside == ['--ros-args']


def test_parameter_types(launch):
    values = """{'number': LaunchConfiguration('v'),
        'text': ParameterValue(LaunchConfiguration('v'), value_type=str),
        'real': ParameterValue(LaunchConfiguration('one'), value_type=float), 'plain': '5', 'tiny': 1e-5,
        'truth': True, 'reals': [1, 2.5], 'words': ['a', 'b'], 'joined': ['x', LaunchConfiguration('v')],
        'list': LaunchConfiguration('l'), 'nest': {'deep': {'x': 3}}}"""
    (line,) = command_lines(launch(node(f'parameters=[{values}]'), 'v:=0.5', 'one:=1', 'l:=[1, 2]'))
    ((name, got),) = parameters(line)
    assert name == '/**'
    expected = {'number': 0.5, 'text': '0.5', 'real': 1.0, 'plain': '5', 'tiny': 1e-5, 'truth': True}
    expected |= {'reals': [1.0, 2.5], 'words': ['a', 'b'], 'joined': 'x0.5', 'list': [1, 2], 'nest.deep.x': 3}
    assert got == expected
    assert {key: type(value) for key, value in got.items()} == {
        key: type(value) for key, value in expected.items()
    }


def test_parameter_sources_stay_in_order_and_leave_no_file(launch, tmp_path, monkeypatch):
    monkeypatch.setenv('TMPDIR', str(tmp_path))
    share = "PathJoinSubstitution([FindPackageShare('demo'), 'params.yaml'])"
    (line,) = command_lines(
        launch(node(f"name='n', namespace='ns', parameters=[{{'b': 1}}, {share}, {{'b': 2}}]"))
    )
    assert parameters(line) == [('/ns/n', {'b': 1}), ('/**', {'a': 1}), ('/ns/n', {'b': 2})]
    assert not list(tmp_path.glob('launch_params_*'))


@pytest.mark.parametrize(
    ('entities', 'message'),
    [
        ("Node(package='demo', executable='nope')", "executable 'nope' of package 'demo' not found in "),
        ("Node(package='none', executable='nope')", "package 'none' not found; is the workspace built"),
        (node("parameters=['/no/file.yaml']"), 'parameter file /no/file.yaml does not exist'),
        (node("parameters=[{'p': {'q': []}}]"), "parameter 'p.q': expected bool, int, float, str"),
        (node("namespace='1x'"), "namespace '/1x': '1x' is not made of letters, digits and _"),
    ],
)
def test_errors_are_one_line_and_start_nothing(launch, entities, message):
    code, lines = launch(f'{node()}, {entities}')
    assert code == 1
    assert len(lines) == 2
    assert message in lines[-1]


def test_run_replaces_itself_by_the_executable(launch, tmp_path):
    code, lines = run(
        'run', 'demo', 'talker', 'a', '--b', tmp_path=tmp_path, AMENT_PREFIX_PATH=str(tmp_path / 'prefix')
    )
    assert (code, json.loads(lines[0])) == (0, ['a', '--b'])
