"""ros2 bag record, play, info. Reading and writing of bags is the package ur5_rl_bags'."""

import math
import time
from pathlib import Path

from .errors import CommandError, UsageError
from .option_numbers import above_zero, count, not_below_zero


def add_parsers(commands) -> None:
    """Add `bag` with its verbs."""
    verbs = commands.add_parser('bag', help='record and play bags').add_subparsers(
        metavar='verb', required=True
    )
    record = verbs.add_parser('record', help='record topics until Ctrl-C')
    named = record.add_mutually_exclusive_group()
    named.add_argument(
        'topics_positional', nargs='*', default=[], metavar='topic', help='the same as --topics'
    )
    named.add_argument('--topics', nargs='+', default=[], metavar='topic', help='topics to record')
    record.add_argument('-a', '--all', action='store_true', help='all topics, but for hidden ones')
    record.add_argument('-o', '--output', help='folder of the bag, default rosbag2_<time>')
    record.add_argument('-s', '--storage', choices=['mcap'], default='mcap', help='the only one here is mcap')
    record.add_argument(
        '-b', '--max-bag-size', type=count, default=0, metavar='BYTES', help='split there; 0 = never'
    )
    record.set_defaults(main=record_bag)
    play = verbs.add_parser('play', help='publish what a bag holds, at its times')
    play.add_argument('bag_path')
    play.add_argument('-s', '--storage', choices=['mcap', 'sqlite3'], help='found by itself')
    play.add_argument('-r', '--rate', type=above_zero, default=1.0, help='so many times as fast')
    play.add_argument('--topics', nargs='+', metavar='topic', help='only these')
    play.add_argument('-l', '--loop', action='store_true', help='again and again')
    play.add_argument(
        '--start-offset', type=not_below_zero, default=0.0, metavar='S', help='skip so much [s]'
    )
    play.add_argument('-d', '--delay', type=not_below_zero, default=0.0, metavar='S', help='wait before [s]')
    play.add_argument('-p', '--start-paused', action='store_true', help='wait for the space bar')
    play.add_argument('--disable-keyboard-controls', action='store_true', help='the space bar does not pause')
    play.add_argument(
        *('--clock',),
        type=above_zero,
        nargs='?',
        const=40.0,
        default=0.0,
        metavar='HZ',
        help="publish the bag's time on /clock, default 40 a second",
    )
    play.set_defaults(main=play_bag)
    info = verbs.add_parser('info', help='what is in a bag')
    info.add_argument('bag_path')
    info.add_argument('-s', '--storage', choices=['mcap', 'sqlite3'], help='found by itself')
    info.add_argument('-t', '--topic-name', action='store_true', help='names of the topics only')
    info.set_defaults(main=show_info)


def record_bag(args) -> int:
    """Record until Ctrl-C."""
    _check_package()
    from . import bag_record

    topics = args.topics or args.topics_positional
    if not topics and not args.all:
        raise UsageError('name the topics to record, or give -a for all')
    folder = Path(args.output or time.strftime('rosbag2_%Y_%m_%d-%H_%M_%S')).absolute()
    if folder.exists():
        raise CommandError(f"output folder '{folder}' already exists")
    return bag_record.record(folder, None if args.all else topics, args.max_bag_size or math.inf)


def play_bag(args) -> int:
    """Play to the end, or for ever."""
    _check_package()
    from ur5_rl_bags.reader import Bag, BagError

    from . import bag_play

    try:
        with Bag(args.bag_path) as bag:
            bag_play.play(bag, args)
    except BagError as error:
        raise CommandError(str(error)) from error
    return 0


def show_info(args) -> int:
    """Print what the metadata say; without them, what the files hold."""
    _check_package()
    from ur5_rl_bags.info import described
    from ur5_rl_bags.reader import BagError

    try:
        print(described(Path(args.bag_path), args.topic_name))
    except BagError as error:
        raise CommandError(str(error)) from error
    return 0


def _check_package() -> None:
    try:
        import ur5_rl_bags.reader  # noqa: F401
    except ImportError as error:
        why = ' '.join(str(error).split())
        raise CommandError(f'needs the package ur5_rl_bags ({why}): ./ur5rl setup') from error
