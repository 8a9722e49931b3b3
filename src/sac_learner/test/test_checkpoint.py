"""Checkpoints: into which setting they may be loaded; none with a wrong number is written or read."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import safetensors.numpy

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import (
    load_checkpoint,
    load_own,
    load_policy,
    load_start,
    save_checkpoint,
)
from sac_learner.learner import SacLearner
from sac_learner.saved_setting import POLICY_FIELDS, saved_setting
from ur5_rl_env.task import TaskConfig

AGENT = AgentConfig(crop_width=40, crop_height=36, channels=2, strides=(2, 2, 1, 1), hidden_width=8)
TASK = TaskConfig(observation_width=44, observation_height=40)
SETTING = saved_setting(AGENT, TASK)
OTHER = {  # another value of each, with networks of equal shapes or not
    **{name: 2 * value for name, value in asdict(AGENT).items() if isinstance(value, int | float) and value},
    **{'strides': [2, 1, 1, 1], 'joint_centre': [0.1] * 5, 'critic_layer_norm': True},
    **{'minimum_temperature': 0.1, 'target_entropy': -4.0, 'observation_width': 88, 'observation_height': 80},
    **{'action_cycle_s': 0.08, 'camera_period_s': 0.033, 'max_joint_velocity': 0.5},
    **{'reward': 'released', 'action_feedback': 'requested', 'robot_model': 'ur5e'},
}


@pytest.fixture(scope='module')
def state():
    return SacLearner(AGENT, 0).get_state()


@pytest.fixture
def path(tmp_path, state):
    path = tmp_path / 'learner.safetensors'
    save_checkpoint(path, state, SETTING)
    return path


def test_in_its_own_setting_it_is_taken_whatever_the_task(path, state):
    here = saved_setting(AGENT, replace(TASK, task='tracking', episode_s=8.0))
    for found in (load_own(path, here), load_start(path, here, anyway=False)[0]):
        assert found.keys() == state.keys()
    assert load_start(path, here, anyway=False)[1] == ''
    assert load_policy(path, here)[0].keys() == SacLearner(AGENT, 0).policy_weights().keys()


def test_every_value_of_the_setting_is_looked_at():
    assert OTHER.keys() == SETTING.keys() and all(OTHER[name] != SETTING[name] for name in SETTING)


@pytest.mark.parametrize('name', SETTING)
def test_another_setting_is_refused_in_a_line_that_names_what_differs(path, name):
    here = SETTING | {name: OTHER[name]}
    words = f'{path} was saved in another setting: {name} {SETTING[name]} there, {OTHER[name]} here; '
    with pytest.raises(ValueError) as caught:
        load_own(path, here)
    assert str(caught.value).startswith(words + 'go on with the parameters of that run')
    with pytest.raises(ValueError) as caught:
        load_start(path, here, anyway=False)
    assert str(caught.value).startswith(words) and 'init_from_other_setting:=true' in str(caught.value)
    assert load_start(path, here, anyway=True)[1] == f'{name} {SETTING[name]} there, {OTHER[name]} here'
    if name in POLICY_FIELDS:
        with pytest.raises(ValueError) as caught:
            load_policy(path, here)
        assert str(caught.value) == words + 'choose its own setting'
    else:
        load_policy(path, here)


def test_a_policy_does_not_act_on_another_previous_action(path):
    with pytest.raises(ValueError, match='action_feedback executed there, requested here; choose its own'):
        load_policy(path, SETTING | {'action_feedback': 'requested'})


def test_a_policy_at_another_pace_than_it_was_trained_at_is_told_with_its_remedy(path, state):
    for here in (SETTING, SETTING | {'reward': 'released'}):
        assert load_policy(path, here)[1] == ''
    save_checkpoint(path, state, SETTING | {'action_cycle_s': 0.12})
    assert load_policy(path, SETTING | {'camera_period_s': 0.033})[1] == (
        f'{path} was trained at another pace: action_cycle_s 0.12 there, 0.04 here; '
        'camera_period_s 0.04 there, 0.033 here; a setting may hold both, '
        'launch evaluate takes action_cycle:='
    )
    save_checkpoint(path, state, {})
    assert load_policy(path, SETTING)[1] == ''


def test_a_checkpoint_that_does_not_name_its_arm_is_of_a_ur5(tmp_path, state):
    path = tmp_path / 'older.safetensors'
    save_checkpoint(path, state, {name: value for name, value in SETTING.items() if name != 'robot_model'})
    for load in (load_own, load_policy):
        load(path, SETTING)
        with pytest.raises(ValueError, match='another setting: robot_model ur5 there, ur5e here; '):
            load(path, SETTING | {'robot_model': 'ur5e'})


def test_a_policy_for_160x90_images_does_not_act_on_320x180(tmp_path, state):
    path = tmp_path / 'baseline.safetensors'
    save_checkpoint(path, state, saved_setting(AGENT, TaskConfig()))  # as the camera: 160x90
    here = saved_setting(AGENT, TaskConfig(image_width=320, image_height=180))
    with pytest.raises(
        ValueError, match='observation_width 160 there, 320 here; observation_height 90 there, 1'
    ):
        load_policy(path, here)


def test_what_an_older_checkpoint_does_not_say_is_not_compared(tmp_path, state):
    path = tmp_path / 'older.safetensors'
    save_checkpoint(path, state, asdict(AGENT))
    assert load_own(path, SETTING).keys() == state.keys()
    with pytest.raises(ValueError, match=r'strides \[2, 2, 1, 1\] there, \[2, 1, 1, 1\] here'):
        load_policy(path, SETTING | {'strides': [2, 1, 1, 1]})


@pytest.mark.parametrize('setting', ['', '[1]', '3', 'null', '{"discount"'])
def test_a_checkpoint_whose_setting_is_damaged_is_refused_in_one_line(path, state, setting):
    path.write_bytes(safetensors.numpy.save(state, {'config': setting}))
    with pytest.raises(ValueError) as caught:
        load_checkpoint(path)
    assert str(caught.value).startswith(f'{path} is not a checkpoint of this project (')
    assert str(caught.value).isprintable()


@pytest.mark.parametrize('name', ['actor.', 'critic_target.', 'log_temperature'])
@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_neither_written_nor_read(path, state, name, value):
    name = next(key for key in state if key.startswith(name))
    wrong = state | {name: np.where(np.arange(state[name].size) == 0, value, 0.0).astype(np.float32)}
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f'{name} is not finite: the learner has diverged'):
        save_checkpoint(path, wrong, SETTING)
    assert path.read_bytes() == before
    path.write_bytes(safetensors.numpy.save(wrong, {'config': '{}'}))
    for load in (load_checkpoint, lambda p: load_own(p, {}), lambda p: load_policy(p, {})):
        with pytest.raises(ValueError, match=f'{name} is not finite, its learner had diverged'):
            load(path)
