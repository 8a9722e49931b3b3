"""The arms that this program knows, one frozen description each; nothing else holds their numbers.

Lengths, masses and centres of gravity: Universal Robots, "DH parameters for calculations of kinematics and
dynamics". Limits: its manuals; the elbow as in its own description, where the upper arm stops it. All are
nominal: a controller knows its own arm's deviations, which is why `./ur5rl doctor` compares flanges.
"""

from dataclasses import dataclass
from math import pi, radians
from typing import Any, NamedTuple

from ur5_rl_graph.config import setting

ALPHA = (pi / 2, 0.0, 0.0, pi / 2, -pi / 2, 0.0)
"""Twists of the Denavit-Hartenberg links [rad], the same for all models."""


class Body(NamedTuple):
    """Mass and centre of gravity of a link, and the cylinder whose inertia stands for its own."""

    mass: float  # [kg]
    centre: tuple[float, float, float]  # [m], in the frame of the URDF's link
    radius: float  # [m]
    length: float  # [m]
    along: str  # axis of the link: 'x' or 'z'


@dataclass(frozen=True, kw_only=True)
class RobotModel:
    """An arm of Universal Robots.

    Attributes:
        name: as a setting names it.
        says: its model as the dashboard names it, with or without a last 'e'.
        polyscope: major version of its controller's software.
        control_period_s: of its controller [s].
        d1, a2, a3, d4, d5, d6: lengths of its Denavit-Hartenberg table [m].
        home: joint angles at which every episode starts [rad]; the flange is at the same pose for all models.
        joint_low: lower bounds of the joints that the guard keeps [rad].
        joint_high: upper ones [rad].
        bodies: of its six links, base first left out.
        turn: how far each joint turns to both sides [rad].
        torque: largest of each joint [N m].
        speed: largest of each joint [rad/s].
    """

    name: str
    says: str
    polyscope: int
    control_period_s: float
    d1: float
    a2: float
    a3: float
    d4: float
    d5: float
    d6: float
    home: tuple[float, ...]
    joint_low: tuple[float, ...]
    joint_high: tuple[float, ...] = tuple(radians(d) for d in (125, -30, 135, -135, -45, 190))
    bodies: tuple[Body, ...]
    turn: tuple[float, ...] = (2 * pi, 2 * pi, pi, 2 * pi, 2 * pi, 2 * pi)
    torque: tuple[float, ...] = (150.0, 150.0, 150.0, 28.0, 28.0, 28.0)
    speed: float = pi

    @property
    def a(self) -> tuple[float, ...]:
        """Lengths along x of the Denavit-Hartenberg table [m]."""
        return 0.0, self.a2, self.a3, 0.0, 0.0, 0.0

    @property
    def d(self) -> tuple[float, ...]:
        """Offsets along z of the Denavit-Hartenberg table [m]."""
        return self.d1, 0.0, 0.0, self.d4, self.d5, self.d6


UR5 = RobotModel(
    name='ur5',
    says='UR5',
    polyscope=3,  # the CB series
    control_period_s=0.008,
    d1=0.089159,
    a2=-0.425,
    a3=-0.39225,
    d4=0.10915,
    d5=0.09465,
    d6=0.0823,
    home=(1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415),
    joint_low=tuple(radians(d) for d in (55, -120, 0, -215, -135, 50)),
    bodies=(
        Body(3.7, (0.0, -0.00193, -0.02561), 0.075, 0.178, 'z'),
        Body(8.393, (-0.2125, 0.0, 0.11336), 0.06, 0.425, 'x'),
        Body(2.33, (-0.24225, 0.0, 0.0265), 0.06, 0.39225, 'x'),
        Body(1.219, (0.0, -0.01634, -0.0018), 0.06, 0.095, 'z'),
        Body(1.219, (0.0, 0.01634, -0.0018), 0.06, 0.085, 'z'),
        Body(0.1879, (0.0, 0.0, -0.001159), 0.0375, 0.0305, 'z'),
    ),
)

UR5E = RobotModel(
    name='ur5e',
    says='UR5e',
    polyscope=5,
    control_period_s=0.002,
    d1=0.1625,
    a2=-0.425,
    a3=-0.3922,
    d4=0.1333,
    d5=0.0997,
    d6=0.0996,
    home=(1.442658004, -2.090365757, 2.145703469, -3.196836946, -1.442658005, 3.141488071),
    # Its home leans the shoulder 5 degrees farther back: the same room behind it as the UR5 has.
    joint_low=tuple(radians(d) for d in (55, -125, 0, -215, -135, 50)),
    bodies=(
        Body(3.761, (0.0, -0.00193, -0.02561), 0.075, 0.178, 'z'),
        Body(8.058, (-0.2125, 0.0, 0.11336), 0.06, 0.425, 'x'),
        Body(2.846, (-0.2422, 0.0, 0.0265), 0.06, 0.3922, 'x'),
        Body(1.37, (0.0, -0.01634, -0.0018), 0.06, 0.095, 'z'),
        Body(1.3, (0.0, 0.01634, -0.0018), 0.06, 0.085, 'z'),
        Body(0.365, (0.0, 0.0, -0.001159), 0.0375, 0.0305, 'z'),
    ),
)

MODELS = {model.name: model for model in (UR5, UR5E)}


def robot_model() -> Any:
    """Declares the field of a configuration that says which arm it is for; a run has one."""
    return setting(UR5.name, 'model of the arm; the controller must say the same', choices=tuple(MODELS))


def joints_of_model(description: str) -> Any:
    """Declares a field of six joint angles that are the model's own where none are given (`take_own`)."""
    return setting((), f"{description}; not given: the model's own [rad]", low=-7, high=7)


def take_own(config: Any, *names: str) -> None:
    """Gives a frozen configuration the model's own of what it was not given: empty, or 0.

    Args:
        config: a configuration with a field `robot_model`; call this in its `__post_init__`, after `check`.
        names: of fields that are fields of RobotModel, too.
    """
    for name in names:
        if not getattr(config, name):
            object.__setattr__(config, name, getattr(MODELS[config.robot_model], name))
