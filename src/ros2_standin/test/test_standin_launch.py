"""Launch files: arguments, composition, conditions, environment, events."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import outputs, run, write_launch_file


def launch(tmp_path, entities, *arguments, before=''):
    return run(
        'launch', write_launch_file(tmp_path / 'a.launch.py', entities, before), *arguments, tmp_path=tmp_path
    )


TASK = """DeclareLaunchArgument(
    'task', default_value='reaching', description='Task', choices=['reaching', 'tracking'])"""


def test_argument_default_and_value(tmp_path):
    entities = f"{TASK}, shell('echo $1', ['t=', LaunchConfiguration('task')])"
    assert outputs(launch(tmp_path, entities)[1], 'sh') == ['t=reaching']
    assert outputs(launch(tmp_path, entities, 'task:=tracking')[1], 'sh') == ['t=tracking']


def test_show_args(tmp_path):
    entities = f"""{TASK}, DeclareLaunchArgument('out', default_value=['x_', LaunchConfiguration('task')]),
        GroupAction([DeclareLaunchArgument('must', description='needed')], condition=IfCondition('false'))"""
    code, lines = launch(tmp_path, entities, '--show-args')
    assert code == 0
    assert '\n'.join(lines) == (
        "Arguments (pass arguments as '<name>:=<value>'):\n\n"
        "    'task':\n        Task. Valid choices are: ['reaching', 'tracking']\n"
        "        (default: 'reaching')\n\n"
        "    'out':\n        no description given\n        (default: 'x_' + LaunchConfig('task'))\n\n"
        "    'must':*\n        needed\n\n"
        '* argument(s) which are only used if specific conditions occur'
    )


@pytest.mark.parametrize(
    ('arguments', 'code', 'message'),
    [
        (['task:=x'], 1, "argument 'task': 'x' is not one of ['reaching', 'tracking']"),
        ([], 1, "argument 'must' (needed) is required; give must:=VALUE"),
        (['task'], 2, "launch argument 'task' is not of the form name:=value"),
        (['task:='], 2, "launch argument 'task:=' is not of the form name:=value"),
    ],
)
def test_bad_arguments_start_nothing_and_say_so_in_one_line(tmp_path, arguments, code, message):
    entities = f"shell('echo started'), {TASK}, DeclareLaunchArgument('must', description='needed')"
    got, lines = launch(tmp_path, entities, *arguments)
    assert got == code
    assert [line for line in lines if 'log file' not in line] in (
        [f'[ERROR] [launch]: {message}'],
        [f'ros2 launch: {message}'],
    )


def test_mistyped_argument_is_named(tmp_path):
    code, lines = launch(tmp_path, TASK, 'tsk:=tracking')
    assert code == 0
    assert "[WARNING] [launch]: argument 'tsk' is not used by this launch (see --show-args)" in lines


@pytest.mark.parametrize(
    ('file', 'message'),
    [
        (
            'x = 1',
            "AttributeError: module 'python_launch_file' has no attribute 'generate_launch_description'",
        ),
        (
            'def generate_launch_description(): return 1',
            'generate_launch_description() gave int, not a LaunchDescription',
        ),
        ('from launch.actions import Nope', "ImportError: cannot import name 'Nope' from 'launch.actions'"),
    ],
)
def test_broken_launch_file_is_one_line(tmp_path, file, message):
    (tmp_path / 'a.launch.py').write_text(file)
    code, lines = run('launch', tmp_path / 'a.launch.py', tmp_path=tmp_path)
    assert code != 0
    assert message in lines[-1]
    assert len([line for line in lines if 'log file' not in line]) == 1


def test_include_with_arguments_and_scoped_group(tmp_path):
    write_launch_file(
        tmp_path / 'inner.launch.py',
        """DeclareLaunchArgument('gain', default_value='1'),
        shell('echo $1 $2 $X', LaunchConfiguration('gain'), ThisLaunchFileDir())""",
    )
    include = (
        "IncludeLaunchDescription(PythonLaunchDescriptionSource([ThisLaunchFileDir(), '/inner.launch.py']){})"
    )
    entities = f"""GroupAction([
            SetEnvironmentVariable('X', 'inside'),
            {include.format(", launch_arguments={'gain': '2'}.items()")}]),
        {include.format('')}"""
    _, lines = launch(tmp_path, entities)
    assert sorted(outputs(lines, 'sh')) == [f'1 {tmp_path}', f'2 {tmp_path} inside']


def test_conditions(tmp_path):
    is_three = "PythonExpression([LaunchConfiguration('n', default='3'), ' < pi < math.e * 2'])"
    holds = {
        "IfCondition('true')": True,
        "IfCondition('0')": False,
        "UnlessCondition(LaunchConfiguration('f', default='False'))": True,
        "IfCondition(EqualsSubstitution('1.0', 1))": True,
        "IfCondition(EqualsSubstitution(True, '1'))": True,
        "IfCondition(NotEqualsSubstitution('a', 'a'))": False,
        "IfCondition(AndSubstitution('true', NotSubstitution('false')))": True,
        f'IfCondition({is_three})': True,
        "LaunchConfigurationEquals('t', 'x')": False,
        "LaunchConfigurationEquals('t', None)": True,
    }
    entities = [f"LogInfo(msg='{number}', condition={text})" for number, text in enumerate(holds)]
    _, lines = launch(tmp_path, ', '.join(entities))
    seen = {int(line.split()[-1]) for line in lines if 'launch.user' in line}
    assert {text: number in seen for number, text in enumerate(holds)} == holds


def test_a_condition_that_is_no_truth_value(tmp_path):
    code, lines = launch(tmp_path, "LogInfo(msg='x', condition=IfCondition('maybe'))")
    assert code == 1
    assert "condition 'maybe': 'maybe' is not a truth value; expected true, 1, false or 0" in lines[-1]


def test_substitutions(tmp_path):
    entities = """shell('echo "$@"', PathJoinSubstitution(['a', ['b', TextSubstitution(text='c')]]),
        EnvironmentVariable('NOT_THERE', default_value='d'), IfElseSubstitution('true', 'e', 'f'))"""
    assert outputs(launch(tmp_path, entities)[1], 'sh') == ['a/bc d e']


def test_opaque_function_timer_and_event_handlers(tmp_path):
    before = """
