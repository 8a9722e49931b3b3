"""Whole updates of the learner against a float64 reference written from the equations."""

import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch')
sys.path.insert(0, str(Path(__file__).parent))

from sac_reference import Reference  # noqa: E402

from sac_learner import networks  # noqa: E402
from sac_learner.config import AgentConfig  # noqa: E402
from sac_learner.learner import SacLearner  # noqa: E402
from ur5_rl_graph.data import MiniBatch  # noqa: E402

BATCH, SEED, UPDATES = 3, 5, 4
CONFIG = AgentConfig(
    crop_width=34,
    crop_height=32,
    channels=2,
    strides=(4, 3),
    hidden_width=8,
    actor_rate=3e-3,
    critic_rate=3e-3,
)


def mini_batch(rng):
    return MiniBatch(
        rng.integers(0, 256, (2, BATCH, *CONFIG.image_shape), np.uint8),
        rng.normal(size=(2, BATCH, 15)).astype(np.float32),
        rng.uniform(-1, 1, (BATCH, 5)).astype(np.float32),
        rng.normal(size=BATCH).astype(np.float32),
        np.array([1, 0, 1], np.float32),
    )


@pytest.fixture(scope='module')
def outcome():
    """Start, learner and reference after the same few updates."""
    learner = SacLearner(CONFIG, SEED)
    start = learner.get_state()
    # The small initial output layer hides the policy's part in the gradients: make it large.
    start['actor.output.weight'] = start['actor.output.weight'] * 50
    learner.set_state(start)
    reference = Reference(CONFIG, start, (networks.LOG_STD_MIN, networks.LOG_STD_MAX))
    noise = torch.Generator().manual_seed(SEED)
    rng = np.random.default_rng(0)
    for update in range(1, UPDATES + 1):
        batch = mini_batch(rng)
        learner.update(batch)
        draws = [torch.randn((BATCH, 5), generator=noise).numpy().astype(np.float64)]
        if update % CONFIG.actor_period == 0:
            draws.append(torch.randn((BATCH, 5), generator=noise).numpy().astype(np.float64))
        reference.update(batch, draws[0], draws[-1])
    return start, learner.get_state(), reference


@pytest.mark.parametrize('part', ['encoder', 'critic', 'actor', 'encoder_target', 'critic_target'])
def test_parameters_move_as_the_equations_say(outcome, part):
    start, state, reference = outcome
    expected = dict(reference.p[part])
    # A constant added to a whole map does not change its softmax: this gradient is zero, and Adam makes of
    # the rounding errors in its place steps of full size.
    expected.pop(f'convolutions.{len(CONFIG.strides) - 2}.bias', None)
    moved = np.concatenate([(expected[k] - start[f'{part}.{k}']).ravel() for k in expected])
    error = np.concatenate([(expected[k] - state[f'{part}.{k}']).ravel() for k in expected])
    assert np.linalg.norm(moved) > 0
    assert np.linalg.norm(error) < 0.01 * np.linalg.norm(moved)


def test_temperature(outcome):
    start, state, reference = outcome
    expected = reference.log_alpha['log_temperature']
    assert expected != start['log_temperature']
    np.testing.assert_allclose(
        state['log_temperature'] - start['log_temperature'], expected - start['log_temperature'], rtol=1e-3
    )


def test_adam_state_of_a_checkpoint_continues_bit_for_bit():
    rng = np.random.default_rng(1)
    batches = [mini_batch(rng) for _ in range(4)]
    whole = SacLearner(CONFIG, SEED)
    for batch in batches:
        whole.update(batch)
    first = SacLearner(CONFIG, SEED)
    for batch in batches[:2]:
        first.update(batch)
    second = SacLearner(CONFIG, SEED + 1)
    second.set_state(first.get_state())
    for batch in batches[2:]:
        second.update(batch)
    for name, value in whole.get_state().items():
        np.testing.assert_array_equal(second.get_state()[name], value, err_msg=name)


def test_state_of_another_setting_is_refused_and_changes_nothing():
    learner = SacLearner(CONFIG, SEED)
    before = learner.get_state()
    other = SacLearner(
        AgentConfig(crop_width=34, crop_height=32, channels=3, strides=(4, 3), hidden_width=8), 0
    )
    with pytest.raises(ValueError, match='choose its own setting'):
        learner.set_state(other.get_state())
    for name, value in learner.get_state().items():
        np.testing.assert_array_equal(before[name], value)
