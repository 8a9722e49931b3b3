"""The arithmetic of one update (thesis algorithm 1), on tensors, whoever calls it."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from sac_learner import losses
from sac_learner.agent_config import AgentConfig
from sac_learner.beside import Beside
from sac_learner.networks import Encoder, squashed_sample
from sac_learner.policy import normalise_joints
from sac_learner.static_update import Due, Statistics
from ur5_rl_graph.data import MiniBatch

Encode = Callable[[Sequence[Encoder], Tensor], list[Tensor]]
"""Encoders, images uint8 (B, 3, h, w, 3) -> coordinates (B, 2 channels) of each encoder."""


class SacUpdate:
    """Changes networks, targets, optimisers, temperature and noise, which are its caller's, in place.

    Nothing here waits for the device or depends on a number that is there, so that a GPU can capture it.
    """

    def __init__(
        self,
        config: AgentConfig,
        modules: Mapping[str, Any],
        log_temperature: Tensor,
        optimisers: Mapping[str, torch.optim.Optimizer],
        noise: torch.Generator,
        encode: Encode,
        beside: Beside,
    ) -> None:
        """Takes what an update changes, the way to encode, and where work may run beside other work."""
        self._config, self._modules, self._optimisers = config, modules, optimisers
        self._log_temperature, self._noise = log_temperature, noise
        self._encode, self._beside = encode, beside
        self._joint_centre = log_temperature.detach().new_tensor(config.joint_centre)

    def __call__(self, inputs: MiniBatch, due: Due) -> Statistics:
        """One update from a mini-batch of tensors.

        The actor learns from the coordinates that the critics have just learned from. In the thesis'
        algorithm 2 it takes those of the encoder after that step, one more pass of it in every second update.

        Returns:
            Scalars: critic_loss, q_mean, temperature, and of an actor update actor_loss and entropy [nat].
        """
        proprio = normalise_joints(inputs.proprio, self._joint_centre, self._config.joint_scale)
        with self._beside:
            target = self._target(inputs, proprio[1])
        (coordinates,) = self._encode([self._modules['encoder']], inputs.images[0])
        latent = torch.cat([coordinates, proprio[0]], dim=-1)
        seen = latent.detach().requires_grad_()  # by the critics, whose gradient then goes on to the encoder
        self._beside.join()
        info = self._critic_gradients(seen, inputs.action, target)
        with self._beside:
            self._optimisers['critic'].step()
            if due.actor:
                info |= self._update_actor_and_temperature(latent.detach())
            if due.targets:
                self._move_target('critic', self._config.critic_target_ratio)
        self._descend_encoder(latent, seen.grad)
        if due.targets:
            self._move_target('encoder', self._config.encoder_target_ratio)
        self._beside.join()
        return info | {'temperature': self._log_temperature.detach().exp()}

    @torch.no_grad()
    def _target(self, inputs: MiniBatch, proprio: Tensor) -> Tensor:
        """What the critics should say: observation k + 1 as the actor sees it, then as their targets do."""
        encoders = [self._modules['encoder'], self._modules['encoder_target']]
        online, target = (
            torch.cat([coordinates, proprio], dim=-1)
            for coordinates in self._encode(encoders, inputs.images[1])
        )
        action, log_prob = self._act(online)
        return losses.soft_bellman_target(
            inputs.reward * self._config.reward_scale,
            inputs.discount,
            self._modules['critic_target'](target, action),
            log_prob,
            self._log_temperature.exp(),
            self._config.discount,
        )

    def _critic_gradients(self, latent: Tensor, action: Tensor, target: Tensor) -> Statistics:
        """Those of J_Q (thesis eq. 2.4), which critics and encoder descend, in critics and latent."""
        q = self._modules['critic'](latent, action)
        loss = losses.critic_loss(q, target)
        self._optimisers['critic'].zero_grad(set_to_none=True)
        loss.backward()
        return {'critic_loss': loss.detach(), 'q_mean': q.detach().mean()}

    def _descend_encoder(self, latent: Tensor, gradient: Tensor | None) -> None:
        """The encoder descends J_Q, too."""
        self._optimisers['encoder'].zero_grad(set_to_none=True)
        latent.backward(gradient)
        self._optimisers['encoder'].step()

    def _update_actor_and_temperature(self, latent: Tensor) -> Statistics:
        """The actor ascends thesis eq. 2.6, the temperature descends eq. 2.7.

        The latent is the critic update's own, cut off from the encoder: only the critics teach the encoder.
        """
        critic = self._modules['critic']
        critic.requires_grad_(False)  # its own gradient is not wanted here, and costs a third of the pass
        action, log_prob = self._act(latent)
        q = critic(latent, action)
        loss = losses.actor_loss(q, log_prob, self._log_temperature.exp().detach())
        self._descend(loss, 'actor')
        critic.requires_grad_(True)
        self._descend(
            losses.temperature_loss(self._log_temperature, log_prob, self._config.target_entropy),
            'temperature',
        )
        if self._config.minimum_temperature > 0:
            self._log_temperature.data.clamp_(min=math.log(self._config.minimum_temperature))
        return {'actor_loss': loss.detach(), 'entropy': -log_prob.detach().mean()}

    def _move_target(self, name: str, ratio: float) -> None:
        target, source = self._modules[f'{name}_target'], self._modules[name]
        losses.move_towards(list(target.parameters()), list(source.parameters()), ratio)

    def _act(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_std = self._modules['actor'](latent)
        noise = torch.randn(mean.shape, generator=self._noise, device=mean.device)
        return squashed_sample(mean, log_std, noise)

    def _descend(self, loss: Tensor, name: str) -> None:
        self._optimisers[name].zero_grad(set_to_none=True)
        loss.backward()
        self._optimisers[name].step()
