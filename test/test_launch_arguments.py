"""Every argument of every launch file: its text stays the text that was given, or is refused by its name."""

import signal
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

pytest.importorskip('launch_ros', reason='the workspace is not built: run ./ur5rl test')
import launch_files
from launch_files import NAMES, ROOT, RUNS, visit

from commissioning import doctor, probes
from offline_learning import beginning
from run_recorder import identity_file
from run_recorder.recorder_config import RecorderConfig
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import save_checkpoint
from ur5_rl_graph import declared, run_files, settings
from ur5_rl_graph.parameter_file import read

TEXTS = [
    'a b',
    '#',
    'x # y',
    'a: b',
    "it's",
    '"',
    'Köln',
    '007',
    'true',
    'null',
    '~',
    '1e3',
    '[a]',
    '{b: c}',
    'y',
]
TEXTS += ['0x10', 'inf', '*a', '%d', '\\n', '-p', '$(x)', '{x']
PARAMETER = {'checkpoint': 'checkpoint', 'init': 'init', 'output': 'run_folder', 'setting': 'setting_name'}
PARAMETER |= {
    'robot_model': 'robot_model',
    'camera': 'device',
    'robot_ip': 'robot_ip',
    'namespace': 'title',
    'resume': 'run_folder',
}
"""What an argument that is a text becomes."""
OTHERS = {'action_cycle', 'cell_address', 'confirm', 'display', 'duration', 'episodes', 'seed', 'task'}
OTHERS |= {'init_from_other_setting', 'record', 'replay', 'view', 'monitor', 'simulator', 'gazebo_window'}
OTHERS |= {'robot_model', 'bag', 'loop', 'rate', 'start_offset', 'viewers'}
"""Numbers, choices, addresses and bags: texts that are none are refused."""
REAL = {'robot_ip': '192.0.2.1', 'camera': '0', 'display': ':0'}


