"""Whole updates of the learner against a float64 reference written from the equations."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch')
sys.path.insert(0, str(Path(__file__).parent))
torch.set_num_threads(1)  # more would wait for each other on a machine with other work

from sac_reference import Reference  # noqa: E402

from sac_learner import networks  # noqa: E402
from sac_learner.agent_config import AgentConfig  # noqa: E402
from sac_learner.learner import SacLearner  # noqa: E402
from ur5_rl_graph.data import MiniBatch  # noqa: E402

BATCH, SEED = 3, 8
UPDATES = 6
"""Three of the actor, two of the targets, and critic updates after each."""
FLOATS = ('proprio', 'action', 'reward', 'discount')
TOLERANCE = 1e-5  # reached: 1e-7
PARTS = ('encoder', 'critic', 'actor', 'encoder_target', 'critic_target')
# No two numbers are equal or 1: one in place of another, or left out, is seen.
CONFIG = AgentConfig(
    crop_width=23,
    crop_height=20,
    channels=2,
    strides=(3, 1, 1),
    softmax_temperature=0.7,
    hidden_width=8,
    joint_centre=(0.3, -0.2, 0.5, 0.1, -0.4),
    joint_scale=1.7,
    reward_scale=2.5,
    actor_rate=3e-3,
    critic_rate=4e-3,
    encoder_rate=2e-3,
    temperature_rate=1e-2,
    actor_period=2,
    target_period=3,
    critic_target_ratio=0.1,
    encoder_target_ratio=0.3,
    batch_size=BATCH,
    initial_temperature=0.4,
    target_entropy=-3.0,
    discount=0.9,
)


def mini_batch(rng):
    return MiniBatch(
        rng.integers(0, 256, (2, BATCH, *CONFIG.image_shape), np.uint8),
        rng.normal(size=(2, BATCH, 15)).astype(np.float32),
        rng.uniform(-1, 1, (BATCH, 5)).astype(np.float32),
        rng.normal(size=BATCH).astype(np.float32),
        np.array([1, 0, 1], np.float32),
    )


@pytest.fixture(scope='module', params=['off', 'on'])
def outcome(request):
    """Start, learner (call by call, from static inputs) and reference after the same updates, in float64.

    In float32 Adam makes steps of full size of the rounding errors in small gradients: 1 % would have to be
    allowed, and a wrong equation can hide there.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('sac_learner.encoding.images_to_float', lambda x: networks.images_to_float(x).double())
        torch.set_default_dtype(torch.float64)
        try:
            return run_both(request.param)
        finally:
            torch.set_default_dtype(torch.float32)


def run_both(graph):
    learner = SacLearner(CONFIG, SEED, graph=graph)
    rng = np.random.default_rng(0)
    # Every network starts at weights of its own, the targets too.
    start = {
        name: value + rng.normal(scale=0.2, size=value.shape) if name.startswith(PARTS) else value
        for name, value in learner.get_state().items()
    }
    learner.set_state(start)
    reference = Reference(CONFIG, start, (networks.LOG_STD_MIN, networks.LOG_STD_MAX))
    noise = torch.Generator()
    noise.set_state(torch.from_numpy(start['noise']))
    for update in range(1, UPDATES + 1):
        batch = mini_batch(rng)
        doubles = {name: getattr(batch, name).astype(float) for name in FLOATS}
        learner.update(batch._replace(**doubles))
        info = learner.statistics()
        temperature = info.pop('temperature')
        draws = [torch.randn((BATCH, 5), generator=noise).numpy()]
        if update % CONFIG.actor_period == 0:
            draws.append(torch.randn((BATCH, 5), generator=noise).numpy())
        expected = reference.update(batch, draws[0], draws[-1])
        assert {name: info[name] for name in expected} == pytest.approx(expected, rel=TOLERANCE)
        assert temperature == pytest.approx(np.exp(reference.log_alpha['log_temperature']), rel=TOLERANCE)
    return start, learner.get_state(), reference


