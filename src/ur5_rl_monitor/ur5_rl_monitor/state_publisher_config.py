"""Parameters of robot_state_publisher: those of the ROS package of that name."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class StatePublisherConfig:
    """What is published, how often, under which names."""

    robot_description: str = setting('', 'the robot as a URDF')
    publish_frequency: float = setting(
        25.0, 'transforms of the moving joints are published so often at most [Hz]', low=0.1, high=1000.0
    )
    frame_prefix: str = setting('', 'put before the name of every frame')

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
