"""How near the ways to update a setting are to each other, by tensor."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import numpy as np

from sac_learner.agent_config import AgentConfig
from sac_learner.learner import SacLearner
from ur5_rl_graph.data import JOINTS, PROPRIO, STACK, MiniBatch

STATES = 50
RADIUS = 0.1  # of a disc, by the height of the image


def mini_batches(config: AgentConfig, count: int) -> Iterator[MiniBatch]:
    """Bright discs on noise; the reward says how near to the middle they are: something to learn."""
    rng, size = np.random.default_rng(0), config.batch_size
    y, x = np.mgrid[: config.crop_height, : config.crop_width]
    for _ in range(count):
        places = rng.uniform(-1, 1, (2, size, STACK, 1, 1, 2)).astype(np.float32)
        centre = (places + 1) / 2 * (config.crop_width, config.crop_height)
        disc = (x - centre[..., 0]) ** 2 + (y - centre[..., 1]) ** 2 < (RADIUS * config.crop_height) ** 2
        images = rng.integers(0, 100, (2, size, *config.image_shape), np.uint8)
        images[disc] += 150
        reward = 1 - np.square(places[0, :, -1, 0, 0]).mean(-1)
        yield MiniBatch(
            images,
            rng.normal(size=(2, size, PROPRIO)).astype(np.float32),
            rng.uniform(-1, 1, (size, JOINTS)).astype(np.float32),
            reward.astype(np.float32),
            np.ones(size, np.float32),
        )


def gradient_errors(
    config: AgentConfig, device: str, precisions: Sequence[str], batches: Sequence[MiniBatch]
) -> dict[str, dict[str, float]]:
    """Errors of the gradients of single updates from states of a training, relative, by precision and tensor.

    The mean square over all states: one gradient that happens to be near zero says nothing.
    """
    exact = SacLearner(config, 0, device, 'off', 'float32')
    rounded = {precision: SacLearner(config, 0, device, 'on', precision) for precision in precisions}
    guide = SacLearner(config, 0, device, 'on', 'float32')
    squares: dict[str, dict[str, np.ndarray]] = {precision: {} for precision in precisions}
    for batch in islice(cycle(batches), STATES):
        for _ in range(4):
            guide.update(batch)
        state = guide.get_state() | {'updates': np.array(config.actor_period - 1)}  # all gradients are due
        wanted = _gradients(exact, state, batch)
        for precision, learner in rounded.items():
            found = _gradients(learner, state, batch)
            for name, gradient in wanted.items():
                pair = np.square(found[name] - gradient).sum(), np.square(gradient).sum()
                squares[precision][name] = squares[precision].get(name, 0.0) + np.array(pair)
    return {
        precision: {name: float(np.sqrt(error / whole)) for name, (error, whole) in of_tensors.items()}
        for precision, of_tensors in squares.items()
    }


def _gradients(learner: SacLearner, state: dict, batch: MiniBatch) -> dict[str, np.ndarray]:
    """The gradients of one update: with new moments, a tenth of each is its first moment."""
    learner.set_state({name: value for name, value in state.items() if not name.startswith('optimiser.')})
    learner.update(batch)
    after = learner.get_state()
    # A constant added to a whole map does not change its softmax: the last bias has rounding errors only.
    free = f'optimiser.encoder.{2 * len(learner.config.strides) - 1}.exp_avg'
    return {
        name: value.astype(float)
        for name, value in after.items()
        if name.endswith('.exp_avg') and name != free
    }


def statistic_errors(
    config: AgentConfig, device: str, precisions: Sequence[str], batches: Sequence[MiniBatch], updates: int
) -> dict[str, dict[str, float]]:
    """Mean differences of what updates report from the eager ones in float32, relative to its mean size."""
    learners = [SacLearner(config, 0, device, 'off', 'float32')]
    learners += [SacLearner(config, 0, device, 'on', precision) for precision in precisions]
    seen: list[list[dict[str, float]]] = [[] for _ in learners]
    for batch in islice(cycle(batches), updates):
        for learner, reports in zip(learners, seen, strict=True):
            learner.update(batch)
            reports.append(learner.statistics())
    names = list(seen[0][-1])
    eager, *others = (np.array([[r[n] for n in names] for r in reports[1:]]) for reports in seen)
    return {
        precision: dict(
            zip(names, (np.abs(other - eager).mean(0) / np.abs(eager).mean(0)).tolist(), strict=True)
        )
        for precision, other in zip(precisions, others, strict=True)
    }
