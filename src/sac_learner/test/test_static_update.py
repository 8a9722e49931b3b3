"""Updates from static inputs against updates call by call; captured ones where there is CUDA."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from sac_learner.agent_config import AgentConfig
from sac_learner.learner import SacLearner
from sac_learner.precision import usual
from sac_learner.static_update import Due, StaticUpdate
from ur5_rl_graph.data import MiniBatch

torch.set_num_threads(1)  # more would wait for each other on a machine with other work

# So tame that rounding errors do not grow in a few hundred updates.
CONFIG = AgentConfig(
    crop_width=31,
    crop_height=24,
    channels=4,
    strides=(2, 2, 1),
    hidden_width=16,
    joint_centre=(0.3, -0.2, 0.5, 0.1, -0.4),
    joint_scale=1.7,
    reward_scale=0.5,
    batch_size=36,  # more than one chunk
    encoder_rate=3e-4,
    temperature_rate=1e-3,
    target_period=3,  # with the actor's 2: all four kinds of update
    initial_temperature=0.3,
)
SEED, UPDATES = 3, 200
TOLERANCE = 1e-4
"""Of every error of `errors`: rounding makes 3e-6 at most, a term that is 1 % wrong 7e-4 at least."""
TERMS = (
    *('actor_rate', 'critic_rate', 'encoder_rate', 'temperature_rate', 'reward_scale', 'discount'),
    *('critic_target_ratio', 'encoder_target_ratio', 'target_entropy', 'softmax_temperature', 'joint_scale'),
)
PARTS = ('encoder', 'actor', 'critic', 'encoder_target', 'critic_target', 'log_temperature')
FREE = f'convolutions.{len(CONFIG.strides) - 2}.bias'
"""A constant added to a whole map does not change its softmax: this bias follows rounding errors alone."""
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA on this machine')
FREE_MOMENT = f'optimiser.encoder.{2 * len(CONFIG.strides) - 1}.exp_avg'
DEVICES = ['cpu', pytest.param('cuda', marks=CUDA)]
ROUNDED = [('tf32', 0.05), ('bfloat16', 0.1)]
"""Precisions with the relative error of a tensor of gradients that they may make, over 50 states.

