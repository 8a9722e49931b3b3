"""The command that films, with a network as small as it goes, and what it cannot film."""

import json
from pathlib import Path

import av
import pytest
import yaml

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
from rclpy.serialization import serialize_message

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import save_checkpoint
from sac_learner.learner import SacLearner
from sac_learner.saved_setting import saved_setting
from ur5_rl_bags import definitions
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.writer import BagWriter
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import parameter_file, run_files
from ur5_rl_graph.writing import Writing
from ur5_rl_video import __main__ as command
from ur5_rl_video import shooting, sources

AGENT = {'crop_width': 76, 'crop_height': 42, 'channels': 2, 'strides': (2, 2, 1, 1), 'hidden_width': 8}
TASK = {'observation_width': 80, 'observation_height': 45, 'episode_s': 0.2, 'reset_s': 1.0}


@pytest.fixture
def place(tmp_path):
    """A checkpoint and its setting, a run of it, a run that left nothing, a file that is no checkpoint."""
    agent, task = AgentConfig(**AGENT), TaskConfig(**TASK)
    state, saved = SacLearner(agent, seed=0).get_state(), saved_setting(agent, task)
    about = {'architecture': 'async_sac_2', 'mode': 'real_time', 'task': 'tracking', 'setting': 'x'}
    for name in ('run', 'empty_run'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'run.json').write_text(json.dumps(about | {'seed': 1, 'duration': 9.0}))
    given = {'run_folder': '/elsewhere', 'random_steps': 500, 'task': 'tracking', 'robot_ip': '192.0.2.1'}
    parameter_file.write(tmp_path / 'run' / 'parameters.yaml', {'/**': AGENT | TASK | given}, '/robot_1')
    (tmp_path / 'run' / 'checkpoints').mkdir()
    for path in ('tiny.safetensors', f'run/{run_files.CHECKPOINT}'):
        save_checkpoint(tmp_path / path, state, saved)
    setting = {'/**': {'ros__parameters': AGENT | TASK | {'strides': [2, 2, 1, 1]}}}
    (tmp_path / 'tiny.yaml').write_text(yaml.safe_dump(setting))
    (tmp_path / 'notes.txt').write_text('no checkpoint')
    return tmp_path


def frames(path):
    with av.open(str(path)) as file:
        return sum(1 for _ in file.decode(video=0))


def test_a_run_is_its_last_checkpoint_in_its_own_setting_and_task(place, capsys):
    assert command.main([str(place / 'run'), 'episodes:=1']) == 0
    told, *written = capsys.readouterr().out.splitlines()
    assert told.startswith('tracking, episode 1: 6 frames, return ')
    assert [line.partition(':')[0] for line in written] == [f'{place}/run/video.{e}' for e in ('mp4', 'webp')]
    assert frames(place / 'run' / 'video.mp4') == 6 + 15, '0.2 s of 40 ms, and the last one for 0.6 s'
    assert sorted(path.suffix for path in (place / 'run').glob('video*')) == ['.mp4', '.webp']


def test_a_checkpoint_in_a_run_is_one_of_that_run(place):
    source = sources.find(place / 'run' / run_files.CHECKPOINT, command.OPTIONS, pytest.fail)
    assert source.name == 'run' and source.task.task == 'tracking' and source.agent.channels == 2
    (place / 'run' / 'run.json').unlink()  # as the shipped ones: checkpoints/ alone is no run
    with pytest.raises(ValueError, match='was saved in another setting'):
        sources.find(place / 'run' / run_files.CHECKPOINT, command.OPTIONS, pytest.fail)


@pytest.mark.parametrize(
    ('shown', 'base'),
    [('run', 'run/video'), ('run/bag', 'run/video_bag'), ('tiny.safetensors', 'video_tiny')],
)
def test_files_of_a_run_are_in_its_folder(place, monkeypatch, shown, base):
    monkeypatch.chdir(place)
    assert command.default_output(place / shown, 'tiny') == (place / base if '/' in base else Path(base))


def test_a_checkpoint_acts_in_the_tasks_that_are_named(place):
    taken = []
    source = sources.find(place / 'tiny.safetensors', options(place), pytest.fail)
    source.play(taken.append)
    assert [episode.title for episode in taken] == ['reaching, episode 1', 'tracking, episode 1']
    still, moving = ([moment.target for moment in episode.moments] for episode in taken)
    assert len(set(still)) == 1 and len(set(moving)) > 3
    sources.find(place / 'tiny.safetensors', options(place, task='tracking'), pytest.fail).play(taken.append)
    again, before = (episode.moments for episode in taken[2:0:-1])
    assert [moment.reward for moment in again] == [moment.reward for moment in before]
    assert (again[-1].images[-1] == before[-1].images[-1]).all(), 'the same frames'


