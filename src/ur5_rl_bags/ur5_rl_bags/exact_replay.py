"""./ur5rl replay: has the environment live a bag again and says what comes out otherwise."""

import functools
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ur5_rl_bags.comparison import KEYS, Comparison
from ur5_rl_bags.differences import Difference
from ur5_rl_bags.export.output import whole_folder
from ur5_rl_bags.past_environment import AS_RECORDED, Setting
from ur5_rl_bags.reader import Bag, BagError
from ur5_rl_bags.replayer import INPUTS, Replayer
from ur5_rl_bags.rescore import Rescored, setting_of
from ur5_rl_bags.robots import namespaces
from ur5_rl_bags.share_done import told
from ur5_rl_graph import topics
from ur5_rl_graph.command import command
from ur5_rl_graph.options import at_home

SHOWN = 20
"""So many differences are listed."""


class Replay:
    """One environment of a bag, replayed and compared."""

    def __init__(self, recorded_topics: set[str]) -> None:
        """Makes one for a bag with these topics, named without the namespace."""
        self.replayer = Replayer()
        self.comparison = Comparison(recorded_topics)

    def take(self, topic: str, receive_ns: int, load: Callable[[], Any]) -> None:
        """Takes a message of a topic; `load` returns it."""
        if topic in INPUTS:
            for what in self.replayer.take(topic, receive_ns, load):
                self.comparison.replayed(what)
        else:
            self.comparison.recorded(topic, load())

    def finish(self) -> None:
        """Takes note that nothing more comes."""
        for what in self.replayer.finish():
            self.comparison.replayed(what)
        self.comparison.finish(self.covered)

    @property
    def covered(self) -> list:
        """First and last reading of each stretch that was replayed."""
        return [part for life in self.replayer.lives.values() for part in life.covered]

    @property
    def seconds(self) -> float:
        """How long that was by the environment's clock [s]."""
        return sum(last.now - first.now for first, last in self.covered)

    def report(self) -> Iterator[str]:
        """Yields the lines that tell of it."""
        lives, comparison = self.replayer.lives.values(), self.comparison
        for life in lives:
            yield from life.lines
        for name, what in (('image', 'images'), ('joint_states', 'joint states')):
            count = sum(life.missing[name] for life in lives)
            if count:
                yield f'{count} {what} that the environment took are not in the bag'
        for topic in KEYS:
            replayed = comparison.replayed_count[topic]
            if replayed:
                compared, partly = comparison.compared[topic], comparison.partly[topic]
                how = f', {partly} of them in part' if partly else ''
                yield f'{topic}: {compared} of {replayed} compared{how}'
        if comparison.anew:
            yield f'{comparison.anew} transitions carry frames again: actor or buffer had begun anew'
        if comparison.outside:
            yield f'{comparison.outside} recorded messages lie outside of the journal: not compared'
        yield from _told(comparison.differences, self.covered)


def _told(differences: list[Difference], covered: list) -> Iterator[str]:
    if not differences:
        yield 'no difference'
        return
    first = differences[0]
    began = min(part[0].stamp for part in covered)
    yield f'{len(differences)} differences; the first cause: {first.cause}'
    for difference in islice(differences, SHOWN):
        after = 1e-9 * (difference.stamp_ns - began)
        key = '/'.join(map(str, difference.key))
        yield f'  {after:.3f} s  {difference.topic} {key} {difference.field}: {difference.text}'
    if len(differences) > SHOWN:
        yield f'  and {len(differences) - SHOWN} more'


def messages_of(bag: Bag, namespace: str, names: Iterable[str]) -> Iterator[tuple[str, int, Callable]]:
    """Yields topic, receive time and what returns the message, of these topics as far as they are there.

    Now and then a line says how far it is.

    Raises:
        BagError: what a replay needs is not there.
    """
    bag.need([namespace + name for name in INPUTS])
    full = {namespace + name: name for name in names}
    there = {name for name in full if name in bag.topics and bag.topics[name].count}
    total = sum(bag.topics[name].count for name in there)
    for recorded in told(bag.messages(there), total, 'messages'):
        load = functools.partial(bag.deserialised, recorded)
        yield full[recorded.topic], recorded.receive_time_ns, load


def replay(bag: Bag, namespace: str) -> Replay:
    """Replays one environment of a bag.

    Raises:
        BagError: its sensors are not there.
        ValueError: its journal cannot be read.
    """
    there = {name for name in KEYS if namespace + name in bag.topics and bag.topics[namespace + name].count}
    again = Replay(there)
    for message in messages_of(bag, namespace, (*INPUTS, *KEYS)):
        again.take(*message)
    again.finish()
    return again


def rescore(bag: Bag, namespace: str, setting: Setting, folder: Path) -> str:
    """Writes the bag of what another setting would have made of a bag; returns what it holds.

    Raises:
        ValueError: the setting is none for this bag.
        OSError: the disk.
    """
    replayer, rescored = Replayer(setting), Rescored(folder, namespace)
    for message in messages_of(bag, namespace, INPUTS):
        for what in replayer.take(*message):
            rescored.take(what, replayer.task)
    for what in replayer.finish():
        rescored.take(what, replayer.task)
    for life in replayer.lives.values():
        print(*life.lines, sep='\n', end='\n' if life.lines else '')
    return rescored.close()


def options(arguments: Sequence[str]) -> tuple[str, Setting, str]:
    """Returns the bag, what is to be changed, and the folder for what comes out then ('' = compare).

    Raises:
        ValueError: these are not the words of the command; one line.
    """
    bags = [word for word in arguments if ':=' not in word]
    outputs = [word.partition(':=')[2] for word in arguments if word.startswith('output:=')]
    setting = setting_of(word for word in arguments if ':=' in word and not word.startswith('output:='))
    if len(bags) != 1:
        raise ValueError('replay needs one bag, or the folder of a run with one: ./ur5rl replay BAG')
    if (setting != AS_RECORDED) != bool(outputs):
        raise ValueError(
            'another setting and a folder go together: ./ur5rl replay BAG reward:=released output:=FOLDER'
        )
    return bags[0], setting, at_home(outputs[0]) if outputs else ''


@command
def main(arguments: Sequence[str]) -> int:
    """Replays a bag. Returns 0: nothing differs, 1: something does, 2: it cannot be replayed, 130: Ctrl-C."""
    path, setting, output = options(arguments)
    with Bag(path) as bag:
        found = namespaces(bag, topics.JOURNAL.name)
        if not output:
            return max(_replay(bag, namespace) for namespace in found)
        folders = {namespace: namespace.strip('/') for namespace in found}
        with whole_folder(Path(output)) as part:
            held = {own: rescore(bag, namespace, setting, part / own) for namespace, own in folders.items()}
        for own, text in held.items():
            print(f'{Path(output) / own}: {text}')
        return 0


def _replay(bag: Bag, namespace: str) -> int:
    began = time.perf_counter()
    again = replay(bag, namespace)
    took = time.perf_counter() - began
    lives, seconds = len(again.replayer.lives), again.seconds
    if not sum(again.comparison.compared.values()):
        for line in again.report():
            print(line)
        raise BagError(f'{bag.folder}: nothing of {namespace} can be compared')
    print(
        f'{namespace}environment: {lives} {"life" if lives == 1 else "lives"}, {seconds:.1f} s replayed in '
        f'{took:.1f} s, {seconds / took:.0f} times as fast as it was'
    )
    for line in again.report():
        print(line)
    return 1 if again.comparison.differences else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
