"""What a person is to see of the messages of a graph: no node, no clock, no viewer."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ur5_rl_graph import topics
from ur5_rl_graph.messages import image_from_msg
from ur5_rl_monitor.at_a_glance import Glance, statuses_of
from ur5_rl_monitor.marker_messages import shapes_of
from ur5_rl_monitor.sights import (
    CAMERA,
    NETWORK,
    Frames,
    Line,
    Picture,
    Point,
    Robot,
    Scene,
    Sight,
    Sign,
    Sink,
)
from ur5_rl_monitor.status import Level, Status
from ur5_rl_monitor.thinning import Thinning
from ur5_rl_monitor.transform_messages import transforms_of

PICTURE_NS = 250_000_000
MOTION_NS = 100_000_000
PERIODS_NS = {
    topics.IMAGE.name: PICTURE_NS,
    topics.NETWORK_VIEW.name: PICTURE_NS,
    topics.TF.name: MOTION_NS,
}
"""So far apart is what is shown of the fast streams [ns]; of a curve each point is."""


def _picture(name: str) -> Callable[[Any], Iterable[Sight]]:
    return lambda message: [Picture(name, image_from_msg(message))]


def _number(curve: str) -> Callable[[Any], Iterable[Sight]]:
    return lambda message: [Point(curve, message.data)]


def _cycle(message: Any) -> Iterable[Sight]:
    yield Point('cycle/cycle', message.cycle_ms)
    yield Point('cycle/response', message.response_ms)
    yield Point('weights/age', message.weights_age_s)


def _episode(message: Any) -> Iterable[Sight]:
    if message.aborted:
        yield Line('environment', Level.WARN, f'episode {message.episode} aborted: {message.text}')
    else:
        yield Point('return/return', message.episode_return)


def _learner(message: Any) -> Iterable[Sight]:
    yield Point('updates/rate', message.updates_per_s)
    yield Point('updates/count', message.updates)
    for name, value in zip(message.metric_names, message.metric_values, strict=False):
        if name in ('entropy', 'temperature'):
            yield Point(f'policy/{name}', value)


SIGHTS: dict[str, Callable[[Any], Iterable[Sight]]] = {
    topics.ROBOT_DESCRIPTION.name: lambda message: [Robot(message.data)],
    topics.TF.name: lambda message: [Frames(transforms_of(message))],
    topics.STATIC_MARKERS.name: lambda message: [Scene(*shapes_of(message))],
    topics.MARKERS.name: lambda message: [Scene(*shapes_of(message))],
    topics.IMAGE.name: _picture(CAMERA),
    topics.NETWORK_VIEW.name: _picture(NETWORK),
    topics.MONITOR_REWARD.name: _number('reward/reward'),
    topics.CYCLE_TIMING.name: _cycle,
    topics.EPISODE.name: _episode,
    topics.LEARNER_STATUS.name: _learner,
}
"""What is shown of each message of a topic by itself."""
WATCHED = (*SIGHTS, topics.ARM_STATUS.name, topics.DIAGNOSTICS.name)


class Watching:
    """Takes the messages of one run and shows what is to be seen of them.

    Attributes:
        shown: messages, by topic.
        refused: messages that are not as they should be, by topic; the first of each gets a line.
    """

    def __init__(self, sink: Sink, namespace: str = '') -> None:
        """Has seen nothing.

        Args:
            sink: shows.
            namespace: of the run, which is before the names of its components on /diagnostics.
        """
        inside = namespace.strip('/')
        self._sink, self._prefix = sink, f'{inside}/' if inside else ''
        self._thinning, self._glance = Thinning(PERIODS_NS), Glance()
        self._said: dict[str, tuple[Level, str]] = {}  # newest line, by its source
        self._sign: Sign | None = None
        self.shown: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    @property
    def passed_over(self) -> Counter[str]:
        """Messages that came faster than they are shown, by topic."""
        return self._thinning.passed_over

    def take(self, topic: str, time_ns: int, read: Callable[[], Any]) -> bool:
        """Takes a message; returns False where it is refused.

        Args:
            topic: its name without the namespace, one of `WATCHED`.
            time_ns: when it was published [ns since the epoch].
            read: returns it; not called where it is passed over. A ValueError of it is said.
        """
        if topic != topics.DIAGNOSTICS.name:  # which says much of a run that is gone, too
            self._glance.hear(time_ns)
        if not self._thinning.keeps(topic, time_ns):
            return True
        try:
            self._take(topic, time_ns, read())
        except ValueError as error:
            self.refuse(topic, time_ns, error)
            return False
        self.shown[topic] += 1
        return True

    def refuse(self, topic: str, time_ns: int, error: ValueError) -> None:
        """Takes note of a message that is not as it should be."""
        self.refused[topic] += 1
        if self.refused[topic] == 1:
            self.say(time_ns, 'monitor', Level.WARN, f'{topic}: {error}; not shown, as all like it')

    def _take(self, topic: str, time_ns: int, message: Any) -> None:
        if topic == topics.DIAGNOSTICS.name:
            if statuses := statuses_of(message, self._prefix):
                self.diagnose(time_ns, statuses)
        elif topic == topics.ARM_STATUS.name:
            self.say(time_ns, 'arm', Level.OK, message.text)
        else:
            for sight in SIGHTS[topic](message):
                self._sink.show(time_ns, sight)

    def diagnose(self, time_ns: int, statuses: Sequence[Status]) -> None:
        """Takes how the components of the run are."""
        self._glance.diagnose(time_ns, statuses)
        for status in statuses:
            self.say(time_ns, status.name, status.level, status.message)

    def say(self, time_ns: int, source: str, level: Level, text: str) -> None:
        """Shows a line where something else is said than before; numbers alone are nothing new."""
        said = level, re.sub(r'[\d.]+', '', text)
        if self._said.get(source) != said:
            self._said[source] = said
            self._sink.show(time_ns, Line(source, level, text))

    def look(self, now_ns: int) -> None:
        """Shows how the run is now, where that is not what was shown before."""
        sign = self._glance.sign(now_ns)
        if sign != self._sign:
            self._sign = sign
            self._sink.show(now_ns, sign)

    def report(self, lost: Counter[str]) -> list[str]:
        """Returns what was shown, passed over, lost and refused, in words.

        Args:
            lost: messages that have not arrived, by topic.
        """
        counts = (('passed over', self.passed_over), ('lost', lost), ('refused', self.refused))
        told = [f'{self.shown.total()} messages shown']
        for what, count in counts:
            if count:
                each = ', '.join(f'{number} {topic.lstrip("/")}' for topic, number in sorted(count.items()))
                told.append(f'{what}: {each}')
        return told