def options(place, **more):
    setting = {'setting': str(place / 'tiny.yaml'), 'task': 'reaching,tracking', 'episodes': 1}
    return command.OPTIONS | setting | more


@pytest.mark.parametrize(
    ('carried', 'chosen', 'cycle_s', 'title'),
    [
        (True, {}, 0.08, 'tracking'),
        (True, {'task': 'reaching'}, 0.08, 'reaching'),
        (True, {'setting': 'small'}, 0.04, 'tracking'),
        (False, {}, 0.04, 'reaching'),
    ],
)
def test_a_bag_is_shown_as_it_says_wherever_it_lies(tmp_path, monkeypatch, carried, chosen, cycle_s, title):
    titles = []
    monkeypatch.setattr(sources.recorded, 'episodes', lambda *words: titles.append(words[3]) or [])
    writer = BagWriter(tmp_path / 'bag', 10**9, Writing())
    if carried:
        text = '/lab/environment:\n  ros__parameters: {action_cycle_s: 0.08, task: tracking}\n'
        writer.attach('parameters.yaml', text.encode(), 1)
        writer.attach('run.json', b'{"task": "tracking"}', 1)
    for topic in sources.recorded.NEEDED:
        writer.declare(TopicEntry(f'/{topic.name}', definitions.name_of(topic.type), []))
        writer.add(Recorded(f'/{topic.name}', 1, 1, serialize_message(topic.type())))
    writer.close_chunk()
    writer.hand_over()
    writer.close()
    source = sources.find(tmp_path / 'bag', command.OPTIONS | chosen, lambda line: None)
    source.play(lambda episode: None)
    assert source.task.action_cycle_s == cycle_s and titles == [title]


@pytest.mark.parametrize(
    ('words', 'told'),
    [
        ([], 'video needs one run, checkpoint or bag'),
        (['{}/none'], 'there is no {}/none; give a run folder, a checkpoint or a bag'),
        (['{}/notes.txt'], '{}/notes.txt is not a checkpoint of this project'),
        (['{}/empty_run'], '{}/empty_run holds neither checkpoints/learner.safetensors nor a bag'),
        (['{}'], '{} is no bag: no file .mcap or .db3 is in it'),
        (['{}/tiny.safetensors'], '{}/tiny.safetensors was saved in another setting'),
        (['{}/tiny.safetensors', 'setting:=none'], "setting is 'none'"),
        (
            ['{}/tiny.safetensors', 'task:=reaching,juggling'],
            "task is 'reaching,juggling'; choose reaching, ",
        ),
        (['{}/run', 'episodes:=0'], 'episodes is 0; allowed is 1 to 1000'),
        (['{}/run', 'output:={}/none/film'], 'output is {}/none/film, and there is no folder {}/none'),
        (['{}/run', 'output:={}/there'], '{}/there.webp is there already; remove it, or give another output'),
        (['{}/run', 'checkpoint:=x'], 'checkpoint is x; it is for a bag'),
        (['{}/run', 'speed:=2'], "'speed:=2' is no option"),
    ],
)
def test_what_cannot_be_filmed_is_told_in_one_line(place, capsys, words, told):
    (place / 'there.webp').touch()
    before = sorted(place.rglob('*'))
    assert command.main([word.format(place) for word in words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith('error: ' + told.format(*[place] * told.count('{}')))
    assert sorted(place.rglob('*')) == before


def test_without_opengl_there_is_one_line_and_no_file(place, capsys, monkeypatch):
    def no_opengl(config):
        raise OSError('no off-screen picture with MUJOCO_GL=egl')

    monkeypatch.setattr(shooting, 'Scene', no_opengl)
    assert command.main([str(place / 'run')]) == 2
    assert capsys.readouterr().err == 'error: no off-screen picture with MUJOCO_GL=egl\n'
    assert not list((place / 'run').glob('video*'))


def test_ctrl_c_leaves_nothing(place, monkeypatch):
    def interrupted(film, frame):
        (place / 'run' / 'video.mp4.part').touch()  # an encoder keeps the first frames for a while
        raise KeyboardInterrupt

    monkeypatch.setattr(shooting.Film, 'add', interrupted)
    assert command.main([str(place / 'run'), 'episodes:=1']) == 130
    assert not list((place / 'run').glob('video*'))
