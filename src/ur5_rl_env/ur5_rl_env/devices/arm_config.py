"""Configuration of the arm's link, home position and recovery."""

from dataclasses import dataclass

from ur5_rl_env.robot_models import joints_of_model, robot_model, take_own
from ur5_rl_env.task import CONTROL_CYCLE_S
from ur5_rl_graph.config import check, setting

MOST_RETRY_S = 10.0
STOP_DECELERATION = 1.4
"""With which we have the controller end a motion [rad/s^2]."""


@dataclass(frozen=True, kw_only=True)
class ArmConfig:
    """The controller's address and what the driver does on its own."""

    robot_ip: str = setting('127.0.0.1', 'address of the UR controller; 127.0.0.1 is the simulated cell')
    cell_run: str = setting(
        '', 'the run whose simulated cell must answer at robot_ip; empty = any controller, as a real one'
    )
    connect_timeout_s: float = setting(
        30.0, 'how long the first connection is tried before the driver gives up [s]', low=1.0, high=3600.0
    )
    retry_s: float = setting(1.0, 'time between two attempts to connect [s]', low=0.2, high=MOST_RETRY_S)
    robot_model: str = robot_model()
    home: tuple = joints_of_model('home position')
    home_velocity: float = setting(1.05, 'velocity of the leading axis in movej [rad/s]', low=0.05, high=1.5)
    home_acceleration: float = setting(
        1.4,
        'acceleration of the leading axis in movej, stop_deceleration where that is less [rad/s^2]',
        low=0.1,
        high=STOP_DECELERATION,
    )
    action_cycle_s: float = setting(
        0.040,
        'that of the environment: a speed below 100 % for longer is a state of its own, a commander is '
        'forgotten after one and a half of it at the soonest [s]',
        low=CONTROL_CYCLE_S,
        high=1.0,
    )
    payload_mass: float = setting(
        -1.0,
        'mass at the flange, told to the controller; below 0 = what is set there stays [kg]',
        low=-1,
        high=5,
    )
    payload_cog: tuple = setting((0.0, 0.0, 0.0), 'its centre of gravity in tool0 [m]', low=-0.5, high=0.5)
    confirm: bool = setting(
        False,
        "a real arm: leave the controller alone until a person's environment/start; "
        'with run_folder and run_identity only',
    )
    run_folder: str = setting('', 'folder in which that word is kept for the restarts of this launch')
    auto_unlock: bool = setting(
        False, 'release a protective stop without a person, 5 s after it; only where nobody can be hurt'
    )

    def __post_init__(self) -> None:
        check(self)
        take_own(self, 'home')
        if len(self.home) != 6:
            raise ValueError(f'home holds {len(self.home)} angles; give 6 [rad]')
        if len(self.payload_cog) != 3:
            raise ValueError(f'payload_cog holds {len(self.payload_cog)} numbers; give 3 [m]')
        if not self.robot_ip:
            raise ValueError('robot_ip is empty; give the address of the controller, such as 192.168.0.10')

    @property
    def payload(self) -> tuple[float, list[float]] | None:
        """Mass [kg] and centre of gravity [m] to tell the controller, None where its own stays."""
        return None if self.payload_mass < 0.0 else (self.payload_mass, list(self.payload_cog))

    @property
    def retrying(self) -> str:
        """What a message about a missing connection ends with, while there is hope."""
        return f' trying again every {self.retry_s:.1f} s'
