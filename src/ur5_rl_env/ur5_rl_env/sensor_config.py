"""Parameters of what the environment accepts from its sensors."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class SensorConfig:
    """Silence, stamps and gaps. Raises ValueError when made with a value out of range."""

    sensor_timeout_s: float = setting(
        0.5,
        'camera or joint states silent, joint states behind the images, or an observation awaited, for '
        'longer abort the episode [s]',
        low=0.05,
        high=60.0,
    )
    max_stamp_age_s: float = setting(
        2.5,
        'an image or joint state stamped further back is refused; joint states are kept so long [s]',
        low=0.1,
        high=60.0,
    )
    max_stamp_ahead_s: float = setting(
        0.01,
        "an image or joint state stamped further ahead of this node's clock is refused [s]",
        low=0.0,
        high=1.0,
    )
    max_joint_gap_s: float = setting(
        0.04,
        'joint states further apart bracket no image: the arm between them is unknown [s]',
        low=0.008,
        high=1.0,
    )

    def __post_init__(self) -> None:
        check(self)
