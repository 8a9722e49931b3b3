"""Soft actor-critic (thesis algorithm 1): a critic update per mini-batch, actor and targets every few."""

import warnings
from functools import cached_property, partial

import numpy as np
import torch
from torch import Tensor

from sac_learner.agent_config import AgentConfig
from sac_learner.beside import Beside
from sac_learner.encoding import encode_in_chunks, encode_whole
from sac_learner.frame_mirror import PlacedImages
from sac_learner.learner_config import LearnerConfig, is_static
from sac_learner.networks import Actor, Encoder, TwinCritic
from sac_learner.precision import products, usual
from sac_learner.static_update import Due, StaticUpdate, Statistics, warm_up
from sac_learner.update import SacUpdate
from ur5_rl_graph.data import JOINTS, PROPRIO, MiniBatch
from ur5_rl_graph.random_streams import Stream, number

# Slots of mini-batches are mapped read-only, and the learner only reads them.
warnings.filterwarnings('ignore', message='The given NumPy array is not writable')


class SacLearner:
    """Owns networks, targets, optimisers, temperature and noise. Not thread-safe.

    Args:
        config: sizes and rates.
        seed: of the run; initial weights and action noise are streams of it.
        device: 'cpu', 'cuda', ...
        graph: 'on' = from static inputs, captured as a graph on CUDA; 'off' = call by call; 'auto' = on CUDA.
        precision: of products; 'bfloat16' = of the encoder; 'auto' = `precision.usual`.
    """

    def __init__(
        self,
        config: AgentConfig,
        seed: int,
        device: str = 'cpu',
        graph: str = LearnerConfig.graph,
        precision: str = LearnerConfig.precision,
    ):
        self.config = config
        self.updates = 0
        self._device = torch.device(device)
        self._prepared = False
        self._seed = seed
        self._noise = torch.Generator(self._device).manual_seed(number(seed, Stream.UPDATES))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number(seed, Stream.NETWORKS))
            encoder, actor, critic = Encoder(config), Actor(config), TwinCritic(config)
        self._modules = {
            'encoder': encoder,
            'actor': actor,
            'critic': critic,
            'encoder_target': Encoder(config),
            'critic_target': TwinCritic(config),
        }
        for name in ('encoder', 'critic'):
            target = self._modules[f'{name}_target'].requires_grad_(False)
            target.load_state_dict(self._modules[name].state_dict())
        for module in self._modules.values():
            module.to(self._device)
        start = torch.tensor(config.initial_temperature, device=self._device)
        self._log_temperature = start.log().requires_grad_()
        static = is_static(graph, self._device.type)
        self.precision = usual(self._device) if precision == 'auto' else precision
        adam = partial(torch.optim.Adam, fused=True, capturable=static and self._on_cuda)
        self._optimisers = {
            'encoder': adam(encoder.parameters(), config.encoder_rate),
            'critic': adam(critic.parameters(), config.critic_rate),
            'actor': adam(actor.parameters(), config.actor_rate),
            'temperature': adam([self._log_temperature], config.temperature_rate),
        }
        self._statistics: Statistics = {}
        self._step, self._static = self._ways(static)

    @property
    def _on_cuda(self) -> bool:
        return self._device.type == 'cuda'

    def _ways(self, static: bool) -> tuple[SacUpdate, StaticUpdate | None]:
        """The arithmetic of an update, and what runs it on static inputs if that is wanted."""
        dtype = torch.bfloat16 if self.precision == 'bfloat16' else torch.get_default_dtype()
        step = SacUpdate(
            self.config,
            self._modules,
            self._log_temperature,
            self._optimisers,
            self._noise,
            partial(encode_whole if static else encode_in_chunks, dtype=dtype),
            Beside(torch.cuda.Stream(self._device) if static and self._on_cuda else None),
        )
        turns = 2 if self._on_cuda else 1
        inputs = [self._zeros() for _ in range(turns if static else 0)]
        return step, StaticUpdate(step, inputs, self._noise) if static else None

    @cached_property
    def _shapes(self) -> MiniBatch:
        """Those of a mini-batch."""
        size = self.config.batch_size
        images = (2, size, *self.config.image_shape)
        return MiniBatch(images, (2, size, PROPRIO), (size, JOINTS), (size,), (size,))

    def _zeros(self) -> MiniBatch:
        """A mini-batch of zeros on the device."""
        images, *others = self._shapes
        pixels = torch.zeros(images, dtype=torch.uint8, device=self._device)
        return MiniBatch(pixels, *(torch.zeros(shape, device=self._device) for shape in others))

    @property
    def temperature(self) -> float:
        """The entropy temperature alpha."""
        return self._log_temperature.exp().item()

    def prepare(self) -> None:
        """Does on a GPU what would make the first updates slow; nothing that is learned changes by it.

        A state that is set afterwards has it done again with the next update.
        """
        self._prepared = True
        if not self._on_cuda:
            return
        c = self.config
        kinds = sorted({self._due(update) for update in range(c.actor_period * c.target_period)})
        before = {tensor: tensor.detach().clone() for tensor in self._tensors()}
        noise = self._noise.get_state()
        with products(self.precision, self._device):
            statistics = warm_up(self._step, self._zeros(), kinds)
            with torch.no_grad():
                for tensor in self._tensors():  # moments are new, and zero where no update has been
                    tensor.copy_(before[tensor]) if tensor in before else tensor.zero_()
            self._noise.set_state(noise)
            if self._static is not None:
                self._static.capture(statistics)

    def _tensors(self) -> list[Tensor]:
        """All that an update changes in place."""
        parameters = [p for module in self._modules.values() for p in module.parameters()]
        moments = [
            moment
            for optimiser in self._optimisers.values()
            for moments in optimiser.state.values()
            for moment in moments.values()
        ]
        return [*parameters, self._log_temperature, *moments]

    def check(self, batch: MiniBatch) -> None:
        """Looks whether a mini-batch is what `update` takes.

        Raises:
            ValueError: it is of another shape.
        """
        for name, given, taken in zip(batch._fields, batch, self._shapes, strict=True):
            if tuple(given.shape) != taken:
                raise ValueError(
                    f'{name} of the mini-batch is {tuple(given.shape)}, the learner takes {taken}; '
                    'give sampler and learner the same setting'
                )

    def update(self, batch: MiniBatch) -> None:
        """One update from one mini-batch of arrays, or of tensors on the device; images may be placed there.

        They are only read; arrays not after the return. On a GPU the update goes on after it.

        Raises:
            ValueError: the mini-batch is of another shape; nothing was changed.
        """
        self.check(batch)
        if not self._prepared:
            self.prepare()
        due = self._due(self.updates + 1)
        with products(self.precision, self._device):
            if self._static is None:
                self._statistics |= self._step(MiniBatch(*map(self._tensor, batch)), due)
            else:
                self._static.load(batch)
                self._statistics |= self._static.run(due)
        self.updates += 1

    def _due(self, update: int) -> Due:
        return Due(update % self.config.actor_period == 0, update % self.config.target_period == 0)

    def statistics(self) -> dict[str, float]:
        """What the updates so far gave last; waits until the device has done them.

        Returns:
            critic_loss, q_mean, temperature, and after an actor update actor_loss and entropy [nat].
        """
        if not self._statistics:
            return {}
        values = torch.stack(list(self._statistics.values())).tolist()
        return dict(zip(self._statistics, values, strict=True))

    def _tensor(self, array: np.ndarray | Tensor | PlacedImages) -> Tensor:
        if isinstance(array, PlacedImages):
            return array.gather()
        return torch.as_tensor(array, device=self._device)

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
        self._prepared &= self._static is None  # what was captured has the addresses of other moments
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


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().contiguous().numpy().copy()
