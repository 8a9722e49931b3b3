"""Plays a bag: publishes its messages as they were on the wire, in the distances of their times."""

import contextlib
import math
import select
import sys
import time
from collections.abc import Callable

from ur5_rl_bags import qos
from ur5_rl_bags.reader import Bag

from . import graph
from .errors import CommandError, UsageError

_NS = 1_000_000_000
_SLICE_S = 0.05  # between two looks at the keyboard
_ARRIVE_S = 5.0  # that the last messages get
_CLOCK = '/clock'
_OF_ALL = ('/parameter_events', '/rosout')  # every node publishes them
_NAMED = 4  # topics in a warning


class BagTime:
    """The time of a bag that is played: `rate` times as fast as a clock; it stands while paused."""

    def __init__(self, start_ns: int, rate: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Starts at `start_ns`; `monotonic` is the clock [s]."""
        self._from_ns, self._rate, self._monotonic = start_ns, rate, monotonic
        self._since_s = monotonic()
        self.paused = False

    def now_ns(self) -> int:
        """The bag's time."""
        passed_s = 0.0 if self.paused else self._monotonic() - self._since_s
        return self._from_ns + round(passed_s * self._rate * _NS)

    def toggle(self) -> None:
        """Pause, or go on."""
        self._from_ns = self.now_ns()
        self._since_s = self._monotonic()
        self.paused = not self.paused

    def until_s(self, time_ns: int) -> float:
        """How long it takes until the bag's time is `time_ns` [s]; infinite while paused."""
        return math.inf if self.paused else (time_ns - self.now_ns()) / _NS / self._rate


def play(bag: Bag, args) -> None:
    """Publish what is in a bag.

    Args:
        bag: an open one.
        args: as `bag_command` reads them.

    Raises:
        CommandError: there is nothing to play, or nobody who could press the space bar that is waited for.
    """
    keyboard = not args.disable_keyboard_controls and sys.stdin is not None and sys.stdin.isatty()
    if args.start_paused and not keyboard:
        raise UsageError('--start-paused waits for the space bar, and there is no keyboard: leave it out')
    with graph.command_node() as node:
        graph.settle(node)
        _warn_of_others(node, args.topics or bag.topics)
        publishers = _publishers(node, bag, args)
        clock = _Clock(node, args.clock) if args.clock else None
        with _keys(keyboard) as pressed:
            paused = args.start_paused
            while True:
                time.sleep(args.delay)
                if not _play_once(bag, args, publishers, clock, pressed, paused):
                    named = ', '.join(publishers) or 'a topic that is known here'
                    raise CommandError(
                        f'nothing to play: {bag.folder} holds no message of {named} '
                        f'from {args.start_offset:g} s on'
                    )
                if not args.loop:
                    break
                paused = False
        _let_arrive(publishers.values())


def _warn_of_others(node, names) -> None:
    """Says which topics somebody else publishes: who listens, or stores them, cannot tell them apart."""
    taken = sorted(name for name in names if name not in _OF_ALL and node.get_publishers_info_by_topic(name))
    if taken:
        more = f' and {len(taken) - _NAMED} more' if len(taken) > _NAMED else ''
        print(
            f'WARNING: {", ".join(taken[:_NAMED])}{more} have a publisher here already, and who listens '
            'takes what is played for its word: play in another ROS_DOMAIN_ID, or other --topics',
            file=sys.stderr,
            flush=True,
        )


def _play_once(bag: Bag, args, publishers, clock, pressed, paused: bool) -> int:
    """Returns how many messages there were."""
    start_ns = next(bag.messages()).receive_time_ns + round(args.start_offset * _NS)
    now = BagTime(start_ns, args.rate)
    if paused:
        now.toggle()
    played = 0
    for message in bag.messages(list(publishers)):
        if message.receive_time_ns < start_ns:
            continue
        _wait(message.receive_time_ns, now, clock, pressed)
        publishers[message.topic].publish(message.data)
        played += 1
    return played


def _wait(time_ns: int, now: BagTime, clock, pressed) -> None:
    import rclpy

    while (left_s := now.until_s(time_ns)) > 0.0:
        if not rclpy.ok():
            raise KeyboardInterrupt
        if pressed() == ' ':
            now.toggle()
            print('Pausing play.' if now.paused else 'Resuming play.', flush=True)
        tick_s = clock.tick(now) if clock else math.inf
        time.sleep(max(0.0, min(left_s, _SLICE_S, tick_s)))


def _publishers(node, bag: Bag, args) -> dict:
    """A publisher for each topic whose type is known here, and is the one that was recorded."""
    if unknown := sorted(set(args.topics or ()) - bag.topics.keys()):
        raise CommandError(
            f'no topic {", ".join(unknown)} in {bag.folder}; there is {", ".join(sorted(bag.topics))}'
        )
    found = {}
    for name in sorted(args.topics or bag.topics):
        if name == _CLOCK and args.clock:
            continue
        if (kind := bag.type_of(name)) is None:
            print(
                f"WARNING: '{name}' is not played: {bag.topics[name].type} is not known here", file=sys.stderr
            )
        else:
            found[name] = node.create_publisher(kind, name, qos.offer(bag.topics[name].qos))
    return found


class _Clock:
    """Publishes the bag's time."""

    def __init__(self, node, rate_hz: float) -> None:
        from rosgraph_msgs.msg import Clock

        self._message = Clock()
        self._publisher = node.create_publisher(Clock, _CLOCK, 10)
        self._period_s = 1.0 / rate_hz
        self._next_s = time.monotonic()

    def tick(self, now: BagTime) -> float:
        """Publishes where it is time; returns how long it is until the next time [s]."""
        if (left_s := self._next_s - time.monotonic()) > 0.0:
            return left_s
        stamp = self._message.clock
        stamp.sec, stamp.nanosec = divmod(now.now_ns(), _NS)
        self._publisher.publish(self._message)
        self._next_s = max(self._next_s + self._period_s, time.monotonic())
        return self._period_s


def _let_arrive(publishers) -> None:
    from rclpy.duration import Duration

    for publisher in publishers:
        publisher.wait_for_all_acked(Duration(seconds=_ARRIVE_S))
    time.sleep(0.1)  # for those that do not say that they have it


@contextlib.contextmanager
def _keys(wanted: bool):
    """Gives a function that returns the key that was pressed, or ''; without a terminal none ever is."""
    if not wanted:
        yield lambda: ''
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    print('Press SPACE for pausing and resuming.', flush=True)
    try:
        yield lambda: sys.stdin.read(1) if select.select([sys.stdin], [], [], 0.0)[0] else ''
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
