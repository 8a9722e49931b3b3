"""What of a bag people are shown: nothing that an arm, an environment or a learner would act on."""

from typing import NamedTuple

from ur5_rl_bags.reader import Bag
from ur5_rl_bags.robots import namespace_of
from ur5_rl_graph import topics

SHOWN = (
    'joint_states',
    'arm/status',
    'arm/executed_command',
    'camera/image_raw',
    'camera/camera_info',
    'target',
    'episode',
    'cycle_timing',
    'spans',
    'losses',
    'buffer_status',
    'learner_status',
    'policy_weights',
    'monitor/reward',
    'monitor/episode_return',
    'monitor/cycle_ms',
    'monitor/updates_per_s',
    'monitor/temperature',
    'monitor/entropy',
)
"""Names of what is played. Not among them: whatever somebody acts on (arm/velocity_command, action,
observation, transition, ...), and topics that are none of ours."""

MADE_ANEW = (
    'robot_description',
    'tf',
    'tf_static',
    'markers',
    'markers_static',
    'monitor/network_view',
    '/diagnostics',
)
"""Names of what the nodes that people look at make of the rest, as in a run."""


OF_A_ROBOT = (topics.JOINT_STATES.name, topics.IMAGE.name)
"""Whoever has one of these in a bag can be shown."""


class Choice(NamedTuple):
    """Topics of a bag, by what becomes of them."""

    namespace: str  # absolute, ends with /
    played: list[str]
    anew: list[str]
    left_out: list[str]

    @property
    def told(self) -> str:
        """One line on what is not played."""
        parts = [
            f'{", ".join(names)} ({why})'
            for names, why in (
                (self.anew, 'made anew here'),
                (self.left_out, 'somebody would act on it, or nobody here shows it'),
            )
            if names
        ]
        return f'not played: {"; ".join(parts)}' if parts else 'everything in the bag is played'


def choose(bag: Bag, namespace: str = '') -> Choice:
    """Returns what is played of the robot in a namespace; '' = the only one that the bag tells of.

    Raises:
        BagError: it tells of none, of several, or not of that one; a type is another one here.
    """
    wanted = namespace_of(bag, namespace, *OF_A_ROBOT)
    held = sorted(name for name, topic in bag.topics.items() if topic.count)
    played = [name for name in held if name in {wanted + own for own in SHOWN} and bag.type_of(name)]
    anew = {own if own.startswith('/') else wanted + own for own in MADE_ANEW}
    return Choice(
        namespace=wanted,
        played=played,
        anew=[name for name in held if name in anew],
        left_out=[name for name in held if name not in anew and name not in played],
    )
