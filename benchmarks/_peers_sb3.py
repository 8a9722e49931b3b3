"""Stable-Baselines3's SAC with our encoder, to be timed beside ours."""

from typing import Any

import gymnasium
import numpy as np
from _peers_network import Latent
from gymnasium import spaces
from torch import Tensor

from cost_profile.gradient import mini_batch
from sac_learner.agent_config import AgentConfig
from ur5_rl_graph.data import JOINTS, PROPRIO


class StableBaselines3:
    """One encoder for actor and critics, or one for each of them, as is its default."""

    def __init__(self, config: AgentConfig, device: str, transitions: int, *, shared: bool) -> None:
        """Fills the buffer with a mini-batch, over and over: it stores what is cropped already."""
        self._model = _model(config, device, transitions, shared)
        self._buffer, self._size = self._model.replay_buffer, config.batch_size
        batch = mini_batch(config)
        for index in range(transitions):
            i = index % self._size
            seen, then = (
                {'images': images[i][None], 'proprio': joints[i][None]}
                for images, joints in zip(batch.images, batch.proprio, strict=True)
            )
            self._buffer.add(seen, then, batch.action[i][None], batch.reward[i][None], np.zeros(1), [{}])
        self._one = {'images': batch.images[0, 0], 'proprio': batch.proprio[0, 0]}
        self._model.replay_buffer = _Fixed(self._buffer.sample(self._size))

    def update(self) -> None:
        """One gradient update without its sampling; the actor learns at each."""
        self._model.train(1, self._size)  # reads its losses, and so waits for a GPU

    def draw(self) -> None:
        """Draws a mini-batch."""
        self._buffer.sample(self._size)

    def act(self) -> None:
        """One observation to one action."""
        self._model.predict(self._one)

    def close(self) -> None:
        """Nothing is left behind."""


class _Fixed:
    """A buffer that gives the same mini-batch always."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def sample(self, *_: Any, **__: Any) -> Any:
        return self._batch


class _Nothing(gymnasium.Env):
    """An environment that only says what would be seen and done there."""

    def __init__(self, config: AgentConfig) -> None:
        images = spaces.Box(0, 255, config.image_shape, np.uint8)
        proprio = spaces.Box(-np.inf, np.inf, (PROPRIO,), np.float32)
        self.observation_space = spaces.Dict(images=images, proprio=proprio)
        self.action_space = spaces.Box(-1.0, 1.0, (JOINTS,), np.float32)


def _model(config: AgentConfig, device: str, transitions: int, shared: bool) -> Any:
    """The algorithm with a buffer that is empty."""
    from stable_baselines3 import SAC
    from stable_baselines3.common.logger import configure
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

    class Extractor(BaseFeaturesExtractor):
        def __init__(self, space: spaces.Space) -> None:
            super().__init__(space, config.latent_size)
            self.latent = Latent(config)

        def forward(self, seen: dict[str, Tensor]) -> Tensor:
            return self.latent(seen['images'], seen['proprio'])

    networks = {
        'features_extractor_class': Extractor,
        'share_features_extractor': shared,
        'net_arch': [config.hidden_width] * 2,
    }
    model = SAC(
        'MultiInputPolicy',
        _Nothing(config),
        learning_rate=config.critic_rate,
        buffer_size=transitions,
        batch_size=config.batch_size,
        tau=config.critic_target_ratio,
        gamma=config.discount,
        policy_kwargs=networks,
        device=device,
        seed=0,
    )
    model.set_logger(configure(None, []))
    return model
