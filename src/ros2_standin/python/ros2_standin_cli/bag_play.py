"""ros2 bag play: publishes what a bag holds, as it was on the wire; the space bar pauses."""

import contextlib
import select
import sys
import time

from ur5_rl_bags.player import let_arrive, publishers_of, ticks_of
from ur5_rl_bags.playing import BagTime, Playing
from ur5_rl_bags.reader import Bag

from . import graph
from .errors import CommandError, UsageError

_CLOCK = '/clock'
_OF_ALL = ('/parameter_events', '/rosout')  # every node publishes them
_NAMED = 4  # topics in a warning


def play(bag: Bag, args) -> None:
    """Publish what is in a bag.

    Args:
        bag: an open one.
        args: as `bag_command` reads them.

    Raises:
        BagError: there is nothing to play.
        CommandError: a topic that is not in it.
        UsageError: nobody is there who could press the space bar that is waited for.
    """
    keyboard = not args.disable_keyboard_controls and sys.stdin is not None and sys.stdin.isatty()
    if args.start_paused and not keyboard:
        raise UsageError('--start-paused waits for the space bar, and there is no keyboard: leave it out')
    if unknown := sorted(set(args.topics or ()) - bag.topics.keys()):
        raise CommandError(
            f'no topic {", ".join(unknown)} in {bag.folder}; there is {", ".join(sorted(bag.topics))}'
        )
    with graph.command_node() as node:
        graph.settle(node)
        _warn_of_others(node, args.topics or bag.topics)
        publishers = publishers_of(node, bag, [name for name in _wanted(bag, args) if _is_known(bag, name)])
        with _keys(keyboard) as pressed:
            playing = Playing(
                bag,
                publishers,
                lambda message: publishers[message.topic].publish(message.data),
                rate=args.rate,
                start_offset_s=args.start_offset,
                ticks=ticks_of(node, args.clock) if args.clock else None,
                turn=lambda now: _turn(now, pressed),
            )
            time.sleep(args.delay)
            playing.once(args.start_paused)
            while args.loop:
                time.sleep(args.delay)
                playing.once()
        let_arrive(publishers.values())


def _wanted(bag: Bag, args) -> list[str]:
    return [name for name in sorted(args.topics or bag.topics) if not (args.clock and name == _CLOCK)]


def _is_known(bag: Bag, name: str) -> bool:
    """Whether a type is known here, and is the one that was recorded."""
    if bag.type_of(name) is not None:
        return True
    kind = bag.topics[name].type
    print(f"WARNING: '{name}' is not played: {kind} is not known here", file=sys.stderr)
    return False


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


def _turn(now: BagTime, pressed) -> None:
    import rclpy

    if not rclpy.ok():
        raise KeyboardInterrupt
    if pressed() == ' ':
        now.toggle()
        print('Pausing play.' if now.paused else 'Resuming play.', flush=True)


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
