"""The transitions of bags, and a replay buffer that is filled with them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from buffer_sampler.replay import Replay
from offline_learning.fitting import check
from ur5_rl_bags.bag_contents import BagError
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.share_done import told
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import topics
from ur5_rl_graph.data import Transition
from ur5_rl_graph.messages import transition_from_msg


class Filled(NamedTuple):
    """What has become of the transitions of some bags."""

    stored: int
    lost: int
    why: str  # the last of them was lost, '' where none was

    def __str__(self) -> str:
        """One line."""
        lost = f', {self.lost} left out ({self.why})' if self.lost else ''
        return f'{self.stored} transitions{lost}'


class Experience:
    """The transitions of bags that fit a task, one bag after the other; a context manager.

    Attributes:
        count: of transitions, those included that will turn out to be unreadable.
    """

    def __init__(self, paths: Sequence[Path | str], task: TaskConfig) -> None:
        """Opens the bags and looks whether they fit.

        Raises:
            BagError: one of them is no bag, lacks what is needed, or is of another task; one line.
        """
        with ExitStack() as opened:
            bags = [opened.enter_context(Bag(path)) for path in paths]
            self._sources = [(bag, name) for bag in bags for name in _topics(bag)]
            for bag, name in self._sources:
                check(bag, name, task)
            self.count = sum(bag.topics[name].count for bag, name in self._sources)
            self._opened = opened.pop_all()

    def __enter__(self) -> 'Experience':
        """Returns itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Closes the bags."""
        self._opened.close()

    def transitions(self) -> Iterator[Transition | ValueError]:
        """Yields each transition, or why it cannot be read."""
        for bag, name in self._sources:
            for recorded in bag.messages([name]):
                try:
                    yield transition_from_msg(bag.deserialised(recorded))
                except ValueError as error:
                    yield error


def _topics(bag: Bag) -> list[str]:
    found = bag.called(topics.TRANSITION.name)
    if not found:
        bag.need([f'/{topics.TRANSITION.name}'])
    return found


def fill(replay: Replay, experience: Experience, stopped: Callable[[], bool] = lambda: False) -> Filled:
    """Stores what can be stored; what cannot is counted. Now and then a line says how far it is.

    Args:
        replay: the buffer, with room for all of it.
        experience: what is stored.
        stopped: asked before each transition; True ends it.

    Raises:
        BagError: nothing could be stored.
        OSError: the disk has no room for it.
    """
    stored = lost = 0
    why = ''
    for transition in told(experience.transitions(), experience.count, 'transitions'):
        if stopped():
            break
        if isinstance(transition, ValueError):
            lost, why = lost + 1, str(transition)
            continue
        try:
            if replay.append(transition):
                stored += 1
                continue
            why = 'frames that it names are not in the bag before it'
        except ValueError as error:
            why = str(error)
        lost += 1
    if lost and not stored:
        raise BagError(f'none of {lost} transitions can be learned from: {why}')
    return Filled(stored, lost, why)
