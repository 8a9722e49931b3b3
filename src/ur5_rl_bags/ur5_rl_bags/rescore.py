"""The transitions that another reward, size of observations or rule of pairing would have given.

Events and their times are those of the record, and so are the actions: what other observations would have
made of them is not known. Where another rule leads an episode elsewhere, that episode ends there; the next
reset of the record is joined again.
"""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rclpy.serialization import serialize_message

from ur5_rl_bags import definitions, qos
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.carried import TASK
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.past_environment import Replayed, Setting
from ur5_rl_bags.writer import BagWriter
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import topics
from ur5_rl_graph.config import number_of, typed
from ur5_rl_graph.writing import Writing

OF_TASK = ('reward', 'observation_width', 'observation_height', 'action_feedback')
OF_PAIRING = ('sensor_timeout_s', 'max_stamp_age_s', 'max_stamp_ahead_s', 'max_joint_gap_s')
"""Parameters that can be changed afterwards: with any other the actions could not be what they were."""
WRITTEN = {topic.name: topic for topic in (topics.TRANSITION, topics.EPISODE)}
CHUNK = 50  # messages that are handed to the disk together


def setting_of(words: Iterable[str]) -> Setting:
    """Returns the setting of `name:=value` words.

    Raises:
        ValueError: a parameter that cannot be changed afterwards, or a value that it cannot have.
    """
    setting = Setting({}, {})
    for word in words:
        name, mark, text = word.partition(':=')
        if not mark or name not in OF_TASK + OF_PAIRING:
            listed = ', '.join(OF_TASK + OF_PAIRING)
            raise ValueError(f'{word} cannot be changed in what was recorded; what can is {listed}')
        config, values = (TaskConfig, setting.task) if name in OF_TASK else (LifecycleConfig, setting.config)
        field = next(field for field in dataclasses.fields(config) if field.name == name)
        values[name] = typed(field, text) if isinstance(field.default, str) else number_of(field, text)
    return setting


class Rescored:
    """A bag of transitions and episodes, which says of which task they are: of which arm, by which reward."""

    def __init__(self, folder: Path, namespace: str) -> None:
        """Begins a bag in a folder, in which nothing is yet."""
        self.transitions = self.episodes = self.left_out = 0
        self._writing = Writing()
        self._writer = BagWriter(folder, 512_000_000, self._writing)
        self._namespace, self._waiting = namespace, 0
        self._task: TaskConfig | None = None
        for name, topic in WRITTEN.items():
            kind = definitions.name_of(topic.type)
            self._writer.declare(TopicEntry(namespace + name, kind, [qos.described(topic.qos)]))

    def take(self, what: Any, task: TaskConfig | None) -> None:
        """Takes what was replayed, and in which task."""
        if not isinstance(what, Replayed) or what.topic not in WRITTEN:
            return
        if what.unknown:
            self.left_out += 1
            return
        self.transitions += what.topic == topics.TRANSITION.name
        self.episodes += what.topic == topics.EPISODE.name
        stamp, data = what.at.stamp, serialize_message(what.message)
        if task is not None and task != self._task:
            self._task = task
            self._writer.attach(TASK, json.dumps(dataclasses.asdict(task)).encode(), stamp)
        self._writer.add(Recorded(self._namespace + what.topic, stamp, stamp, data))
        self._waiting += 1
        if self._waiting >= CHUNK:
            self._hand_over()

    def close(self) -> str:
        """Completes the bag and returns what it holds, in one line.

        Raises:
            OSError: the disk did not take all of it.
        """
        self._hand_over()
        self._writer.close()
        self._check_written()
        text = f'{self.transitions} transitions and {self.episodes} episodes'
        if self.left_out:
            text += f'; {self.left_out} that depend on what is not in the bag are left out'
        return text

    def _hand_over(self) -> None:
        self._waiting = 0
        self._writer.close_chunk()
        self._writer.hand_over()
        self._check_written()

    def _check_written(self) -> None:
        if self._writing.unwritten:
            raise OSError(f'{self._writer.folder} is not complete, for the reason above: nothing of it stays')
