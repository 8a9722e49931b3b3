"""A node for one command, and waiting for what discovery brings (there is no daemon that knows already)."""

import contextlib
import os
import time

from .errors import CommandError

_POLL_S = 0.05
_QUIET_S = 0.5  # the graph counts as known once it has not changed for so long
_ALONE_S = 4.0  # and as empty after so long: a first announcement that is missed is repeated after 3 s
_LIMIT_S = 8.0


@contextlib.contextmanager
def command_node():
    """A hidden node that ends with the block; Ctrl-C arrives as KeyboardInterrupt."""
    import rclpy
    from rclpy.executors import ExternalShutdownException

    rclpy.init(args=[])
    try:
        yield rclpy.create_node(
            f'_ros2_{os.getpid()}',
            start_parameter_services=False,
            enable_rosout=False,
            use_global_arguments=False,
        )
    except ExternalShutdownException as error:
        raise KeyboardInterrupt from error
    finally:
        rclpy.try_shutdown()


def settle(node) -> None:
    """Wait until discovery brings nothing new."""
    start = changed = time.monotonic()
    known, needed_s = None, _ALONE_S
    while (now := time.monotonic()) - changed < needed_s and now - start < _LIMIT_S:
        nodes = node.get_node_names_and_namespaces()
        seen = (
            sorted(nodes),
            sorted(node.get_topic_names_and_types()),
            sorted(node.get_service_names_and_types()),
        )
        if seen != known:
            known, changed = seen, now
            alone = all(is_hidden(name) for name, _ in nodes)  # commands like this one are no graph
            needed_s = _ALONE_S if alone else _QUIET_S
        time.sleep(_POLL_S)


def wait_for(find, what: str, limit_s: float = _LIMIT_S):
    """Poll find() until it gives something.

    Args:
        find: function without arguments.
        what: what is looked for, for the message.
        limit_s: time to wait; math.inf waits for ever.

    Raises:
        CommandError: nothing in that time.
    """
    end = time.monotonic() + limit_s
    while not (found := find()):
        if time.monotonic() > end:
            raise CommandError(
                f'{what} not found within {limit_s:g} s; is it running '
                f'(ROS_DOMAIN_ID={os.environ.get("ROS_DOMAIN_ID", "0")})?'
            )
        time.sleep(_POLL_S)
    return found


def call(node, client, request, what: str, limit_s: float | None = 10.0):
    """The response of a service; a limit of None waits for ever.

    Raises:
        CommandError: no response in that time.
    """
    import rclpy

    future = client.call_async(request)
    rclpy.spin_until_future_complete(node, future, timeout_sec=limit_s)
    if not future.done():
        raise CommandError(f'{what} has not answered within {limit_s:g} s')
    return future.result()


def absolute(name: str) -> str:
    """The name with its leading slash."""
    return name if name.startswith('/') else f'/{name}'


def is_hidden(name: str) -> bool:
    """Whether a part of the name begins with an underscore."""
    return any(part.startswith('_') for part in name.split('/'))


def print_names(names_and_types, show_types: bool) -> None:
    """One visible name a line, with its types if asked for."""
    for name, types in sorted(names_and_types):
        if not is_hidden(name):
            print(f'{name} [{", ".join(types)}]' if show_types else name)
