"""ros2 topic pub."""

import math
import time

from . import graph
from .interfaces import fill, load_interface, values_of
from .option_numbers import above_zero, count

_ARRIVE_S = (
    5.0  # that the last message gets; a subscription may know of its publisher later than the other way
)
_KEEP_ALIVE_S = 0.1  # for those that do not say that they have it


def add_parser(verbs) -> None:
    """Add `pub`."""
    publisher = verbs.add_parser('pub', help='publish a message, once or at a rate')
    publisher.add_argument('topic')
    publisher.add_argument('type', help='package/msg/Name')
    publisher.add_argument('values', nargs='?', default='{}', help="message as YAML, as '{data: 3.5}'")
    publisher.add_argument(
        '-r', '--rate', type=above_zero, default=1.0, metavar='N', help='messages a second'
    )
    many = publisher.add_mutually_exclusive_group()
    many.add_argument('-1', '--once', action='store_true', help='one message')
    many.add_argument('-t', '--times', type=count, default=0, metavar='N', help='so many; 0 = for ever')
    publisher.add_argument(
        '-w',
        '--wait-matching-subscriptions',
        type=count,
        metavar='N',
        help='begin with so many subscriptions, default 1 with --once and --times, else 0',
    )
    publisher.set_defaults(main=publish)


def publish(args) -> None:
    """Publish until the messages are sent, or for ever."""
    from rclpy.duration import Duration

    message_class = load_interface(args.type, 'msg')
    message = message_class()
    fill(message, values_of(args.values, 'message'))
    times = 1 if args.once else args.times or math.inf
    needed = args.wait_matching_subscriptions
    if needed is None:
        needed = int(times < math.inf)
    with graph.command_node() as node:
        publisher = node.create_publisher(message_class, graph.absolute(args.topic), _qos())
        if publisher.get_subscription_count() < needed:
            print(f'Waiting for at least {needed} matching subscription(s)...', flush=True)
            graph.wait_for(lambda: publisher.get_subscription_count() >= needed, '', math.inf)
        print('publisher: beginning loop', flush=True)
        sent, began = 0, time.monotonic()
        while sent < times:
            time.sleep(max(0.0, began + sent / args.rate - time.monotonic()))
            publisher.publish(message)
            sent += 1
            print(f'publishing #{sent}: {message!r}\n', flush=True)
        publisher.wait_for_all_acked(Duration(seconds=_ARRIVE_S))
        time.sleep(_KEEP_ALIVE_S)


def _qos():
    """What every subscription can take, and one that comes a little later, too."""
    from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

    return QoSProfile(
        depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
    )
