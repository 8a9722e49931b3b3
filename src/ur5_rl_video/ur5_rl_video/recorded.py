"""Episodes of a bag: its transitions say which images an observation showed and what reward a step had."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ur5_rl_bags.reader import Bag
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.wire import joints_of
from ur5_rl_graph import messages, topics
from ur5_rl_graph.data import STACK
from ur5_rl_graph.messages import ns_from_time
from ur5_rl_video.moments import Episode, Moment

KEPT_NS = 5_000_000_000
"""How long an image and joint states are kept for the observation that shows them."""
NEEDED = (topics.IMAGE, topics.JOINT_STATES, topics.TRANSITION, topics.EPISODE)


def episodes(
    bag: Bag, space: str, count: int, title: str, tell: Callable[[str], object]
) -> Iterator[Episode]:
    """Yields the last `count` episodes of a bag that were finished.

    Args:
        bag: to read.
        space: namespace of the robot, with slashes at both ends.
        count: how many.
        title: of the episodes, before their numbers.
        tell: gets a line for what the bag lacks.

    Raises:
        ValueError: it lacks a needed topic, or all images or joint states of these episodes, or holds no
            finished one.
    """
    bag.need([space + topic.name for topic in NEEDED])
    wanted = _finished(bag, space)[-count:]
    if not wanted:
        raise ValueError(f'{bag.folder} holds no finished episode: record a longer bag')
    gathering = _Gathering(set(wanted), title)
    sensed = (topics.IMAGE, topics.JOINT_STATES, topics.TRANSITION, topics.TARGET)
    names = {space + topic.name: topic for topic in sensed}
    there = [name for name in names if name in bag.topics]
    for recorded in bag.messages(there):
        yield from gathering.take(names[recorded.topic], bag.deserialised(recorded))
        if gathering.ended == wanted[-1]:
            break
    yield from gathering.hand_on()  # whose last transition is not there
    if gathering.refused:
        tell(f'{bag.folder}: {gathering.refused} joint states passed over, the first: {gathering.refusal}')
    if not gathering.shown:
        raise ValueError(
            f'{bag.folder} lacks images or joints of every observation in its last {len(wanted)} finished '
            'episodes: episodes:=NUMBER shows more of them'
        )
    if gathering.lost:
        lacking = 'of which it lacks an image or the joints'
        tell(f'{bag.folder}: {gathering.lost} observations are left out, {lacking}')


def _finished(bag: Bag, space: str) -> list[int]:
    messages_of = (bag.deserialised(found) for found in bag.messages([space + topics.EPISODE.name]))
    return [message.episode for message in messages_of if not message.aborted]


class _Gathering:
    """Keeps what was sensed a while, and the moments of the present episode."""

    def __init__(self, wanted: set[int], title: str) -> None:
        self.ended: int | None = None  # the newest episode that was whole
        self.lost = self.shown = 0  # observations without their images, and episodes with some
        self.refused, self.refusal = 0, ''  # joint states, as of a gripper, and why the first
        self._wanted, self._title = wanted, title
        self._episode = 0
        self._moments: list[Moment] = []
        self._total = 0.0  # return of the present episode
        self._images: dict[int, Any] = {}  # messages by stamp; decoded where they are shown
        self._joints: dict[int, Joints] = {}
        self._target: Any = None

    def take(self, topic: topics.Topic, message: Any) -> Iterator[Episode]:
        """Takes a message; yields an episode that is over by it."""
        if topic is topics.TRANSITION:
            if message.episode != self._episode:
                yield from self.hand_on()
            self._episode = message.episode
            if message.episode in self._wanted:
                self._step(message)
            if message.truncated or message.terminated:
                self.ended = message.episode
                yield from self.hand_on()
        elif topic is topics.TARGET:
            self._target = message
        elif topic is topics.IMAGE:
            _keep(self._images, ns_from_time(message.header.stamp), message)
        else:
            self._sense(message)

    def hand_on(self) -> Iterator[Episode]:
        """Yields the present episode, if anything of it is known."""
        episode = Episode(f'{self._title}, episode {self._episode}', self._moments, self._total)
        self._moments, self._total = [], 0.0
        if episode.moments:
            self.shown += 1
            yield episode

    def _sense(self, message: Any) -> None:
        """Takes joint states; passes over those that the environment does not take either."""
        try:
            joints = joints_of(message)
        except ValueError as error:
            self.refused += 1
            self.refusal = self.refusal or str(error)
        else:
            _keep(self._joints, joints.stamp_ns, joints)

    def _step(self, transition: Any) -> None:
        """Takes the observation at the end of a step, and that at its beginning if it was the first."""
        first, last = transition.frame_ids[:STACK], transition.frame_ids[STACK:]
        if transition.step == 0:
            self._observed(0, first, 0.0)
        self._observed(transition.step + 1, last, float(transition.reward))

    def _observed(self, step: int, frame_ids: Any, reward: float) -> None:
        self._total += reward
        stamps = [int(stamp) for stamp in frame_ids]
        if not self._joints or any(stamp not in self._images for stamp in stamps):
            self.lost += 1
            return
        images = tuple(messages.image_from_msg(self._images[stamp]) for stamp in stamps)
        nearest = min(self._joints, key=lambda stamp: abs(stamp - stamps[-1]))
        q, target = tuple(self._joints[nearest].position.tolist()), _place(self._target, stamps[-1])
        self._moments.append(Moment(step, images, q, target, reward, self._total))


def _keep(kept: dict[int, Any], newest: int, sensed: Any) -> None:
    """Keeps what was sensed by its stamp [ns], and forgets what is too old; it comes in its order."""
    kept[newest] = sensed
    while newest - (oldest := next(iter(kept))) > KEPT_NS:
        del kept[oldest]


def _place(target: Any, stamp_ns: int) -> tuple[float, float] | None:
    """Where the disc was at a time near that of its newest message; None without one."""
    if target is None:
        return None
    began = target.start_stamp or np.inf
    shown_ns = ns_from_time(target.header.stamp)
    after_s = 1e-9 * (max(stamp_ns, began) - max(shown_ns, began)) if np.isfinite(began) else 0.0
    return target.x + after_s * target.vx, target.y + after_s * target.vy