def later(context, word):
    first = shell('echo ' + word, additional_env={'Y': '1'})
    ended = OnProcessExit(target_action=first, on_exit=[LogInfo(msg='first ended')])
    end = OnShutdown(on_shutdown=lambda event, context: LogInfo(msg=['end: ', event.reason]))
    return [first, RegisterEventHandler(ended), RegisterEventHandler(end)]
"""
    entities = (
        "OpaqueFunction(function=later, args=['hi']), TimerAction(period=0.05, actions=[LogInfo(msg='late')])"
    )
    code, lines = launch(tmp_path, entities, before=before)
    assert code == 0
    assert outputs(lines, 'sh') == ['hi']
    messages = [line.removeprefix('[INFO] [launch.user]: ') for line in lines if 'launch.user' in line]
    assert sorted(messages) == ['end: idle', 'first ended', 'late']


def test_environment_and_folder_of_a_process(tmp_path):
    entities = f"shell('pwd; echo $A $HOME', cwd='{tmp_path}', env={{'A': 'only'}})"
    assert outputs(launch(tmp_path, entities)[1], 'sh') == [str(tmp_path), 'only']


def test_output_goes_to_the_screen_as_asked_and_always_to_the_log(tmp_path):
    entities = "ExecuteProcess(cmd=['sh', '-c', 'echo quiet; echo loud >&2'], name='sh')"
    _, lines = launch(tmp_path, entities)
    assert outputs(lines, 'sh') == ['loud']
    (log,) = (tmp_path / 'log').glob('*/launch.log')
    assert '[sh-1] quiet' in log.read_text()


def test_last_words_without_line_end_and_undecodable_bytes(tmp_path):
    _, lines = launch(tmp_path, 'shell(r\'printf "a\\nb\\377c"\')')
    assert outputs(lines, 'sh') == ['a', 'b\ufffdc']


def test_command_that_does_not_exist(tmp_path):
    code, lines = launch(tmp_path, "ExecuteProcess(cmd=['/no/such/thing', '1'])")
    assert code == 1
    assert lines[-1].startswith('[ERROR] [thing-1]: cannot start /no/such/thing 1: ')
