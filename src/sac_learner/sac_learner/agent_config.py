"""The agent's parameters: the defaults are the baseline setting of thesis tables 5.1 and 5.3."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import JOINTS, PROPRIO, STACK
from ur5_rl_graph.sizes import MiniBatchSize


@dataclass(frozen=True, kw_only=True)
class AgentConfig(MiniBatchSize):
    """What fixes the networks and their training. Raises ValueError when made with a value out of range."""

    channels: int = setting(32, 'output channels of every convolution', low=1, high=256)
    strides: tuple[int, ...] = setting((2, 2, 2, 1), 'stride of each 3x3 convolution', low=1, high=4)
    softmax_temperature: float = setting(
        1.0, 'divides the activations before the spatial softmax', low=0.01, high=10.0
    )
    hidden_width: int = setting(1024, 'width of both hidden layers of actor and critics', low=8, high=4096)
    critic_layer_norm: bool = setting(False, 'normalise the hidden layers of the critics')
    joint_centre: tuple[float, ...] = setting(
        (0.0,) * JOINTS, 'subtracted from the joint angles [rad]', low=-6.3, high=6.3
    )
    joint_scale: float = setting(1.0, 'divides the centred joint angles [rad]', low=0.01, high=10.0)
    reward_scale: float = setting(1.0, 'multiplies the rewards for the critics', low=1e-3, high=1e3)
    actor_rate: float = setting(3e-4, 'learning rate of the actor (Adam)', low=0.0, high=0.1)
    critic_rate: float = setting(3e-4, 'learning rate of the critics (Adam)', low=0.0, high=0.1)
    encoder_rate: float = setting(1e-3, 'learning rate of the encoder (Adam)', low=0.0, high=0.1)
    temperature_rate: float = setting(1e-4, 'learning rate of the log temperature (Adam)', low=0.0, high=0.1)
    actor_period: int = setting(2, 'critic updates per actor and temperature update', low=1, high=100)
    target_period: int = setting(2, 'critic updates per target update', low=1, high=100)
    critic_target_ratio: float = setting(
        0.01, 'step of the target critics towards the critics', low=0.0, high=1.0
    )
    encoder_target_ratio: float = setting(
        0.05, 'step of the target encoder towards the encoder', low=0.0, high=1.0
    )
    initial_temperature: float = setting(0.1, 'entropy temperature at the start', low=1e-6, high=100.0)
    minimum_temperature: float = setting(
        0.0, 'entropy temperature that is never gone below', low=0.0, high=100.0
    )
    target_entropy: float = setting(
        -5.0, 'entropy that the temperature steers to [nat]', low=-100.0, high=100.0
    )
    discount: float = setting(0.99, 'discount factor per action cycle', low=0.0, high=1.0)

    @property
    def latent_size(self) -> int:
        """Numbers that actor and critics see: two coordinates a channel and the proprioception."""
        return 2 * self.channels + PROPRIO

    @property
    def image_shape(self) -> tuple[int, int, int, int]:
        """Shape of the images of one observation after cropping: (3, h, w, 3)."""
        return STACK, self.crop_height, self.crop_width, 3

    def __post_init__(self) -> None:
        check(self)
        if len(self.joint_centre) != JOINTS:
            raise ValueError(f'joint_centre holds {len(self.joint_centre)} angles; give {JOINTS} [rad]')
        if len(self.strides) < 2:
            raise ValueError(
                f'strides holds {len(self.strides)} numbers; give 2 or more, one for each convolution'
            )
        height, width = self.crop_height, self.crop_width
        for stride in self.strides:
            height, width = (height - 3) // stride + 1, (width - 3) // stride + 1
        if height < 2 or width < 2:
            raise ValueError(
                f'strides {self.strides} leave {width}x{height} positions of'
                f' {self.crop_width}x{self.crop_height} pixels for the spatial softmax (limit 2x2);'
                ' use smaller strides or larger images'
            )
