"""What README and docs print as a command is one.

Cheap commands run as printed, long ones for a moment, or as far as their words are read. Those that need an
arm or a run that goes on say so where they stand.
"""

import ast
import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'src/ros2_standin/test'))
import launch_files
from documented import NAMES_OF_THE_GRAPH, PAGES, ROOT, SOURCES, commands
from standin_process import import_stand_in

import cost_profile.__main__ as cost_profile
import experiments.__main__ as experiments
from commissioning import doctor
from experiments.campaign import Campaign
from offline_learning import plan
from run_reading import show_timeline
from run_reading.comparison import __main__ as comparison
from run_reading.costs import Costs
from run_reading.report import __main__ as run_report
from tools.commands import COMMANDS, bench
from tools.packages import TORCH_BUILDS
from ur5_cell import __main__ as simulated_robot
from ur5_rl_bags import exact_replay
from ur5_rl_bags.export import __main__ as export_command
from ur5_rl_graph.declared import NODES
from ur5_rl_graph.options import options
from ur5_rl_monitor import watch
from ur5_rl_video import __main__ as run_video
from virtual_time import __main__ as virtual_time

ALL = [command for page in PAGES for command in commands(page)]


def ur5rl(*words, **kwargs):
    return subprocess.run(
        [sys.executable, str(ROOT / 'ur5rl'), *words],
        capture_output=True,
        encoding='utf-8',
        cwd=ROOT,
        **kwargs,
    )


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A short run in virtual time, of a tiny setting that is called small."""
    place = tmp_path_factory.mktemp('documented')
    shutil.copy(ROOT / 'test/smoke.yaml', place / 'small.yaml')
    words = (f'setting:={place}/small.yaml', 'costs:=two_cores', 'duration:=6', f'output:={place}/run')
    done = ur5rl('virtual', 'seq_sac', *words)
    assert done.returncode == 0, done.stderr
    return place / 'run'


@pytest.fixture(scope='module')
def arguments():
    """The arguments of each launch file, by name."""
    return {
        name: {argument.name: argument for argument in launch_files.description(name).get_launch_arguments()}
        for name in COMMANDS['launch'].names()
    }


@pytest.fixture
def place(folder, tmp_path):
    """What the words stand for that a person fills in."""
    return {
        'RUN': str(folder),
        'RUN...': str(folder),
        'RUNS…': str(folder),
        'results/<run>': str(folder),
        'FOLDER': str(tmp_path / 'folder'),
        'FILE': str(ROOT / 'checkpoints/reaching_small.safetensors'),
        'PATH': str(ROOT / 'checkpoints/reaching_small.safetensors'),
        'ARCHITECTURE': 'async_sac_1',
        'SETTING': 'small_baseline',
        'N': '3',
        '...': 'x',
    }


def filled(words, place, **more):
    """The words with something in the place of each that stands for it."""
    known = place | more
    parts = [word.rpartition(':=') for word in words]
    return [key + mark + known.get(value, value) for key, mark, value in parts]


def launch(words, place, arguments, **_):
    name, *given = filled(words, place)
    for word in given:
        if word != '--show-args':
            key, mark, value = word.partition(':=')
            assert mark and key in arguments[name], f'{word}: {name} has {", ".join(arguments[name])}'
            choices = arguments[name][key].choices
            assert not choices or value in choices
            assert key != 'setting' or value in COMMANDS_SETTINGS


COMMANDS_SETTINGS = {path.stem for path in (ROOT / 'config/settings').glob('*.yaml')}


def run_for_a_moment(lab, each_second):
    """Some action cycles of the run that the words of a command ask for."""
    while lab.recording.figures.total_steps == 0:
        lab.scheduler.step()
    each_second()


def virtual(words, place, tmp_path, monkeypatch, **_):
    name, *given = filled(words, place)
    if name == 'evaluate':
        given = [*given, 'episodes:=1', f'output:={tmp_path}/evaluation.json']
    else:
        monkeypatch.setattr(virtual_time.Lab, 'run', run_for_a_moment)
        given = [*given, f'output:={tmp_path}/run']
    reports = []
    monkeypatch.setattr(
        virtual_time, 'make_within', lambda folder, limit_s: reports.append((folder, limit_s))
    )
    assert virtual_time.main([name, *given]) == 0
    assert reports == ([] if name == 'evaluate' else [(tmp_path / 'run', 10.0)])


def timeline(words, place, **_):
    assert show_timeline.main(filled(words, place)) == 0


def report(words, place, **_):
    assert run_report.main(filled(words, place)) == 0


def video(words, place, **_):
    given = [word for word in words if ':=' in word]
    assert {word.partition(':=')[0] for word in given} <= run_video.OPTIONS.keys()
    for word in filled(set(words) - {*given, '--help'}, place):
        assert '|' in word or (ROOT / word).exists()  # RUN|CHECKPOINT|BAG


def replay(words, place, **_):
    exact_replay.options(filled(words, place, BAG='bag'))


def offline(words, place, **_):
    assert plan.plan_of(filled(words, place, BAG='bag')).bags


def monitor(words, place, **_):
    given = filled(words, place, BAG='bags/reaching_small')
    paths = [word for word in given if ':=' not in word]
    known = watch.RECORDED if paths else watch.LIVE
    chosen = options([word for word in given if ':=' in word], **known)
    assert len(paths) <= 1 and all((ROOT / path).exists() for path in paths)
    assert (ROOT / chosen.get('checkpoint', '')).exists()


def export(words, place, **_):
    _, given = export_command.options_of(filled(words, place, BAG='bag'))
    assert given['format'] in export_command.FORMATS


def compare(words, place, tmp_path, **_):
    given = [word if ':=' in word else place.get(word, place['RUN']) for word in words]
    given = [word for word in filled(given, place, NAME='x') if not word.startswith('output:=')]
    assert comparison.main([*given, f'output:={tmp_path}/comparison']) == 0


def cell(words, place, **_):
    simulated_robot.config_of(options(filled(words, place), **simulated_robot.OPTIONS))


def experiment(words, place, tmp_path, **_):
    (named,) = [word.replace('NAME', 'smoke') for word in words if ':=' not in word]
    Campaign(experiments.load(experiments.experiment_file(named)), tmp_path / 'campaign', SimpleNamespace())


def profile(words, place, tmp_path, monkeypatch, **_):
    monkeypatch.setattr(cost_profile, 'profile', lambda *args: (Costs(), 1.0))  # measuring takes a while
    assert cost_profile.main([*filled(words, place), f'output:={tmp_path}/costs.yaml']) == 0


def benchmark(words, place, **_):
    if words not in (['--help'], ['NAME']):
        text = bench.benchmarks()[words[0]].read_text(encoding='utf-8')
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        (call,) = [call for call in calls if getattr(call.func, 'id', '') == 'options_in_range']
        keys = {keyword.arg for keyword in call.keywords}
        assert {word.partition(':=')[0] for word in words[1:]} <= keys


def set_up(words, place, **_):
    assert words in ([], *([f'torch:={build}'] for build in TORCH_BUILDS))


def calibrate(words, place, arguments, **_):
    launch(['calibrate', *words], place, arguments)


def look(words, place, **_):
    doctor.arguments(filled(words, place))


def paths_of_tests(words, place, **_):
    assert all((ROOT / word).exists() for word in words)


def shell(words, place, **kwargs):
    if words and words[0] == 'ros2':
        ros2(words[1:], place, **kwargs)
    elif words[:2] == ['python', '-m']:
        known = importlib.import_module(words[2]).OPTIONS
        assert {word.partition(':=')[0] for word in words[3:]} <= known.keys()
    elif words:
        assert words[0] in ('mypy', 'ping', 'ruff', 'tensorboard')


def ros2(words, place, **_):
    given = import_stand_in('ros2_standin_cli.ros2_command').parser().parse_args(words)
    if words[0] == 'launch':
        assert given.file_or_package == 'ur5_rl_bringup' and (ROOT / 'launch' / given.rest[0]).is_file()
    elif words[0] == 'param':
        assert given.node.strip('/') in NODES
        assert any(re.search(rf'^    {given.name}: ', text, re.M) for text in SOURCES.values()), given.name
    elif words[0] == 'bag':
        named = getattr(given, 'topics', None) or getattr(given, 'topics_positional', [])
        assert set(named) <= NAMES_OF_THE_GRAPH
    else:
        named = '/' + (given.service if words[0] == 'service' else given.topic).removeprefix(
            '/robot_1'
        ).strip('/')
        assert named in NAMES_OF_THE_GRAPH


def docker(words, place, **kwargs):
    verb, *given = words
    profiles = {profile for service in compose()['services'].values() for profile in service['profiles']}
    for option, value in zip(given, given[1:], strict=False):
        assert option != '-f' or (ROOT / value).is_file()
        assert option != '--profile' or value in profiles
    if verb == 'run':
        image = given.index('ur5rl')
        assert given[image + 1] == './ur5rl'
        WAYS[given[image + 2]](given[image + 3 :], place, **kwargs)
    else:
        assert (verb, given[0], given[-1]) in (('build', '-f', '.'), ('compose', '-f', '--build'))


def compose():
    return yaml.safe_load((ROOT / 'docker/compose.yaml').read_text(encoding='utf-8'))


WAYS = {
    'setup': set_up,
    'launch': launch,
    'monitor': monitor,
    'doctor': look,
    'calibrate': calibrate,
    'profile': profile,
    'offline': offline,
    'replay': replay,
    'export': export,
    'timeline': timeline,
    'report': report,
    'video': video,
    'cell': cell,
    'virtual': virtual,
    'experiment': experiment,
    'compare': compare,
    'test': paths_of_tests,
    'bench': benchmark,
    'shell': shell,
}


def test_every_command_of_ur5rl_has_its_way():
    assert set(WAYS) == set(COMMANDS)
    assert len(ALL) > 50 and {command.words[1] for command in ALL if command.words[0] == './ur5rl'} >= set(
        WAYS
    ) - {'setup'}


KNOWN = {
    'cell': simulated_robot.OPTIONS,
    'doctor': doctor.arguments([]),
    'monitor': watch.RECORDED | watch.LIVE,
    'offline': plan.OPTIONS,
    'video': run_video.OPTIONS,
    'virtual': virtual_time.OPTIONS | virtual_time.EVALUATION_OPTIONS,
}


@pytest.mark.parametrize('name', KNOWN)
def test_what_a_command_can_be_told_stands_in_its_help(name):
    text = COMMANDS[name].help_text()
    assert [option for option in KNOWN[name] if f'{option}:=' not in text] == []


@pytest.mark.parametrize('command', ALL, ids=str)
def test_a_printed_command_is_one(command, place, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    first, *words = command.words
    if first == './ur5rl':
        WAYS[words[0]](words[1:], place, arguments=arguments, tmp_path=tmp_path, monkeypatch=monkeypatch)
    elif first == 'ros2':
        ros2(words, place)
    elif first == 'docker':
        docker(words, place, arguments=arguments, tmp_path=tmp_path, monkeypatch=monkeypatch)
    elif first == 'tensorboard':
        assert shutil.which('tensorboard')
    else:
        assert words == ['.ur5rl/activate.sh']


@pytest.mark.parametrize('command', [command for command in ALL if command.in_block], ids=str)
def test_what_needs_more_than_this_machine_says_so(command):
    needs_arm = any(word.startswith(('robot_ip:=', 'camera:=')) or word == 'real' for word in command.words)
    shipped = any(word.startswith('bags/') for word in command.words)
    needs_run = ('ros2' in command.words and not shipped) or command.words[1:] == ('monitor',)
    assert ('needs the arm' in command.comment) == needs_arm
    assert ('needs a run' in command.comment) == needs_run
    assert ('needs Docker' in command.comment) == (command.words[0] == 'docker')
    assert ('needs Gazebo' in command.comment) == ('simulator:=gazebo' in command.words)


def test_each_step_with_a_real_arm_has_a_command_that_checks_it():
    text = (ROOT / 'docs/hardware.md').read_text(encoding='utf-8')
    assert 'Each step has a command that checks it' in text
    steps = re.findall(r'^## \d\. .*?(?=^## )', text, re.M | re.S)
    assert [step[:4] for step in steps] == [f'## {number}' for number in range(1, 8)]
    for step in steps:
        assert re.search(r'^```\n\./ur5rl ', step, re.M), step.splitlines()[0]
