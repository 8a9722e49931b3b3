"""The policy that acts: encoder and actor with the newest weights, on one observation at a time."""

import numpy as np
import torch
from torch import Tensor

from buffer_sampler.crop import centre_crop
from sac_learner.agent_config import AgentConfig
from sac_learner.networks import Actor, Encoder, images_to_float
from sac_learner.weights import check_weights
from ur5_rl_graph.data import JOINTS


def normalise_joints(proprio: Tensor, centre: Tensor, scale: float) -> Tensor:
    """(..., 15) -> the same with its first 5 numbers, the joint angles, minus `centre` over `scale`."""
    return torch.cat([(proprio[..., :JOINTS] - centre) / scale, proprio[..., JOINTS:]], dim=-1)


class Policy:
    """Acts with the weights last loaded; before the first `load`, with a fixed untrained network."""

    def __init__(self, config: AgentConfig):
        self.config = config
        self._encoder = Encoder(config).requires_grad_(False)
        self._actor = Actor(config).requires_grad_(False)
        self._joint_centre = torch.tensor(config.joint_centre)

    def load(self, weights: dict[str, np.ndarray]) -> None:
        """Take new weights, all or none.

        Raises:
            ValueError: a tensor is missing, unknown, of another shape or not finite.
        """
        modules = {'encoder': self._encoder, 'actor': self._actor}
        layout = {
            f'{name}.{key}': tuple(tensor.shape)
            for name, module in modules.items()
            for key, tensor in module.state_dict().items()
        }
        check_weights(weights, layout)
        for name, module in modules.items():
            module.load_state_dict(
                {key: torch.from_numpy(weights[f'{name}.{key}']) for key in module.state_dict()}
            )

    @torch.inference_mode()
    def act(
        self, frames: np.ndarray, proprio: np.ndarray, rng: np.random.Generator | None = None
    ) -> np.ndarray:
        """One action.

        Args:
            frames: uint8 (3, H, W, 3), oldest first; their central patch is used.
            proprio: float32 (15,), joint angles [rad], joint velocities / maximum, previous action.
            rng: draws the exploration noise; None acts deterministically, tanh(mean).

        Returns:
            float32 (5,) in [-1, 1].
        """
        patch = centre_crop(frames, self.config.crop_height, self.config.crop_width)
        coordinates = self._encoder(images_to_float(torch.from_numpy(patch)[None]))
        joints = normalise_joints(
            torch.from_numpy(proprio)[None], self._joint_centre, self.config.joint_scale
        )
        mean, log_std = self._actor(torch.cat([coordinates, joints], dim=-1))
        action = mean[0].numpy()
        if rng is not None:
            action = action + np.exp(log_std[0].numpy()) * rng.standard_normal(action.shape, dtype=np.float32)
        return np.tanh(action)
