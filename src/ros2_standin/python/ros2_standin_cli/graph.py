"""A node for one command, what it waits for and calls, and how names are printed."""

import contextlib
import os
import sys
import time

from . import discovery
from .errors import CommandError

_POLL_S = 0.05
_LIMIT_S = 12.0


@contextlib.contextmanager
def command_node():
    """A hidden node that ends with the block; Ctrl-C and SIGTERM arrive as KeyboardInterrupt."""
    import rclpy
    from rclpy._rclpy_pybind11 import RCLError
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
    except RCLError as error:
        if rclpy.ok():
            raise
        raise KeyboardInterrupt from error  # SIGTERM shut the context down between two calls
    finally:
        with contextlib.suppress(RCLError):  # a signal has shut it down between its look and its call
            rclpy.try_shutdown()


def settle(node) -> int:
    """Wait until the graph is known.

    Returns:
        Exit code: 1 where it is not, which is said.
    """
    missing = discovery.settle(node)
    if missing:
        print(f'WARNING: {missing}: what is printed may be incomplete', file=sys.stderr, flush=True)
    return int(bool(missing))


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
