"""Where the encoder looks: the positions of its spatial softmax in the picture, and how peaked each is."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from buffer_sampler.crop import centre_crop, check_crop
from sac_learner.agent_config import AgentConfig
from sac_learner.networks import Encoder, images_to_float, spatial_softmax
from sac_learner.weights import check_weights

PREFIX = 'encoder.'
"""Of the encoder's tensors among those of a policy."""
MARGIN = 1
"""Pixels that a 3x3 convolution without padding leaves out at each edge."""


class Positions(NamedTuple):
    """What the spatial softmax has made of one observation; one entry for each channel."""

    x: np.ndarray  # (C,) float64, column in an observation's frame, 0 = centre of its first pixel [pixel]
    y: np.ndarray  # (C,) float64, row [pixel]
    peaked: np.ndarray  # (C,) float64: 1 = all on one cell, 0 = as wide as one that is the same everywhere


class EncoderView:
    """The encoder of a policy, with the weights last loaded."""

    def __init__(self, config: AgentConfig, observation_shape: tuple[int, int, int]) -> None:
        """Makes one for the frames of observations, (height, width, 3).

        Raises:
            ValueError: the crop does not fit into them.
        """
        self._config = config
        height, width, _ = observation_shape
        check_crop(height, width, config.crop_height, config.crop_width)
        self.top, self.left = (height - config.crop_height) // 2, (width - config.crop_width) // 2
        self._encoder = Encoder(config).requires_grad_(False)

    def load(self, weights: dict[str, np.ndarray]) -> None:
        """Takes the encoder's part of a policy's weights, all or none.

        Raises:
            ValueError: a tensor is missing, unknown, of another shape or not finite.
        """
        own = {name: array for name, array in weights.items() if name.startswith(PREFIX)}
        state = self._encoder.state_dict()
        check_weights(own, {PREFIX + key: tuple(tensor.shape) for key, tensor in state.items()})
        self._encoder.load_state_dict({key: torch.from_numpy(own[PREFIX + key]) for key in state})

    @torch.inference_mode()
    def positions(self, frames: np.ndarray) -> Positions:
        """Returns what the network that acts finds in three frames, (3, H, W, 3) uint8, oldest first."""
        patch = centre_crop(frames, self._config.crop_height, self._config.crop_width)
        features = self._encoder.features(
            images_to_float(torch.from_numpy(np.ascontiguousarray(patch))[None])
        )
        x, y = spatial_softmax(features, self._config.softmax_temperature)[0].double().numpy().reshape(2, -1)
        _, _, rows, columns = features.shape
        return Positions(
            self.left + pixel_of_cell(0.5 * (x + 1) * (columns - 1), self._config.strides),
            self.top + pixel_of_cell(0.5 * (y + 1) * (rows - 1), self._config.strides),
            peakedness(features[0], self._config.softmax_temperature),
        )


def pixel_of_cell(cell: np.ndarray, strides: tuple[int, ...]) -> np.ndarray:
    """Returns the pixel at the centre of what a cell of the last map sees, in the cropped picture.

    Each 3x3 convolution of stride s has its cell i around i s + 1 of the map before it. A map is therefore
    not the picture drawn smaller: its first cell lies 15 pixels inside with strides 2, 2, 2, 1.
    """
    for stride in reversed(strides):
        cell = cell * stride + MARGIN
    return cell


def peakedness(features: Tensor, temperature: float) -> np.ndarray:
    """Returns 1 - sd / sd of a uniform map, at least 0, for feature maps (C, h, w): (C,).

    sd is how far the softmax spreads around its expected position, in cells: that position means a place in
    the picture only where the softmax has one peak.
    """
    channels, rows, columns = features.shape
    share = torch.softmax(features.double().reshape(channels, -1) / temperature, dim=1).numpy()
    y, x = (axis.reshape(-1) for axis in np.mgrid[0:rows, 0:columns].astype(float))
    variance = sum(share @ axis**2 - (share @ axis) ** 2 for axis in (x, y))
    widest = np.var(x) + np.var(y)
    return np.clip(1.0 - np.sqrt(np.maximum(variance, 0.0) / widest), 0.0, 1.0)
