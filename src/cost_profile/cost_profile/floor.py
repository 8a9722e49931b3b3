"""The least that a gradient update has to do: operations and bytes, and the time that both need at best."""

from typing import NamedTuple

from sac_learner.agent_config import AgentConfig
from ur5_rl_graph.data import JOINTS, STACK
from ur5_rl_graph.sizes import MiniBatchSize

ADAM_WORDS = 7  # parameter, gradient and two moments read; parameter and moments written
TARGET_WORDS = 3
WORD = 4  # bytes of a float32


class Peaks(NamedTuple):
    """What a device can do at best."""

    operations_per_s: float  # multiplications and additions in products
    bytes_per_s: float  # read and written


class Work(NamedTuple):
    """A piece of work that is not begun before the one before it has ended."""

    name: str
    operations: float
    bytes: float

    def seconds(self, peaks: Peaks) -> float:
        """At best: the longer of computing and moving."""
        return max(self.operations / peaks.operations_per_s, self.bytes / peaks.bytes_per_s)


def update_work(config: AgentConfig, word: int = WORD) -> list[Work]:
    """The pieces of one update, as the mean of those with and without actor and targets.

    Each tensor of images, maps and weights is read once by each piece that needs it and written once; nothing
    stays in a cache from one piece to the next.

    Args:
        config: sizes and periods.
        word: bytes of a number in the encoder's maps.
    """
    encoder, heads = _encoder(config, word), _heads(config)
    actor_share, target_share = 1 / config.actor_period, 1 / config.target_period
    actor, critics = (sum(i * o for i, o in sizes) for sizes in heads)
    batch = config.batch_size
    products = {
        'target: actor and critics': actor + critics,
        'critics forward and backward': 3 * critics,
        'actor forward and backward': actor_share * (3 * actor + 2 * critics),
    }
    parameters = _encoder_parameters(config)
    learned = parameters + critics + actor_share * actor
    return [
        *encoder,
        *(Work(name, 2 * batch * count, WORD * count) for name, count in products.items()),
        Work('Adam', 0, ADAM_WORDS * WORD * learned),
        Work('targets', 0, TARGET_WORDS * WORD * target_share * (parameters + critics)),
    ]


def copy_bytes(config: MiniBatchSize) -> int:
    """Bytes of the images of a mini-batch, nearly all that the sampler draws and that goes to the device."""
    return 2 * config.batch_size * STACK * config.crop_height * config.crop_width * 3


def floor_s(work: list[Work], peaks: Peaks) -> float:
    """The least time [s] that a device with such peaks needs."""
    return sum(piece.seconds(peaks) for piece in work)


def _encoder(config: AgentConfig, word: int) -> list[Work]:
    """Three passes forward and one backward, layer by layer."""
    pieces = []
    batch, height, width, inputs = config.batch_size, config.crop_height, config.crop_width, 3 * STACK
    for layer, stride in enumerate(config.strides):
        entering = batch * height * width * inputs * (1 if layer == 0 else word)  # images are bytes
        height, width = (height - 3) // stride + 1, (width - 3) // stride + 1
        outputs = batch * height * width * config.channels
        operations = 2 * outputs * 9 * inputs
        leaving = outputs * word
        pieces += [Work(f'layer {layer + 1} forward', operations, entering + leaving)] * 3
        # Gradients of the weights, and of what entered unless that was images.
        pieces.append(Work(f'layer {layer + 1} backward, weights', operations, entering + leaving))
        if layer:
            pieces.append(Work(f'layer {layer + 1} backward, maps', operations, entering + leaving))
        inputs = config.channels
    return pieces


def _encoder_parameters(config: AgentConfig) -> int:
    layers = [3 * STACK, *[config.channels] * (len(config.strides) - 1)]
    return sum(9 * inputs * config.channels + config.channels for inputs in layers)


def _heads(config: AgentConfig) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The shapes of the weights of the actor, and of both critics."""
    latent, width = config.latent_size, config.hidden_width
    actor = [(latent, width), (width, width), (width, 2 * JOINTS)]
    return actor, 2 * [(latent + JOINTS, width), (width, width), (width, 1)]
