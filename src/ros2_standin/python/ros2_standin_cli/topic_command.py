"""ros2 topic list, info, echo, hz; pub stands in a file of its own."""

import math
import time

from . import graph, publish_command
from .errors import CommandError
from .interfaces import load_interface, to_yaml
from .option_numbers import count

_TRUNCATE = 128


def add_parsers(commands) -> None:
    """Add `topic` with its verbs."""
    verbs = commands.add_parser('topic', help='look at topics').add_subparsers(metavar='verb', required=True)
    lister = verbs.add_parser('list', help='topics of the graph')
    lister.add_argument('-t', '--show-types', action='store_true')
    lister.set_defaults(main=list_topics)
    info = verbs.add_parser('info', help='type, publishers and subscriptions of a topic')
    info.add_argument('topic')
    info.add_argument('-v', '--verbose', action='store_true', help='each end point with its QoS')
    info.set_defaults(main=show_info)
    echo = verbs.add_parser('echo', help='print messages')
    echo.add_argument('topic')
    echo.add_argument('type', nargs='?', help='message type, default that of the publishers')
    echo.add_argument('--once', action='store_true', help='end after one message')
    echo.add_argument('--field', help='only this field; a dot goes into it')
    echo.add_argument(
        '-f', '--full-length', action='store_true', help=f'also arrays and texts of more than {_TRUNCATE}'
    )
    echo.set_defaults(main=echo_messages)
    rate = verbs.add_parser('hz', help='measure the rate of a topic')
    rate.add_argument('topic')
    rate.add_argument('-w', '--window', type=count, default=10000, help='messages to average over; 0 = all')
    rate.set_defaults(main=measure_rate)
    publish_command.add_parser(verbs)


def list_topics(args) -> int:
    """Print the topics."""
    with graph.command_node() as node:
        code = graph.settle(node)
        graph.print_names(node.get_topic_names_and_types(), args.show_types)
    return code


def show_info(args) -> int:
    """Print type and end points."""
    topic = graph.absolute(args.topic)
    with graph.command_node() as node:
        types = graph.wait_for(lambda: dict(node.get_topic_names_and_types()).get(topic), f"topic '{topic}'")
        code = graph.settle(node)
        print(f'Type: {types[0] if len(types) == 1 else types}')
        for title, end_points in (
            ('Publisher', node.get_publishers_info_by_topic(topic)),
            ('Subscription', node.get_subscriptions_info_by_topic(topic)),
        ):
            print(f'{title} count: {len(end_points)}')
            for end_point in end_points if args.verbose else ():
                print(f'\n{end_point}\n')
    return code


def echo_messages(args) -> None:
    """Print messages as YAML."""
    import rclpy

    limit = None if args.full_length else _TRUNCATE
    done = rclpy.Future()

    def show(message) -> None:
        if not done.done():
            print(to_yaml(_field(message, args.field), limit), end='---\n', flush=True)
            if args.once:
                done.set_result(None)

    with graph.command_node() as node:
        subscribe(node, args.topic, args.type, show, limit_s=10.0)
        rclpy.spin_until_future_complete(node, done)


def measure_rate(args) -> None:
    """Print, each second, the rate of the messages' arrival."""
    import rclpy

    rate = Rate(args.window)
    with graph.command_node() as node:
        subscribe(node, args.topic, None, rate.note, limit_s=math.inf, raw=True)
        node.create_timer(1.0, lambda: print(rate.text(), flush=True))
        rclpy.spin(node)


class Rate:
    """How often messages come."""

    def __init__(self, window: int, monotonic=time.monotonic) -> None:
        self._window, self._monotonic = window, monotonic
        self._periods_s, self._last_s, self._new = [], None, False

    def note(self, message) -> None:
        """One has come."""
        now_s = self._monotonic()
        if self._last_s is not None:
            self._periods_s.append(now_s - self._last_s)
            del self._periods_s[: -self._window]
            self._new = True
        self._last_s = now_s

    def text(self) -> str:
        """What is printed now."""
        if not self._new:
            return 'no new messages'
        self._new, periods_s = False, self._periods_s
        mean = sum(periods_s) / len(periods_s)
        deviation = math.sqrt(sum((period - mean) ** 2 for period in periods_s) / len(periods_s))
        return (
            f'average rate: {1 / mean:.3f}\n\tmin: {min(periods_s):.3f}s max: {max(periods_s):.3f}s '
            f'std dev: {deviation:.5f}s window: {len(periods_s)}'
        )


def subscribe(node, topic: str, type_name: str | None, callback, limit_s: float, raw: bool = False) -> None:
    """Subscribe with a QoS that all publishers can serve.

    Raises:
        CommandError: nobody publishes the topic within limit_s, or its type is not known here.
    """
    topic = graph.absolute(topic)
    publishers = graph.wait_for(
        lambda: node.get_publishers_info_by_topic(topic), f"publisher of '{topic}'", limit_s
    )
    message_class = load_interface(type_name or publishers[0].topic_type, 'msg')
    node.create_subscription(message_class, topic, callback, common_qos(publishers), raw=raw)


def common_qos(publishers):
    """Reliable and transient local where all of them offer it, else best effort and volatile."""
    from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

    offered = [publisher.qos_profile for publisher in publishers]
    reliable = all(qos.reliability == ReliabilityPolicy.RELIABLE for qos in offered)
    latched = all(qos.durability == DurabilityPolicy.TRANSIENT_LOCAL for qos in offered)
    return QoSProfile(
        depth=10,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def _field(message, path: str | None):
    for name in path.split('.') if path else ():
        if not hasattr(message, name):
            known = ', '.join(getattr(message, 'get_fields_and_field_types', dict)())
            raise CommandError(f"field '{path}': there is no '{name}' (there are: {known})")
        message = getattr(message, name)
    return message
