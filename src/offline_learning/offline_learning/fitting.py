"""Whether what a bag holds is experience of the same task: frames, joints, action cycle, reward."""

import contextlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from sac_learner.saved_setting import TASK_FIELDS, differences
from ur5_rl_bags.bag_contents import BagError
from ur5_rl_bags.carried import task_of
from ur5_rl_bags.reader import Bag
from ur5_rl_env.journal import RESET, START, entry_from_text
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import topics
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_graph.messages import ns_from_time

KIND = 'ur5_rl_interfaces/msg/Transition'
LOOKED_AT = 500
"""Messages that tell how long the action cycle was."""
NOMINAL = 0.25
"""Quantile of the cycles that counts as the nominal one: an overrun makes a cycle longer, nothing shorter."""
TOLERANCE = 0.1
"""Cycles that differ by no more than this share are the same."""


def check(bag: Bag, name: str, task: TaskConfig) -> None:
    """Looks whether the transitions of a topic fit a task.

    Args:
        bag: that holds them.
        name: of the topic, which has messages.
        task: of the run that is to learn from them.

    Raises:
        BagError: they do not; one line with what is there and what is needed.
    """
    found = bag.topics[name].type
    if found != KIND or bag.type_of(name) is None:
        raise BagError(f'{bag.folder}: {name} is {found}; learning needs {KIND}')
    namespace = name.removesuffix(topics.TRANSITION.name)
    _check_frames(bag, name, task)
    _check_joints(bag, namespace + topics.JOINT_STATES.name)
    recorded = _recorded_task(bag, namespace + topics.JOURNAL.name)
    if recorded is None:
        _check_cycle(bag, name, task)
    here = {field: getattr(task, field) for field in TASK_FIELDS}
    if differing := differences(recorded or {}, here):
        raise BagError(
            f'{bag.folder} was recorded in another setting: {differing}; choose its own (reward and '
            'action_feedback can be changed afterwards: ./ur5rl replay BAG reward:=NAME output:=FOLDER)'
        )


def _looked_at(bag: Bag, name: str) -> Iterator[Any]:
    """Yields the first messages of a topic; damaged ones are left out here, and counted by who needs all."""
    bag.type_of(name)  # of another version: that is no damage
    for recorded in islice(bag.messages([name]), LOOKED_AT):
        with contextlib.suppress(BagError):
            yield bag.deserialised(recorded)


def _check_frames(bag: Bag, name: str, task: TaskConfig) -> None:
    first = next(_looked_at(bag, name), None)
    if first is None:
        raise BagError(f'{bag.folder}: none of the first {LOOKED_AT} messages of {name} can be read')
    height, width, _ = task.observation_shape
    if (first.height, first.width) == (height, width):
        return
    remedy = "choose the setting of the bag's run"
    if first.height >= height and first.width >= width:
        size = f'observation_width:={width} observation_height:={height}'
        remedy += f', or make a smaller bag of it: ./ur5rl replay BAG {size} output:=FOLDER'
    raise BagError(
        f'{bag.folder} holds frames of {first.width}x{first.height} pixels, needed are {width}x{height}: '
        f'{remedy}'
    )


def _check_joints(bag: Bag, name: str) -> None:
    """Bags that were re-scored, or others', may be without joint states: then there is nothing to see."""
    if name not in bag.topics or not bag.topics[name].count:
        return
    state = next(_looked_at(bag, name), None)
    named = list(getattr(state, 'name', ()))
    if not set(JOINT_NAMES) <= set(named):
        raise BagError(
            f'{bag.folder} is of another robot: {name} has {", ".join(named) or "no joints"}; '
            f'needed are {", ".join(JOINT_NAMES)}'
        )


def _recorded_task(bag: Bag, name: str) -> dict | None:
    """The parameters of the task with which the environment recorded, None where nothing says it."""
    if name not in bag.topics or not bag.topics[name].count:
        return task_of(bag)
    for message in _looked_at(bag, name):
        for text in getattr(message, 'entries', ()):
            entry = entry_from_text(text)
            if entry.kind not in (START, RESET):
                continue
            try:
                return dict(entry.what[0]['task'])
            except (LookupError, TypeError, ValueError):
                raise BagError(
                    f'{bag.folder}: {name} does not say of which task it is: learn from it with the version '
                    'that recorded it'
                ) from None
    return None


def _check_cycle(bag: Bag, name: str, task: TaskConfig) -> None:
    cycle_s = action_cycle_s(bag, name)
    if cycle_s is not None and abs(cycle_s / task.action_cycle_s - 1.0) > TOLERANCE:
        raise BagError(
            f'{bag.folder} has an action cycle of {cycle_s:.3f} s, needed is {task.action_cycle_s:.3f} s: '
            "choose the setting of the bag's run, or action_cycle_s in one of your own"
        )


def action_cycle_s(bag: Bag, name: str) -> float | None:
    """Returns the time between two observations by their stamps [s], None where no two follow each other."""
    cycles, before = [], None
    for step in _looked_at(bag, name):
        stamp_ns = ns_from_time(step.header.stamp)
        if before is not None and before[:2] == (step.episode, step.step - 1):
            cycles.append(1e-9 * (stamp_ns - before[2]))
        before = step.episode, step.step, stamp_ns
    return float(np.quantile(cycles, NOMINAL)) if cycles else None
