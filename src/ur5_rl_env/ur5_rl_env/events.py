"""What happens to the environment. One event is one call of its lifecycle and one entry of its journal.

The node and an exact replay hand the same events to the same `apply`.
"""

from typing import NamedTuple

from ur5_rl_env.executed import Executed
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.lifecycle import Lifecycle
from ur5_rl_env.outputs import Output
from ur5_rl_env.sync import Frame
from ur5_rl_graph.data import Action


class Saw(NamedTuple):
    """A camera frame."""

    frame: Frame


class Felt(NamedTuple):
    """Joint states that have come since the last look."""

    samples: tuple[Joints, ...]  # oldest first


class Reported(NamedTuple):
    """The arm driver's newest report on a command."""

    executed: Executed


class Shown(NamedTuple):
    """Where the target is shown."""

    x: float  # from the monitor's centre [m]
    y: float


class ArmSaid(NamedTuple):
    """The state of the arm."""

    state: int
    text: str
    stops: int | None = None  # protective stops by its driver; None = recorded before they were told


class Acted(NamedTuple):
    """The actor's answer to an observation."""

    action: Action


class Answered(NamedTuple):
    """The answer of a service that was called."""

    service: str
    token: int
    success: bool
    text: str


class Asked(NamedTuple):
    """A person's request."""

    request: str  # 'start', 'stop' or 'reset'


class Seeded(NamedTuple):
    """A new seed of the targets."""

    seed: int


class Missed(NamedTuple):
    """Which parts of the graph are not there, where that has changed."""

    parts: tuple[str, ...]


class Woke(NamedTuple):
    """The time that the lifecycle wanted to be woken at has come."""


Event = Saw | Felt | Reported | Shown | ArmSaid | Acted | Answered | Asked | Seeded | Missed | Woke


def apply(lifecycle: Lifecycle, event: Event) -> list[Output]:
    """Hands an event to the lifecycle and returns what there is to be done."""
    match event:
        case Saw(frame):
            return lifecycle.on_frame(frame)
        case Felt(samples):
            return lifecycle.on_joints(*samples)
        case ArmSaid():
            return lifecycle.on_arm(*event)
        case Acted(action):
            return lifecycle.on_action(action)
        case Answered():
            return lifecycle.on_answer(*event)
        case Asked('start'):
            return lifecycle.start()
        case Asked('stop'):
            return lifecycle.stop()
        case Asked():
            return lifecycle.reset()
        case Woke():
            return lifecycle.tick()
        case Seeded(seed):
            lifecycle.seed_targets(seed)
        case Reported(executed):
            lifecycle.on_executed(executed)
        case Shown():
            lifecycle.on_target(*event)
        case Missed(parts):
            lifecycle.readiness.absent = parts
    return []