Gradients of the encoder by two mini-batches of one state lie 1.4 to 1.7 of their mean from it: rounding may
add a fifteenth of that, TF32 half as much.
"""
CPU_LIMIT = 0.2
"""Of bfloat16 there: in so small a network biases, whose sums cancel, have 8 to 14 %, by the seed."""


@pytest.fixture(autouse=True)
def chunks_of_32(monkeypatch):
    monkeypatch.setattr('sac_learner.encoding.CHUNK_PIXELS', 0)


def mini_batches(count, seed=0):
    """Bright discs whose place says the reward: something that can be learned."""
    rng, size = np.random.default_rng(seed), CONFIG.batch_size
    y, x = np.mgrid[: CONFIG.crop_height, : CONFIG.crop_width]
    for _ in range(count):
        places = rng.uniform(0, 1, (2, size, 3, 1, 1, 2)) * (CONFIG.crop_width, CONFIG.crop_height)
        images = rng.integers(0, 100, (2, size, *CONFIG.image_shape), np.uint8)
        images[(x - places[..., 0]) ** 2 + (y - places[..., 1]) ** 2 < 25] += 150
        action = rng.uniform(-1, 1, (size, 5)).astype(np.float32)
        yield MiniBatch(
            images,
            rng.normal(size=(2, size, 15)).astype(np.float32),
            action,
            (places[0, :, 2, 0, 0, 0] / CONFIG.crop_width + action[:, 0]).astype(np.float32),
            rng.integers(0, 2, size).astype(np.float32),
        )


def errors(reference, other, updates):
    """What two learners of one start differ in: means of their statistics, and the ways of all parts."""
    start = reference.get_state()
    other.set_state(start)
    seen = []
    for batch in mini_batches(updates):
        for learner in (reference, other):
            learner.update(batch)
            seen.append(learner.statistics())
    names = list(seen[-1])
    values = np.array([[list(s.values()) for s in seen[i::2] if len(s) == len(names)] for i in (0, 1)])
    found = dict(zip(names, np.abs(values[0] - values[1]).mean(0) / np.abs(values[0]).mean(0), strict=True))
    states = reference.get_state(), other.get_state()
    for part in PARTS:
        ways = [way(start, state, part) for state in states]
        found[f'way of {part}'] = np.linalg.norm(ways[0] - ways[1]) / np.linalg.norm(ways[0])
    return found


def way(start, state, part):
    """How far the parameters of a part have come, as one vector."""
    names = sorted(name for name in start if f'{name}.'.startswith(f'{part}.') and not name.endswith(FREE))
    return np.concatenate([(state[name] - start[name]).ravel() for name in names]).astype(float)


def make(device='cpu', graph='on', config=CONFIG, precision='float32'):
    return SacLearner(config, SEED, device, graph, precision)


@pytest.mark.parametrize('device', DEVICES)
def test_static_inputs_learn_the_same_as_call_by_call(device):
    found = errors(make(device, 'off'), make(device), UPDATES)
    assert max(found.values()) < TOLERANCE, found


@pytest.mark.parametrize('term', TERMS)
def test_a_term_that_is_one_percent_wrong_is_seen(term):
    right = replace(CONFIG, target_entropy=-0.5)  # about what there is: a little more or less turns the sign
    wrong = replace(right, **{term: 0.99 * getattr(right, term)})
    assert max(errors(make(graph='off', config=right), make(config=wrong), 12).values()) > 3 * TOLERANCE


@pytest.mark.parametrize('device', DEVICES)
def test_the_same_seed_gives_the_same_bits_and_a_state_continues_them(device):
    whole, first, second = make(device), make(device), make(device)
    for number, batch in enumerate(mini_batches(12)):
        whole.update(batch)
        learner = first if number < 5 else second
        if number == 5:
            second.update(batch)  # captured, and with moments of its own
            second.set_state(first.get_state())
        learner.update(batch)
    resumed = second.get_state()
    for name, value in whole.get_state().items():
        np.testing.assert_array_equal(resumed[name], value, err_msg=name)


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('graph', ['on', 'off'])
def test_getting_ready_changes_nothing(device, graph):
    learner = make(device, graph)
    for updates in (0, 3):
        for batch in mini_batches(updates):
            learner.update(batch)
        before = learner.get_state()
        learner.prepare()
        after = learner.get_state()
        for name, value in before.items():
            np.testing.assert_array_equal(after[name], value, err_msg=name)
        assert all(not after[name].any() for name in after.keys() - before.keys())  # moments of no update


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('pinned', [False, pytest.param(True, marks=CUDA)])
def test_a_mini_batch_is_not_read_after_its_update(device, pinned):
    learner, other = make(device), make(device)
    for batch in mini_batches(9):
        other.update(MiniBatch(*(array.copy() for array in batch)))
        if pinned:
            batch = MiniBatch(*(torch.from_numpy(array).pin_memory().numpy() for array in batch))
        learner.update(batch)
        for array in batch:
            array.fill(0)
    assert learner.statistics() == other.statistics()


@CUDA
def test_mini_batches_on_the_device_teach_the_same():
    learner, other = make('cuda'), make('cuda')
    for batch in mini_batches(9):
        other.update(batch)
        learner.update(MiniBatch(*(torch.from_numpy(array).cuda() for array in batch)))
    assert learner.statistics() == other.statistics()


@pytest.mark.parametrize('device', DEVICES)
def test_what_an_actor_update_gave_is_kept_until_the_next(device):
    learner = make(device)
    actor = ('actor_loss', 'entropy')
    for number, batch in enumerate(mini_batches(9)):
        learner.update(batch)
        found = {name: value for name, value in learner.statistics().items() if name in actor}
        if number % 2:
            kept = found
        elif number:
            assert found == kept


def test_mini_batches_take_turns_and_each_update_sees_its_own():
    batches = [batch._replace(reward=batch.reward + 10 * i) for i, batch in enumerate(mini_batches(3))]
    tensors = [MiniBatch(*map(torch.from_numpy, batch)) for batch in batches]
    places = [MiniBatch(*map(torch.zeros_like, tensors[0])) for _ in range(2)]
    seen = []
    update = StaticUpdate(lambda inputs, _: seen.append(inputs) or {}, places, torch.Generator())
    for batch in batches:
        update.load(batch)
        update.run(Due(False, False))
    assert seen[0] is seen[2] is not seen[1]
    for inputs, batch in zip(seen[1:], tensors[1:], strict=True):
        assert all(map(torch.equal, inputs, batch))


@pytest.mark.parametrize('graph', ['on', 'off'])
@pytest.mark.parametrize(
    ('name', 'part', 'shape'),
    [
        ('images', np.s_[:, :35], '(2, 35, 3, 24, 31, 3), the learner takes (2, 36, 3, 24, 31, 3)'),
        ('proprio', np.s_[:, :, :14], '(2, 36, 14), the learner takes (2, 36, 15)'),
        ('action', np.s_[:, :1], '(36, 1), the learner takes (36, 5)'),
        ('reward', np.s_[:1], '(1,), the learner takes (36,)'),
        ('discount', np.s_[:1], '(1,), the learner takes (36,)'),
    ],
)
def test_a_mini_batch_of_another_shape_is_refused_and_changes_nothing(graph, name, part, shape):
    batch = next(mini_batches(1))
    learner = make(graph=graph)
    before = learner.get_state()
    wrong = batch._replace(**{name: getattr(batch, name)[part]})
    with pytest.raises(ValueError, match=re.escape(f'{name} of the mini-batch is {shape}; give sampler')):
        learner.update(wrong)
    for key, value in learner.get_state().items():
        np.testing.assert_array_equal(value, before[key], err_msg=key)


@pytest.mark.parametrize('device', DEVICES)
def test_auto_rounds_on_cuda_alone_and_a_choice_is_kept(device):
    expected = {'cpu': 'float32', 'cuda': 'tf32'}
    assert usual(torch.device('cuda')) == expected['cuda']
    for graph in ('auto', 'on', 'off'):
        assert make(device, graph, precision='auto').precision == expected[device]
    assert make(device, precision='bfloat16').precision == 'bfloat16'


def gradients(learner, state, batch):
    """The gradients of one update, by tensor: with new moments a tenth of each is its first moment."""
    learner.set_state({name: value for name, value in state.items() if not name.startswith('optimiser.')})
    learner.update(batch)
    moments = learner.get_state()
    return {name: value for name, value in moments.items() if name.endswith('.exp_avg')}


@pytest.mark.parametrize(
    ('device', 'graph', 'precision', 'limit'),
    [
        *(('cpu', graph, 'bfloat16', CPU_LIMIT) for graph in ('on', 'off')),
        *(pytest.param('cuda', 'on', *values, marks=CUDA) for values in ROUNDED),
        pytest.param('cuda', 'off', *ROUNDED[-1], marks=CUDA),
    ],
)
def test_gradients_of_rounded_products_stay_near(device, graph, precision, limit):
    guide, exact, rounded = make(device, 'off'), make(device, 'off'), make(device, graph, CONFIG, precision)
    found = {}
    for batch in mini_batches(50):
        guide.update(batch)
        state = guide.get_state() | {'updates': np.array(1)}  # the next update has all gradients
        of_exact, of_rounded = (gradients(learner, state, batch) for learner in (exact, rounded))
        for name, gradient in of_exact.items():
            found.setdefault(name, []).append([gradient, of_rounded[name] - gradient])
    del found[FREE_MOMENT]
    for name, pairs in found.items():
        exactly, difference = np.swapaxes(pairs, 0, 1)
        assert np.linalg.norm(difference) < limit * np.linalg.norm(exactly), name
