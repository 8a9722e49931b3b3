"""Soft actor-critic (thesis algorithm 1): a critic update per mini-batch, actor and targets every few."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sac_learner import losses
from sac_learner.config import AgentConfig
from sac_learner.networks import Actor, Encoder, TwinCritic, images_to_float, squashed_sample
from sac_learner.policy import normalise_joints
from ur5_rl_graph.data import MiniBatch
from ur5_rl_graph.random_streams import Stream, number

CHUNK, CHUNK_PIXELS = 32, 32 * 78 * 44
"""Observations encoded at a time: what they need stays in the processor's cache and in reused memory.

Of tiny images more, up to so many pixels: the calls would cost more than their work.
"""


class Latents(NamedTuple):
    """Coordinates and proprioception of a mini-batch, each (B, latent_size)."""

    now: Tensor  # online encoder, with gradient
    next_online: Tensor  # observation k + 1 as the actor sees it
    next_target: Tensor  # observation k + 1 as the target critics see it


class SacLearner:
    """Owns networks, targets, optimisers, temperature and noise. Not thread-safe.

    Args:
        config: sizes and rates.
        seed: of the run; initial weights and action noise are streams of it.
        device: 'cpu', 'cuda', ...
    """

    def __init__(self, config: AgentConfig, seed: int, device: str = 'cpu'):
        self.config = config
        self.updates = 0
        self._device = torch.device(device)
        self._chunk = max(CHUNK, CHUNK_PIXELS // (config.crop_height * config.crop_width))
        self._seed = seed
        self._noise = torch.Generator(self._device).manual_seed(number(seed, Stream.UPDATES))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number(seed, Stream.NETWORKS))
            self._encoder, self._actor, self._critic = Encoder(config), Actor(config), TwinCritic(config)
        self._encoder_target, self._critic_target = Encoder(config), TwinCritic(config)
        self._encoder_target.load_state_dict(self._encoder.state_dict())
        self._critic_target.load_state_dict(self._critic.state_dict())
        self._encoder_target.requires_grad_(False)
        self._critic_target.requires_grad_(False)
        self._modules = {
            'encoder': self._encoder,
            'actor': self._actor,
            'critic': self._critic,
            'encoder_target': self._encoder_target,
            'critic_target': self._critic_target,
        }
        for module in self._modules.values():
            module.to(self._device)
        start = torch.tensor(config.initial_temperature, device=self._device)
        self._log_temperature = start.log().requires_grad_()
        self._optimisers = {
            'encoder': _adam(self._encoder.parameters(), config.encoder_rate),
            'critic': _adam(self._critic.parameters(), config.critic_rate),
            'actor': _adam(self._actor.parameters(), config.actor_rate),
            'temperature': _adam([self._log_temperature], config.temperature_rate),
        }

    @property
    def temperature(self) -> float:
        """The entropy temperature alpha."""
        return self._log_temperature.exp().item()

    def update(self, batch: MiniBatch) -> dict[str, float]:
        """One update from one mini-batch; the arrays are only read, and not after the return.

        Returns:
            critic_loss, q_mean, temperature, and after an actor update actor_loss and entropy [nat].
        """
        latents = self._encode(batch)
        action, reward, discount = (self._tensor(x) for x in (batch.action, batch.reward, batch.discount))
        info = self._update_critic(latents, action, reward, discount)
        self.updates += 1
        if self.updates % self.config.actor_period == 0:
            info |= self._update_actor_and_temperature(latents.now.detach())
        if self.updates % self.config.target_period == 0:
            self._update_targets()
        return info | {'temperature': self.temperature}

    def _encode(self, batch: MiniBatch) -> Latents:
        proprio = normalise_joints(self._tensor(batch.proprio), self.config)
        images, next_images = (self._tensor(x).split(self._chunk) for x in batch.images)
        now = [self._encoder(images_to_float(chunk)) for chunk in images]
        next_online, next_target = [], []
        with torch.no_grad():
            for chunk in map(images_to_float, next_images):
                next_online.append(self._encoder(chunk))
                next_target.append(self._encoder_target(chunk))
        return Latents(
            torch.cat([torch.cat(now), proprio[0]], dim=-1),
            torch.cat([torch.cat(next_online), proprio[1]], dim=-1),
            torch.cat([torch.cat(next_target), proprio[1]], dim=-1),
        )

    def _update_critic(
        self, latents: Latents, action: Tensor, reward: Tensor, discount: Tensor
    ) -> dict[str, float]:
        """Critics and encoder descend J_Q (thesis eq. 2.4)."""
        with torch.no_grad():
            next_action, next_log_prob = self._act(latents.next_online)
            target = losses.soft_bellman_target(
                reward * self.config.reward_scale,
                discount,
                self._critic_target(latents.next_target, next_action),
                next_log_prob,
                self._log_temperature.exp(),
                self.config.discount,
            )
        q = self._critic(latents.now, action)
        loss = losses.critic_loss(q, target)
        self._descend(loss, 'encoder', 'critic')
        return {'critic_loss': loss.item(), 'q_mean': q.mean().item()}

    def _update_actor_and_temperature(self, latent: Tensor) -> dict[str, float]:
        """The actor ascends thesis eq. 2.6, the temperature descends eq. 2.7.

        The latent is the critic update's own, cut off from the encoder: only the critics teach the encoder.
        """
        self._critic.requires_grad_(
            False
        )  # its own gradient is not wanted here, and costs a third of the pass
        action, log_prob = self._act(latent)
        q = self._critic(latent, action)
        loss = losses.actor_loss(q, log_prob, self._log_temperature.exp().detach())
        self._descend(loss, 'actor')
        self._critic.requires_grad_(True)
        self._descend(
            losses.temperature_loss(self._log_temperature, log_prob, self.config.target_entropy),
            'temperature',
        )
        if self.config.minimum_temperature > 0:
            self._log_temperature.data.clamp_(min=math.log(self.config.minimum_temperature))
        return {'actor_loss': loss.item(), 'entropy': -log_prob.mean().item()}

    def _update_targets(self) -> None:
        for name, ratio in (
            ('encoder', self.config.encoder_target_ratio),
            ('critic', self.config.critic_target_ratio),
        ):
            target, source = self._modules[f'{name}_target'], self._modules[name]
            losses.move_towards(list(target.parameters()), list(source.parameters()), ratio)

    def _act(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_std = self._actor(latent)
        noise = torch.randn(mean.shape, generator=self._noise, device=self._device)
        return squashed_sample(mean, log_std, noise)

    def _descend(self, loss: Tensor, *names: str) -> None:
        for name in names:
            self._optimisers[name].zero_grad(set_to_none=True)
        loss.backward()
        for name in names:
            self._optimisers[name].step()

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self._device)

    def policy_weights(self) -> dict[str, np.ndarray]:
        """Copies of what the policy needs: the tensors of encoder and actor by name, float32."""
        return self._module_arrays('encoder', 'actor')

    def _module_arrays(self, *names: str) -> dict[str, np.ndarray]:
        return {
            f'{name}.{key}': _array(tensor)
            for name in names
            for key, tensor in self._modules[name].state_dict().items()
        }

    def get_state(self) -> dict[str, np.ndarray]:
        """Copies of everything that the next update depends on, by name; `set_state` takes it back."""
        state = self._module_arrays(*self._modules)
        state['log_temperature'] = _array(self._log_temperature)
        state['updates'] = np.array(self.updates, np.int64)
        state['noise'] = self._noise.get_state().numpy().copy()
        for name, optimiser in self._optimisers.items():
            for index, moments in optimiser.state_dict()['state'].items():
                for key, value in moments.items():
                    state[f'optimiser.{name}.{index}.{key}'] = _array(value)
        return state

    def start_from(self, state: dict[str, np.ndarray]) -> None:
        """Begin a new run with what another has learned: updates from 0 on, the noise is this run's own."""
        self.set_state(state | {'noise': self._noise.get_state().numpy()})
        self.updates = 0

    def set_state(self, state: dict[str, np.ndarray]) -> bool:
        """Take back what `get_state` gave, on this device or another.

        Returns:
            Whether the noise goes on as well. A generator of another kind of device cannot be taken over: its
            own is seeded anew then.

        Raises:
            ValueError: the state belongs to other networks; nothing was changed.
        """
        layout = {
            key: value.shape
            for key, value in self.get_state().items()
            if not key.startswith('optimiser.') and key != 'noise'
        }
        for key, shape in layout.items():
            if key not in state or state[key].shape != shape:
                found = state[key].shape if key in state else 'missing'
                raise ValueError(
                    f'{key} is {found} in the saved state, {shape} in this setting; choose its own setting'
                )
        for name, module in self._modules.items():
            module.load_state_dict(
                {key: torch.from_numpy(state[f'{name}.{key}']) for key in module.state_dict()}
            )
        with torch.no_grad():
            self._log_temperature.copy_(torch.from_numpy(state['log_temperature']))
        self.updates = int(state['updates'])
        for name, optimiser in self._optimisers.items():
            optimiser.state.clear()
            for index, parameter in enumerate(optimiser.param_groups[0]['params']):
                prefix = f'optimiser.{name}.{index}.'
                for key in [key for key in state if key.startswith(prefix)]:
                    # The fused step walks through memory: moments need the strides of their parameter.
                    like = parameter if state[key].ndim else torch.zeros((), device=self._device)
                    moment = torch.empty_like(like, requires_grad=False).copy_(torch.from_numpy(state[key]))
                    optimiser.state[parameter][key.removeprefix(prefix)] = moment
        return self._take_noise(state.get('noise'))

    def _take_noise(self, noise: np.ndarray | None) -> bool:
        if noise is not None and noise.shape == self._noise.get_state().shape:
            self._noise.set_state(torch.from_numpy(noise))
            return True
        self._noise.manual_seed(number(self._seed, Stream.UPDATES, self.updates))
        return False


def _adam(parameters, rate: float) -> torch.optim.Adam:
    return torch.optim.Adam(parameters, lr=rate, fused=True)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().contiguous().numpy().copy()