@pytest.mark.parametrize('part', PARTS)
def test_parameters_move_as_the_equations_say(outcome, part):
    start, state, reference = outcome
    expected = dict(reference.p[part])
    # A constant added to a whole map does not change its softmax: this gradient is zero, and Adam makes of
    # the rounding errors in its place steps of full size.
    expected.pop(f'convolutions.{len(CONFIG.strides) - 2}.bias', None)
    moved = np.concatenate([(expected[k] - start[f'{part}.{k}']).ravel() for k in expected])
    error = np.concatenate([(expected[k] - state[f'{part}.{k}']).ravel() for k in expected])
    assert np.linalg.norm(moved) > 0
    assert np.linalg.norm(error) < TOLERANCE * np.linalg.norm(moved)


def test_temperature(outcome):
    start, state, reference = outcome
    expected = reference.log_alpha['log_temperature']
    assert expected != start['log_temperature']
    np.testing.assert_allclose(
        state['log_temperature'] - start['log_temperature'],
        expected - start['log_temperature'],
        rtol=TOLERANCE,
    )


def test_the_temperature_never_falls_below_its_minimum():
    learner = SacLearner(replace(CONFIG, minimum_temperature=0.398, target_entropy=-100.0), SEED)
    rng = np.random.default_rng(1)
    temperatures = []
    for _ in range(6):
        learner.update(mini_batch(rng))
        temperatures.append(learner.statistics()['temperature'])
    assert temperatures == pytest.approx([0.4, *[0.398] * 5], abs=1e-6)


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


def test_a_state_leaves_nothing_of_what_was_learned_before():
    fresh, used = SacLearner(CONFIG, SEED), SacLearner(CONFIG, SEED + 1)
    rng = np.random.default_rng(1)
    for _ in range(3):
        used.update(mini_batch(rng))
    later = used.get_state()
    used.set_state(fresh.get_state())
    batch = mini_batch(rng)
    for learner in (fresh, used):
        learner.update(batch)
    for name, value in fresh.get_state().items():
        np.testing.assert_array_equal(used.get_state()[name], value, err_msg=name)
    noise = used.get_state()['noise']
    used.start_from(later)
    assert used.updates == 0
    np.testing.assert_array_equal(used.get_state()['noise'], noise)  # of this run's seed
    for name in later.keys() - {'updates', 'noise'}:
        np.testing.assert_array_equal(used.get_state()[name], later[name], err_msg=name)


@pytest.mark.parametrize('noise', [np.arange(16, dtype=np.uint8), None], ids=['cuda', 'none'])
def test_a_state_of_another_device_goes_on_with_noise_of_its_own(noise):
    """A generator on CUDA has a state of 16 bytes, one on the CPU of 5056."""
    learner, other = SacLearner(CONFIG, SEED), SacLearner(CONFIG, SEED)
    learner.update(mini_batch(np.random.default_rng(1)))
    state = learner.get_state()
    assert learner.set_state(state) is True
    foreign = {name: value for name, value in state.items() if name != 'noise'}
    fresh = other.get_state()['noise']
    assert other.set_state(foreign if noise is None else foreign | {'noise': noise}) is False
    for name in foreign:
        np.testing.assert_array_equal(other.get_state()[name], state[name], err_msg=name)
    for known in (fresh, state['noise']):
        assert (other.get_state()['noise'] != known).any(), 'it would draw what was drawn before'
    third = SacLearner(CONFIG, SEED)
    third.set_state(foreign | {'noise': np.zeros(16, np.uint8), 'updates': np.array(9)})
    assert (third.get_state()['noise'] != other.get_state()['noise']).any()


def test_state_of_another_setting_is_refused_and_changes_nothing():
    learner = SacLearner(CONFIG, SEED)
    before = learner.get_state()
    other = SacLearner(replace(CONFIG, channels=3), 0)
    with pytest.raises(ValueError, match='choose its own setting'):
        learner.set_state(other.get_state())
    for name, value in learner.get_state().items():
        np.testing.assert_array_equal(before[name], value)
