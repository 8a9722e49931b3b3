"""TorchRL's SAC with our encoder and networks of our sizes, to be timed beside ours."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
from _peers_network import Latent
from torch import Tensor, nn

from cost_profile.gradient import mini_batch
from sac_learner.agent_config import AgentConfig
from ur5_rl_graph.data import JOINTS

EVERY = 2
"""The actor learns at every second update, as ours."""


def _layers(sizes: list[int], normalise: bool) -> Iterator[nn.Module]:
    """Of a perceptron: linear ones, with ReLU between them."""
    *hidden, last = pairwise(sizes)
    for inputs, outputs in hidden:
        yield nn.Linear(inputs, outputs)
        if normalise:
            yield nn.LayerNorm(outputs, elementwise_affine=False)
        yield nn.ReLU()
    yield nn.Linear(*last)


class _Critic(nn.Module):
    """Q of a latent and an action."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__()
        width = config.hidden_width
        sizes = [config.latent_size + JOINTS, width, width, 1]
        self.layers = nn.Sequential(*_layers(sizes, config.critic_layer_norm))

    def forward(self, latent: Tensor, action: Tensor) -> Tensor:
        return self.layers(torch.cat([latent, action], dim=-1))


class TorchRl:
    """One encoder, which the critics teach, and its target: its loss is given their latents."""

    def __init__(self, config: AgentConfig, device: str, transitions: int, *, compiled: bool) -> None:
        """Fills the buffer with a mini-batch, over and over: it stores what is cropped already."""
        self._device = device
        self._encoder, self._target = (Latent(config).to(device) for _ in range(2))
        self._actor, self._loss = _loss(config, device)
        self._move = _mover(self._loss, config)
        self._optimisers = _optimisers(config, device, self._encoder, self._loss)
        self._ratio = config.encoder_target_ratio
        stored = _stored(config)
        self._fixed = stored.to(device)
        self._buffer = _filled(config, stored, transitions)
        self._one = [stored[key][:1].numpy() for key in ('images', 'proprio')]
        self._updates = 0
        self._run = {actor: _compiled(self._step(actor), compiled, device) for actor in (False, True)}
        self._action = torch.compile(self._act) if compiled else self._act

    def update(self) -> None:
        """One gradient update; the actor learns at every second one. Waits for a GPU."""
        self._updates += 1
        self._run[self._updates % EVERY == 0](self._fixed)
        if self._device == 'cuda':
            torch.cuda.synchronize()

    def draw(self) -> None:
        """Draws a mini-batch."""
        self._buffer.sample()

    @torch.no_grad()
    def act(self) -> None:
        """One observation to one action."""
        images, proprio = (torch.from_numpy(array).to(self._device) for array in self._one)
        self._action(images, proprio).cpu().numpy()

    def close(self) -> None:
        """Nothing is left behind."""

    def _act(self, images: Tensor, proprio: Tensor) -> Tensor:
        mean, scale = self._actor(self._encoder(images, proprio))
        return torch.tanh(mean + scale * torch.randn_like(mean))

    def _step(self, actor: bool):
        """The update, of the actor as well or without it."""

        def step(batch: Any) -> Tensor:
            seen, latent = self._seen(batch)
            loss, _ = self._loss.qvalue_v2_loss(seen)
            self._descend(loss, 'critics')
            if actor:
                loss, told = self._loss.actor_loss(seen.detach())
                self._descend(loss + self._loss.alpha_loss(told['log_prob']).mean(), 'actor')
                self._move.step()
                with torch.no_grad():
                    torch._foreach_lerp_(
                        list(self._target.parameters()), list(self._encoder.parameters()), self._ratio
                    )
            return loss.detach()

        return step

    def _seen(self, batch: Any) -> tuple[Any, Tensor]:
        """The latents of a mini-batch: the actor's own is not taught."""
        from tensordict import TensorDict

        latent = self._encoder(batch['images'], batch['proprio'])
        with torch.no_grad():
            following = batch['next']
            online = self._encoder(following['images'], following['proprio'])
            target = self._target(following['images'], following['proprio'])
        ends = {key: following[key] for key in ('reward', 'done', 'terminated')}
        then = {'latent': online, 'critics_latent': target, **ends}
        seen = {
            'latent': latent.detach(),
            'critics_latent': latent,
            'action': batch['action'],
            'next': then,
        }
        return TensorDict(seen, batch.batch_size), latent

    def _descend(self, loss: Tensor, name: str) -> None:
        optimiser = self._optimisers[name]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()


