"""The one main(): starts a node, spins it in one thread, ends it in good order."""

import signal
import sys
from collections.abc import Callable

import rclpy
from rclpy._rclpy_pybind11 import RCLError
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node


def run(make_node: Callable[[], Node]) -> int:
    """Runs a node until it is told to stop. Returns the exit code of the process.

    A ValueError or OSError while the node is made (a parameter out of range, an unreachable device) ends
    the process with that one line and exit code 2. A node ends itself with SystemExit.
    """
    rclpy.init()  # SIGINT and SIGTERM end spin()
    node = None
    code = 0
    try:
        node = make_node()
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except RCLError:
        if rclpy.ok():  # else a signal shut the context down between two calls
            raise
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except (ValueError, OSError) as error:
        if node is not None:
            raise
        print(f'error: {error}', file=sys.stderr, flush=True)
        code = 2
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
    return code
