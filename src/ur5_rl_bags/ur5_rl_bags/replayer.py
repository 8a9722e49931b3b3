"""Exact replay: the environment's lives in a bag, in a stream of its messages."""

from collections.abc import Callable, Iterator
from typing import Any

from ur5_rl_bags.life import Life, Noted
from ur5_rl_bags.past_environment import AS_RECORDED, Replayed, Setting
from ur5_rl_bags.sensor_messages import SensorMessages
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import topics
from ur5_rl_graph.messages import ns_from_time

INPUTS = (topics.JOURNAL.name, topics.IMAGE.name, topics.JOINT_STATES.name)
"""All that a replay reads: nothing that it is to reproduce."""


class Replayer:
    """Takes the messages of `INPUTS` in the order of a bag; answers what the environment published."""

    def __init__(self, setting: Setting = AS_RECORDED) -> None:
        """Begins before the first message; `setting` changes what was recorded."""
        self.lives: dict[int, Life] = {}
        """By session, in the order of their beginnings."""
        self._images, self._joint_states = SensorMessages(), SensorMessages()
        self._setting = setting
        self._now_ns = 0

    def take(self, topic: str, receive_ns: int, load: Callable[[], Any]) -> Iterator[Replayed | Noted]:
        """Takes a message; yields what can be known by now.

        Args:
            topic: its topic, without the namespace.
            receive_ns: when the recorder got it.
            load: returns it.

        Raises:
            ValueError: the journal cannot be read, or is of another revision.
        """
        self._now_ns = max(self._now_ns, receive_ns)
        message = load()
        if topic == topics.JOURNAL.name:
            life = self.lives.get(message.session)
            if life is None:
                life = self.lives[message.session] = Life(self._images, self._joint_states, self._setting)
            life.add(message.first, message.entries, receive_ns)
        else:
            kept = self._images if topic == topics.IMAGE.name else self._joint_states
            kept.add(ns_from_time(message.header.stamp), receive_ns, message)
        for life in self.lives.values():
            yield from life.advance(self._now_ns)

    @property
    def task(self) -> TaskConfig | None:
        """Of the newest life that has begun; None before the first."""
        return next((life.task for life in reversed(self.lives.values()) if life.task), None)

    def finish(self) -> Iterator[Replayed | Noted]:
        """Yields what there is without waiting for more."""
        for life in self.lives.values():
            yield from life.advance(None)
