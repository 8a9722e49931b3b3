"""Our encoder as the other libraries take it: images and joints in, latent out."""

import torch
from torch import Tensor, nn

from sac_learner.agent_config import AgentConfig
from sac_learner.networks import Encoder, images_to_float
from sac_learner.policy import normalise_joints


class Latent(nn.Module):
    """The encoder itself, layer by layer and in its memory layout, without our chunks of the mini-batch."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.register_buffer('centre', torch.tensor(config.joint_centre))
        self.scale = config.joint_scale

    def forward(self, images: Tensor, proprio: Tensor) -> Tensor:
        """Images (B, 3, h, w, 3) of bytes, in whatever type; joints (B, 15) -> (B, latent size)."""
        coordinates = self.encoder(images_to_float(images))
        return torch.cat([coordinates, normalise_joints(proprio, self.centre, self.scale)], dim=-1)
