"""The networks of thesis figure 4.1: a shared convolutional encoder, an actor and two critics.

Images and features stay in channels_last memory, the layout in which camera frames arrive.
"""

import math
from functools import cache
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sac_learner.agent_config import AgentConfig
from ur5_rl_graph.data import JOINTS, STACK

# The range of the log standard deviation before squashing; the thesis prints none. A new network starts
# half-way, at 0.2: with the -10 of some implementations it starts at 0.02, which hardly explores.
LOG_STD_MIN, LOG_STD_MAX = -5.0, 2.0


def images_to_float(images: Tensor) -> Tensor:
    """uint8 (B, 3, h, w, 3), frames oldest first -> float32 (B, 3 colours, 3 frames, h, w) in [0, 1].

    The result keeps the order of the bytes in memory (channels_last_3d), so nothing is moved.
    """
    return images.permute(0, 4, 1, 2, 3).to(torch.float32).mul_(1 / 255)


def spatial_softmax(features: Tensor, temperature: float = 1.0) -> Tensor:
    """Feature maps (B, C, H, W) -> expected positions (B, 2 C): all x, then all y, each in [-1, 1].

    s_cij = exp(a_cij / T) / sum exp(a_cij / T); f_cx = sum s_cij x_ij; f_cy = sum s_cij y_ij
    (thesis 2.2, where T = 1).
    """
    batch, channels, height, width = features.shape
    positions = _positions(height, width, features.dtype, features.device)
    if features.is_cuda:  # whose softmax is ten times as fast over what lies together
        weights = torch.softmax(features.flatten(2) / temperature, dim=2)
        return torch.matmul(weights, positions.T).transpose(1, 2).reshape(batch, 2 * channels)
    logits = features.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
    weights = torch.softmax(logits / temperature, dim=1)
    return torch.matmul(positions, weights).reshape(batch, 2 * channels)


@cache  # none is given up: a captured update has its address
def _positions(height: int, width: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The x and the y of every cell of a map, row by row, from -1 to 1: (2, H W)."""
    with torch.inference_mode(
        False
    ):  # a policy may ask first, and a learner in the same process needs gradients
        x = torch.linspace(-1, 1, width, dtype=dtype, device=device)
        y = torch.linspace(-1, 1, height, dtype=dtype, device=device)
        return torch.stack([x.repeat(height), y.repeat_interleave(width)])


class Encoder(nn.Module):
    """Convolutions 3x3 with ReLU between them, then a spatial softmax: (B, 3, 3, h, w) -> (B, 2 channels).

    The first convolution sees all colours of all frames: it is written as a 3-D convolution whose kernel is
    as deep as the stack, the same sum as a 2-D one over 9 channels, but reads the frames where they lie.
    """

    def __init__(self, config: AgentConfig) -> None:
        super().__init__()
        self.temperature = config.softmax_temperature
        channels, (first, *others) = config.channels, config.strides
        self.frames = nn.Conv3d(3, channels, (STACK, 3, 3), (1, first, first))
        self.convolutions = nn.ModuleList(nn.Conv2d(channels, channels, 3, stride) for stride in others)
        for layer in (self.frames, *self.convolutions):
            nn.init.orthogonal_(layer.weight, nn.init.calculate_gain('relu'))
            nn.init.zeros_(layer.bias)
        self.frames.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]  # torch's stubs
        self.convolutions.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # lack it

    def features(self, images: Tensor) -> Tensor:
        """Images as `images_to_float` gives them -> feature maps (B, channels, h', w') before the softmax."""
        features = F.relu(self._of_frames(images), inplace=True).squeeze(2)
        *hidden, last = self.convolutions
        for layer in hidden:
            features = F.relu(layer(features), inplace=True)
        return last(features)

    def _of_frames(self, images: Tensor) -> Tensor:
        """The first convolution. Of one image torch chooses a slow form, so oneDNN is called by its name."""
        layer = self.frames
        one = len(images) == 1 and not torch.is_grad_enabled() and not torch.compiler.is_compiling()
        takes = torch.backends.mkldnn.is_available() and images.dtype == torch.float32
        if not (one and takes and images.device.type == 'cpu'):
            return layer(images)
        return torch.mkldnn_convolution(images, layer.weight, layer.bias, [0] * 3, layer.stride, [1] * 3, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Images as `images_to_float` gives them -> coordinates in [-1, 1]."""
        return spatial_softmax(self.features(images), self.temperature)


class Actor(nn.Module):
    """Tanh-squashed diagonal Gaussian: a 3-layer perceptron gives its mean and log standard deviation."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__()
        width = config.hidden_width
        hidden = [nn.Linear(config.latent_size, width), nn.Linear(width, width)]
        self.hidden = nn.ModuleList(hidden)
        self.output = nn.Linear(width, 2 * JOINTS)
        for layer in hidden:
            nn.init.orthogonal_(layer.weight, nn.init.calculate_gain('relu'))
            nn.init.zeros_(layer.bias)
        # Small, so that the first actions are centred whatever the joints read.
        nn.init.orthogonal_(self.output.weight, 0.01)
        nn.init.zeros_(self.output.bias)

    def forward(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Latent (B, n) -> mean and log standard deviation before squashing, both (B, 5)."""
        for layer in self.hidden:
            latent = F.relu(layer(latent))
        mean, raw = self.output(latent).chunk(2, dim=-1)
        return mean, LOG_STD_MIN + 0.5 * (LOG_STD_MAX - LOG_STD_MIN) * (torch.tanh(raw) + 1)


def squashed_sample(mean: Tensor, log_std: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Actions tanh(mean + std noise) (B, 5) and their log pi (B,), by the change of variables.

    log(1 - tanh(u)^2) is written as 2 (log 2 - u - softplus(-2 u)), which does not overflow.
    """
    unsquashed = mean + log_std.exp() * noise
    log_gaussian = -0.5 * noise.square() - log_std - 0.5 * math.log(2 * math.pi)
    log_jacobian = 2 * (math.log(2) - unsquashed - F.softplus(-2 * unsquashed))
    return torch.tanh(unsquashed), (log_gaussian - log_jacobian).sum(-1)


class TwinCritic(nn.Module):
    """Two Q-functions, each a 3-layer perceptron, evaluated together as batched products."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__()
        width = config.hidden_width
        sizes = [config.latent_size + JOINTS, width, width, 1]
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for inputs, outputs in pairwise(sizes):
            gain = 1.0 if outputs == 1 else nn.init.calculate_gain('relu')
            pair = [nn.init.orthogonal_(torch.empty(outputs, inputs), gain).T for _ in range(2)]
            self.weights.append(torch.stack(pair).contiguous())  # (2, inputs, outputs)
            self.biases.append(torch.zeros(2, 1, outputs))
        self.layer_norm = config.critic_layer_norm

    def forward(self, latent: Tensor, action: Tensor) -> Tensor:
        """Latent (B, n), action (B, 5) -> Q of both critics (2, B)."""
        hidden = torch.cat([latent, action], dim=-1).expand(2, -1, -1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = torch.baddbmm(bias, hidden, weight)
            if self.layer_norm:
                hidden = F.layer_norm(hidden, hidden.shape[-1:])
            hidden = F.relu(hidden)
        return torch.baddbmm(self.biases[-1], hidden, self.weights[-1]).squeeze(-1)
