"""The policy's crop and weights; weights and checkpoints on the way through bytes and files."""

from dataclasses import replace

import numpy as np
import pytest

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_checkpoint, policy_part, save_checkpoint
from sac_learner.learner import SacLearner
from sac_learner.policy import Policy
from sac_learner.saved_setting import saved_setting
from sac_learner.weights import weights_from_bytes, weights_to_bytes
from ur5_rl_env.task import TaskConfig

SMALL = AgentConfig(crop_width=40, crop_height=36, channels=4, strides=(2, 2, 1, 1), hidden_width=16)
SETTING = saved_setting(SMALL, TaskConfig())
FRAMES = np.random.default_rng(0).integers(0, 256, (3, 38, 44, 3), dtype=np.uint8)
PROPRIO = np.linspace(-1, 1, 15, dtype=np.float32)


@pytest.fixture(scope='module')
def learner():
    return SacLearner(SMALL, seed=3)


@pytest.fixture
def policy(learner):
    policy = Policy(SMALL)
    policy.load(learner.policy_weights())
    return policy


def test_frames_smaller_than_the_crop_are_refused(policy):
    with pytest.raises(ValueError, match='crop 40x36 does not fit into images of 30x30 pixels'):
        policy.act(np.zeros((3, 30, 30, 3), np.uint8), PROPRIO)


def test_actions_are_in_range_and_repeat_with_the_generator(policy):
    action = policy.act(FRAMES, PROPRIO)
    assert action.shape == (5,)
    assert action.dtype == np.float32
    assert np.abs(action).max() <= 1
    np.testing.assert_array_equal(action, policy.act(FRAMES, PROPRIO))
    noisy = [policy.act(FRAMES, PROPRIO, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(noisy[0], noisy[1])
    assert np.abs(noisy[0] - noisy[2]).max() > 0
    assert np.abs(noisy[0] - action).max() > 0


def test_an_action_is_the_squashed_mean_and_noise_is_added_before_squashing(learner):
    mean, raw = np.array([0.3, -0.8, 1.5, -3.0, 0.0]), np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    weights = {name: value * 0 for name, value in learner.policy_weights().items()}
    weights['actor.output.bias'][:] = np.concatenate([mean, raw])
    policy = Policy(SMALL)
    policy.load(weights)
    assert policy.act(FRAMES, PROPRIO) == pytest.approx(np.tanh(mean))
    sd = np.exp(-1.5 + 3.5 * np.tanh(raw))  # log standard deviation from -5 to 2
    noise = np.random.default_rng(7).standard_normal(5, dtype=np.float32)
    noisy = policy.act(FRAMES, PROPRIO, np.random.default_rng(7))
    assert noisy == pytest.approx(np.tanh(mean + sd * noise), abs=1e-6)


def test_a_new_policy_acts_near_the_centre_whatever_it_sees(policy):
    assert np.abs(policy.act(FRAMES, PROPRIO)).max() < 0.1


def test_joint_angles_are_centred_and_scaled_as_the_setting_says(policy, learner):
    centre, scale = np.array([0.5, -1.0, 2.0, 0.1, -0.3], np.float32), 2.0
    config = replace(SMALL, joint_centre=tuple(centre.tolist()), joint_scale=scale)
    other = Policy(config)
    other.load(learner.policy_weights())
    moved = PROPRIO.copy()
    moved[:5] = centre + scale * PROPRIO[:5]
    np.testing.assert_allclose(other.act(FRAMES, moved), policy.act(FRAMES, PROPRIO), atol=1e-6)


def test_weights_survive_bytes(policy, learner):
    action = policy.act(FRAMES, PROPRIO)
    other = Policy(SMALL)
    other.load(weights_from_bytes(weights_to_bytes(learner.policy_weights())))
    np.testing.assert_array_equal(other.act(FRAMES, PROPRIO), action)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda w: w.pop('actor.output.bias'), r'weights lack actor\.output\.bias \(10,\)'),
        (lambda w: w.update(extra=np.zeros(1, np.float32)), 'weights hold extra'),
        (
            lambda w: w.update({'actor.output.bias': np.zeros(4, np.float32)}),
            r'are \(4,\), this setting needs \(10,\)',
        ),
        (lambda w: w['actor.output.bias'].fill(np.nan), r'actor\.output\.bias are not finite'),
    ],
)
def test_wrong_weights_are_refused_whole(policy, learner, change, message):
    action = policy.act(FRAMES, PROPRIO)
    weights = SacLearner(SMALL, seed=4).policy_weights()
    change(weights)
    with pytest.raises(ValueError, match=message):
        policy.load(weights)
    np.testing.assert_array_equal(policy.act(FRAMES, PROPRIO), action)


def test_damaged_bytes_are_refused():
    with pytest.raises(ValueError, match='3 bytes of weights cannot be read as safetensors'):
        weights_from_bytes(b'abc')


def test_checkpoint_brings_back_state_and_setting(tmp_path, learner):
    path = tmp_path / 'learner.safetensors'
    path.write_bytes(b'an older file')
    save_checkpoint(path, learner.get_state(), SETTING)
    state, setting = load_checkpoint(path)
    assert setting == SETTING
    for key, value in learner.get_state().items():
        np.testing.assert_array_equal(state[key], value)
    assert [entry.name for entry in tmp_path.iterdir()] == ['learner.safetensors']
    Policy(SMALL).load(policy_part(state))


def test_checkpoint_that_is_missing_or_none(tmp_path):
    with pytest.raises(FileNotFoundError, match='no checkpoint at'):
        load_checkpoint(tmp_path / 'none.safetensors')
    broken = tmp_path / 'broken.safetensors'
    broken.write_bytes(b'\x00' * 64)
    with pytest.raises(ValueError, match='is not a checkpoint of this project'):
        load_checkpoint(broken)


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ({'discount': 1.5}, 'discount is 1.5'),
        ({'strides': (2,)}, 'strides holds 1 numbers; give 2 or more, one for each convolution'),
        ({'joint_centre': (1.5,)}, r'joint_centre holds 1 angles; give 5 \[rad\]'),
        ({'joint_centre': (0.0,) * 6}, 'joint_centre holds 6 angles; give 5'),
        ({'strides': (4, 4, 4, 4)}, 'use smaller strides or larger images'),
    ],
)
def test_config_refuses_what_cannot_work(values, message):
    with pytest.raises(ValueError, match=message):
        AgentConfig(**values)
