"""The command that draws an episode of a checkpoint, with a network as small as it goes."""

import cv2
import pytest
import yaml

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import save_checkpoint
from sac_learner.learner import SacLearner
from sac_learner.saved_setting import saved_setting
from ur5_rl_env.task import TaskConfig
from ur5_rl_monitor import show_network_view
from ur5_rl_monitor.network_view import BAR
from ur5_rl_monitor.show_network_view import main

AGENT = {'crop_width': 76, 'crop_height': 42, 'channels': 2, 'strides': [2, 2, 1, 1], 'hidden_width': 8}
TASK = {'observation_width': 80, 'observation_height': 45, 'episode_s': 1.0, 'reset_s': 1.0}


@pytest.fixture
def words(tmp_path):
    agent, task = AgentConfig(**AGENT | {'strides': (2, 2, 1, 1)}), TaskConfig(**TASK)
    state = SacLearner(agent, seed=0).get_state()
    save_checkpoint(tmp_path / 'tiny.safetensors', state, saved_setting(agent, task))
    (tmp_path / 'tiny.yaml').write_text(yaml.safe_dump({'/**': {'ros__parameters': AGENT | TASK}}))
    given = {'checkpoint': 'tiny.safetensors', 'setting': 'tiny.yaml', 'output': 'picture.png'}
    return {name: f'{name}:={tmp_path / value}' for name, value in given.items()} | {'scale': 'scale:=2'}


def test_four_moments_of_an_episode_are_drawn(words, tmp_path):
    assert main(list(words.values())) == 0
    assert cv2.imread(str(tmp_path / 'picture.png')).shape == (2 * (2 * 90 + BAR), 2 * 2 * 160, 3)


@pytest.mark.parametrize(
    ('wrong', 'sentence'),
    [
        ({'checkpoint': 'checkpoint:=/nowhere'}, 'no checkpoint at /nowhere'),
        ({'checkpoint': 'checkpoint:='}, "checkpoint is ''"),
        ({'checkpoint': 'checkpoint:=/tmp'}, '/tmp is a folder: name the checkpoint'),
        ({'scale': 'scale:=0'}, 'scale is 0; allowed is 1 to 16'),
        ({'output': 'output:=picture.abc'}, 'output is picture.abc, whose ending names no kind of picture'),
        ({'output': 'output:=/tmp/picture.exr'}, '/tmp/picture.exr'),  # a kind that is switched off
        ({'task': 'task:=juggling'}, "task is 'juggling'; choose one of: reaching, tracking"),
        ({'setting': 'setting:=small'}, 'was saved in another setting'),
        ({'output': 'output:=/nowhere/picture.png'}, '/nowhere/picture.png cannot be written'),
        ({'seed': 'sead:=1'}, 'is no option'),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(words, capsys, wrong, sentence):
    assert main(list((words | wrong).values())) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count('\n') == 1


def test_ctrl_c_is_no_traceback(words, monkeypatch):
    def interrupted(chosen):
        raise KeyboardInterrupt

    monkeypatch.setattr(show_network_view, 'draw', interrupted)
    assert main(list(words.values())) == 130