def _loss(config: AgentConfig, device: str) -> tuple[nn.Module, Any]:
    """The actor's layers, and TorchRL's loss of actor and critics."""
    from tensordict.nn import NormalParamExtractor, TensorDictModule
    from torchrl.modules import ProbabilisticActor, TanhNormal
    from torchrl.objectives import SACLoss

    width = config.hidden_width
    layers = _layers([config.latent_size, width, width, 2 * JOINTS], False)
    net = nn.Sequential(*layers, NormalParamExtractor()).to(device)
    actor = ProbabilisticActor(
        TensorDictModule(net, ['latent'], ['loc', 'scale']),
        in_keys=['loc', 'scale'],
        distribution_class=TanhNormal,
        return_log_prob=True,
    )
    critic = TensorDictModule(
        _Critic(config).to(device), ['critics_latent', 'action'], ['state_action_value']
    )
    loss = SACLoss(
        actor,
        critic,
        num_qvalue_nets=2,
        loss_function='l2',
        alpha_init=config.initial_temperature,
        target_entropy=config.target_entropy,
    )
    loss.make_value_estimator(gamma=config.discount)
    return net, loss.to(device)


def _mover(loss: Any, config: AgentConfig) -> Any:
    from torchrl.objectives import SoftUpdate

    return SoftUpdate(loss, tau=config.critic_target_ratio)


def _optimisers(config: AgentConfig, device: str, encoder: nn.Module, loss: Any) -> dict:
    """Adam, fused as ours: of encoder and critics, of actor and temperature."""
    critics = list(loss.qvalue_network_params.flatten_keys().values())
    actor = list(loss.actor_network_params.flatten_keys().values())
    groups = {
        'critics': [
            {'params': list(encoder.parameters()), 'lr': config.encoder_rate},
            {'params': critics, 'lr': config.critic_rate},
        ],
        'actor': [
            {'params': actor, 'lr': config.actor_rate},
            {'params': [loss.log_alpha], 'lr': config.temperature_rate},
        ],
    }
    return {
        name: torch.optim.Adam(group, fused=True, capturable=device == 'cuda')
        for name, group in groups.items()
    }


def _stored(config: AgentConfig) -> Any:
    """A mini-batch as TorchRL's buffers hold it."""
    from tensordict import TensorDict

    batch = mini_batch(config)
    images, proprio = torch.from_numpy(batch.images), torch.from_numpy(batch.proprio)
    ends = torch.zeros(config.batch_size, 1, dtype=torch.bool)
    following = {
        'images': images[1],
        'proprio': proprio[1],
        'reward': torch.from_numpy(batch.reward)[:, None],
        'done': ends,
        'terminated': ends.clone(),
    }
    values = {
        'images': images[0],
        'proprio': proprio[0],
        'action': torch.from_numpy(batch.action),
        'next': following,
    }
    return TensorDict(values, [config.batch_size])


def _filled(config: AgentConfig, stored: Any, transitions: int) -> Any:
    """A buffer in memory, the fastest of TorchRL's."""
    from torchrl.data import LazyTensorStorage, TensorDictReplayBuffer

    buffer = TensorDictReplayBuffer(storage=LazyTensorStorage(transitions), batch_size=config.batch_size)
    for begin in range(0, transitions, config.batch_size):
        buffer.extend(stored[: min(config.batch_size, transitions - begin)])
    return buffer


def _compiled(step, compiled: bool, device: str):
    """As TorchRL's own trainers run an update: compiled, and on CUDA captured as a graph."""
    if not compiled:
        return step
    if device != 'cuda':
        return torch.compile(step)
    from tensordict.nn import CudaGraphModule

    return CudaGraphModule(torch.compile(step), warmup=5)