def arguments():
    """All arguments, each with the first launch file that has it."""
    found = {}
    for name in NAMES:
        for argument in launch_files.description(name).get_launch_arguments():
            found.setdefault(argument.name, name)
    return sorted(found.items())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The present folder."""
    monkeypatch.chdir(tmp_path)
    launch_files.replace_what_starts(monkeypatch)
    return tmp_path


def make_what_is_named(folder, argument, texts=TEXTS):
    """Makes checkpoints, settings or runs of these names, where an argument is the name of one."""
    path = ROOT / 'config/settings/small.yaml'
    setting = path.read_text()
    agent = settings.configuration(read(path), 'actor', AgentConfig)
    about = {'architecture': 'async_sac_1', 'task': 'reaching', 'setting_name': 'small'}
    for text in texts:
        if argument in ('checkpoint', 'init'):
            save_checkpoint(folder / text, {}, asdict(agent))
        elif argument == 'setting':
            (folder / f'{text}.yaml').write_text(setting)
        elif argument == 'resume':
            ran = folder / 'ran' / text
            ran.mkdir(parents=True)
            identity_file.write(RecorderConfig(run_folder=str(ran), **about))
            (ran / run_files.PARAMETERS).write_text(setting)


def test_it_is_known_of_every_argument_whether_it_is_a_text():
    assert {argument for argument, _ in arguments()} == PARAMETER.keys() | OTHERS


@pytest.mark.parametrize(('argument', 'name'), arguments())
def test_a_text_stays_a_text_or_is_refused_by_the_name_of_its_argument(folder, monkeypatch, argument, name):
    make_what_is_named(folder, argument)
    arrived = []
    for number, text in enumerate(TEXTS):
        given = {'setting': f'{text}.yaml', 'output': f'runs/{text}', 'resume': f'ran/{text}'}
        given = given.get(argument, text)
        beside = {'output': f'run{number}', 'setting': 'small'} | (REAL if argument in REAL else {})
        if argument == 'resume' or name == 'replay':
            beside = {}
        try:
            nodes = visit(monkeypatch, name, **beside | {argument: given})
        except (ValueError, RuntimeError) as error:
            assert argument in str(error) and '\n' not in str(error)
            assert not (folder / f'run{number}').exists()
            continue
        arrived.append(text)
        if argument in PARAMETER:
            value = next(node[PARAMETER[argument]] for node in nodes if node.get(PARAMETER[argument]))
            expected = {'checkpoint': folder / text, 'init': folder / text, 'output': folder / given}
            expected['resume'] = folder / given
            expected['namespace'] = f'{name} reaching small 0 {text}'.replace('_', ' ')
            assert type(value) is str and value == str(expected.get(argument, text))
    free = {'camera', 'checkpoint', 'init', 'output', 'resume', 'setting'}
    numbers = {'seed': ['007'], 'episodes': ['007'], 'duration': ['007', '1e3'], 'confirm': ['true']}
    numbers |= {'rate': ['007'], 'start_offset': ['007'], 'loop': ['true'], 'viewers': ['true']}
    for name in ('init_from_other_setting', 'record', 'view', 'monitor'):
        numbers[name] = ['true']
    names = {
        'namespace': ['true', 'null', 'y', 'inf'],
        'robot_ip': ['007', 'true', 'null', '1e3', 'y', '0x10', 'inf'],
    }
    assert arrived == (TEXTS if argument in free else (numbers | names).get(argument, []))


@pytest.mark.parametrize('argument', ['output', 'resume', 'init', 'checkpoint', 'setting'])
def test_a_path_may_begin_with_the_home_folder(folder, monkeypatch, argument):
    """A shell expands `~` at the beginning of a word only."""
    monkeypatch.setenv('HOME', str(folder))
    make_what_is_named(folder, argument, ['mine'])
    given = {'setting': '~/mine.yaml', 'resume': '~/ran/mine'}.get(argument, '~/mine')
    beside = {} if argument in ('resume', 'output') else {'output': 'run'}
    name = 'evaluate' if argument == 'checkpoint' else 'async_sac_1'
    nodes = visit(monkeypatch, name, **beside | {argument: given})
    value = next(node[PARAMETER[argument]] for node in nodes if node.get(PARAMETER[argument]))
    assert value == ('mine' if argument == 'setting' else str(folder / given[2:]))


def test_the_list_of_what_a_launch_gives_is_what_it_gives(folder, monkeypatch):
    of_launch = {'name', 'file', 'first', 'log', 'dds', 'discovery', 'package', 'remappings'}
    given = set()
    for number, name in enumerate([*RUNS, 'calibrate']):
        for beside in ({}, REAL if name == 'calibrate' else REAL | {'record': 'all'}):
            for node in visit(monkeypatch, name, setting='small', output=f'run{number}', **beside):
                given |= node.keys()
    # Two stand in files, config/tasks and the run's own; a learner has a device, too.
    in_files = {'task', 'robot_description'}
    assert given - of_launch - {'device'} == declared.GIVEN.keys() - in_files
    assert declared.giver('/camera', 'device')


@pytest.mark.parametrize(('record', 'expected'), [('false', []), ('true', ['true']), ('all', ['all'])])
@pytest.mark.parametrize('name', RUNS)
def test_a_bag_is_recorded_where_it_is_asked_for(folder, monkeypatch, name, record, expected):
    nodes = visit(monkeypatch, name, setting='small', output='run', record=record)
    recorders = [node for node in nodes if node['name'] == 'bag_recorder']
    assert [str(node['record']).lower() for node in recorders] == expected
    assert all(node['run_folder'] == str(folder / 'run') for node in recorders)
    by_default = visit(monkeypatch, name, setting='small', output='again')
    assert 'bag_recorder' not in {node['name'] for node in by_default}


def test_the_model_of_the_arm_is_that_of_all_nodes(folder, monkeypatch):
    visit(monkeypatch, 'async_sac_2', setting='small', output='run', robot_model='ur5e')
    text = (folder / 'run/parameters.yaml').read_text()
    assert {line.split()[1].strip('"') for line in text.splitlines() if 'robot_model:' in line} == {'ur5e'}
    assert 'robot name=\\"ur5e\\"' in text or '<robot name="ur5e">' in text
    visit(monkeypatch, 'async_sac_2', setting='small', output='again')
    make_what_is_named(folder, 'resume', ['y'])
    with pytest.raises(ValueError, match='robot_model is ur5e, but the run in .* has ur5: leave it out'):
        visit(monkeypatch, 'async_sac_1', setting='', resume='ran/y', robot_model='ur5e')


def test_a_model_that_the_settings_own_nodes_do_not_take_is_refused(folder, monkeypatch):
    of_node = '  ros__parameters:\n    robot_model: ur5\n'
    text = (ROOT / 'config/settings/small.yaml').read_text()
    (folder / 'own.yaml').write_text(f'{text}/arm_driver:\n{of_node}/robot_cell:\n{of_node}')
    with pytest.raises(ValueError, match='robot_model of /arm_driver is ur5, that of every node ur5e'):
        visit(monkeypatch, 'async_sac_2', setting='own.yaml', output='run', robot_model='ur5e')


def test_a_gpu_that_this_machine_lacks_is_refused_before_anything_is_made(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    text = (ROOT / 'config/settings/small.yaml').read_text()
    (folder / 'own.yaml').write_text(f'{text}/learner:\n  ros__parameters:\n    device: cuda\n')
    with pytest.raises(ValueError, match='device is cuda, but torch .* sees no GPU; choose cpu, or auto'):
        visit(monkeypatch, 'async_sac_2', setting='own.yaml', output='run')
    assert not (folder / 'run').exists()
    visit(monkeypatch, 'environment', setting='own.yaml', output='run')  # which has no learner


def test_what_a_launch_gives_comes_after_the_file_and_so_wins(folder, monkeypatch):
    nodes = visit(monkeypatch, 'async_sac_2', setting='small', output='run')
    assert {node['first'] for node in nodes} == {'--params-file'}


@pytest.mark.parametrize('name', [*RUNS, 'calibrate'])
def test_the_setting_is_small_beside_a_gpu_too(monkeypatch, name):
    monkeypatch.setattr(Path, 'exists', lambda path: True)
    monkeypatch.setattr(probes, 'has_gpu', lambda: True)
    setting = next(
        each for each in launch_files.description(name).get_launch_arguments() if each.name == 'setting'
    )
    by_default = ''.join(part.text for part in setting.default_value)
    assert by_default == doctor.arguments([])['setting'] == 'small'


def test_a_run_in_a_namespace_has_its_values_of_one_node_there(folder, monkeypatch):
    (folder / 'mine.yaml').write_text('learner: {ros__parameters: {threads: 2}}')
    (node, *_) = visit(monkeypatch, 'seq_sac', setting='mine.yaml', output='run', namespace='lab/robot_1')
    assert node['file'] == str(folder / 'run/parameters.yaml')
    assert (
        '/lab/robot_1/learner:\n  ros__parameters:\n    threads: 2'
        in (folder / 'run/parameters.yaml').read_text()
    )


@pytest.mark.parametrize(('words', 'stays'), [({'output': 'run'}, False), ({'resume': 'ran/y'}, True)])
def test_what_bags_have_left_is_kept_by_a_resumed_run_alone(folder, monkeypatch, words, stays):
    """Of a start that was broken off, whose folder a new run may have."""
    if 'resume' in words:
        make_what_is_named(folder, 'resume', ['y'])
    (run,) = words.values()
    left = folder / run / 'replay_before/replay.json'
    left.parent.mkdir(parents=True)
    left.touch()
    visit(monkeypatch, 'async_sac_1', setting='' if stays else 'small', **words)
    assert left.exists() is stays


def test_ctrl_c_while_bags_are_read_ends_that_and_starts_nothing(folder, monkeypatch):
    def bring(text, nodes, run_folder, stopped):
        signal.raise_signal(signal.SIGINT)
        raise RuntimeError(f'stopped: {stopped()}')

    monkeypatch.setattr(beginning, 'bring', bring)
    with pytest.raises(RuntimeError, match='stopped: True'):
        visit(monkeypatch, 'async_sac_1', setting='small', output='run')
