"""Records a bag: finds topics, subscribes with what their publishers offer, and lets a thread write."""

import signal
import sys
import threading
import time
from pathlib import Path

from rclpy._rclpy_pybind11 import RCLError
from rclpy.qos import QoSCompatibility, QoSProfile, qos_check_compatible

from ur5_rl_bags.bag_queue import Queue, fill
from ur5_rl_bags.listening import Listening
from ur5_rl_bags.writer import BagWriter
from ur5_rl_graph.writing import Writing

from . import graph
from .errors import CommandError
from .interfaces import load_interface
from .topic_command import common_qos

_LOOK_S = 0.05
_DISCOVER_S = 0.2
_QUEUE_BYTES = 100 * 1024 * 1024  # as the real one


def record(folder: Path, topics: list[str] | None, split_bytes: float) -> int:
    """Record until Ctrl-C.

    Args:
        folder: of the bag.
        topics: names; None = all that are not hidden.
        split_bytes: a larger file is closed.

    Returns:
        Exit code: 1 where messages were lost or a publisher was left out, or the thread that writes has died.
    """
    told_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # a KeyboardInterrupt would lose what has just been taken
        signal.signal(number, lambda *_: told_to_end.set())
    queue = Queue(_QUEUE_BYTES)
    writer = BagWriter(folder, split_bytes, Writing())
    written = threading.Event()

    def write() -> None:
        fill(queue, writer)
        written.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with graph.command_node() as node:
            finder = _Finder(node, Listening(node, queue.lose), topics)
            known: set[str] = set()
            while thread.is_alive() and not told_to_end.is_set():
                finder.look()
                _hand_over(finder.listening, finder.listening.take(), queue, known)
                told_to_end.wait(_LOOK_S)
            _hand_over(finder.listening, finder.listening.rest(), queue, known)
    finally:
        queue.close()
        thread.join()
    print(writer.summary(), flush=True)
    return int(bool(writer.lost or finder.left_out) or not written.is_set())


def _hand_over(listening: Listening, messages, queue: Queue, known: set[str]) -> None:
    for message in messages:
        if message.topic not in known:
            known.add(message.topic)
            queue.put(listening.entry(message.topic))
        queue.put(message)


class _Finder:
    """Subscribes to what is wanted as it comes up."""

    def __init__(self, node, listening: Listening, topics: list[str] | None) -> None:
        self.listening = listening
        self._node = node
        self._wanted = None if topics is None else {graph.absolute(name) for name in topics}
        self._refused: set[str] = set()
        self._asked: dict[str, QoSProfile] = {}
        self.left_out: set[str] = set()  # topics with a publisher that offers less than is asked for
        self._next_s = 0.0

    def look(self) -> None:
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + _DISCOVER_S
        try:
            found = self._node.get_topic_names_and_types()
        except RCLError:  # a signal has just shut ROS 2 down
            return
        for name, types in found:
            if name in self._refused or name in self.left_out or not self._is_wanted(name):
                continue
            publishers = self.listening.publishers(name)
            if name in self._asked:
                self._check(name, publishers)
            elif publishers:
                self._subscribe(name, types[0], publishers)

    def _is_wanted(self, name: str) -> bool:
        return not graph.is_hidden(name) if self._wanted is None else name in self._wanted

    def _subscribe(self, name: str, type_name: str, publishers) -> None:
        try:
            kind = load_interface(type_name, 'msg')
        except CommandError as error:
            self._refused.add(name)
            print(f"WARNING: '{name}' is not recorded: {error}", file=sys.stderr, flush=True)
            return
        self._asked[name] = common_qos(publishers)
        self.listening.subscribe(name, kind, self._asked[name])
        print(f"Subscribed to topic '{name}'", flush=True)

    def _check(self, name: str, publishers) -> None:
        """Says what the real one says, too: to subscribe anew would lose or repeat messages of the others."""
        for publisher in publishers:
            found, why = qos_check_compatible(publisher.qos_profile, self._asked[name])
            if found == QoSCompatibility.ERROR:
                self.left_out.add(name)
                print(
                    f"WARNING: '{name}' is recorded without a publisher that came later ({why.strip(' ;')}): "
                    'begin to record when all publish',
                    file=sys.stderr,
                    flush=True,
                )
                return
