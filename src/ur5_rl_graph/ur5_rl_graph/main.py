"""The one main(): starts nodes, spins them in one thread, ends them in good order."""

import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import rclpy
from rclpy._rclpy_pybind11 import RCLError
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node

from ur5_rl_graph.allocator import keep_freed_memory
from ur5_rl_graph.deaf import end_if_deaf
from ur5_rl_graph.hung import end_if_hung, never_mind
from ur5_rl_graph.priority import be_ordinary
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.teardown import bounded, ends_with
from ur5_rl_graph.whole_run import drop_pipes, end_with_launch, tell_over, tell_ready, use_folder
from ur5_rl_graph.writing import keep_printing


class _Interrupt:
    """What Python makes of SIGINT and SIGTERM, beside rclpy, which ends spin().

    While nodes are made it is a KeyboardInterrupt. In spin() it is nothing more: one in the middle of a
    callback, or of a destructor of rclpy's, would leave a traceback and half of the work done.
    """

    def __init__(self) -> None:
        self.raises = True

    def __call__(self, *_: object) -> None:
        if self.raises:
            self.raises = False  # a second signal finds it ending already
            raise KeyboardInterrupt


def run(*make_nodes: Callable[[], Node], ready: Callable[[], object] = lambda: None) -> int:
    """Runs nodes in one thread until they are told to stop. Returns the exit code of the process.

    `ready` is called when they are made, before they begin. A priority that it gives the process ends with
    their work (`be_ordinary`).

    A ValueError or OSError while a node is made (a parameter out of range, an unreachable device) ends
    the process with that one line and exit code 2. A node ends the process with SystemExit; with code 0 it
    says that the run is over, which a signal does not. However it ends, every node that was made is
    destroyed, the last first. A process that a launch started ends in this way, too, when that launch is
    gone. Where ROS 2 itself cannot begin, the exit code is 2, too.
    """
    interrupt = _Interrupt()
    for number in (signal.SIGINT, signal.SIGTERM):  # both: `entry.execute` has left others, which end at once
        signal.signal(number, interrupt)
    keep_printing()
    keep_freed_memory()
    try:
        rclpy.init()  # SIGINT and SIGTERM end spin(); the handlers from before are called, too
    except Exception as error:  # arguments, log folder, middleware: each has one of its own
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # it is the end already
        why = ' '.join(str(error).split())
        hint = 'look at ROS_DOMAIN_ID, ROS_LOG_DIR or HOME, RMW_IMPLEMENTATION and the arguments'
        print(f'error: ROS 2 cannot begin ({why}); {hint}', file=sys.stderr, flush=True)
        return 2
    with ExitStack() as ending:
        ending.callback(_shut_down)
        executor = SingleThreadedExecutor()
        code = _work(make_nodes, ready, executor, interrupt, ending)
        ends_with(code)
    return code


def _shut_down() -> None:
    with bounded(), suppress(RCLError):  # a signal has shut it down between its look and its call
        rclpy.try_shutdown()


def _work(
    make_nodes: tuple[Callable[[], Node], ...],
    ready: Callable[[], object],
    executor: SingleThreadedExecutor,
    interrupt: _Interrupt,
    ending: ExitStack,
) -> int:
    """Makes the nodes and spins them; `ending` gets what has to be done after that. Returns the exit code."""
    identity = ''
    try:
        for make_node in make_nodes:
            try:
                node = make_node()
            except (ValueError, OSError) as error:
                print(f'error: {error}', file=sys.stderr, flush=True)
                return 2
            ending.callback(node.destroy_node)
            executor.add_node(node)
            if node.has_parameter('run_folder') and (folder := node.get_parameter('run_folder').value):
                use_folder(Path(folder), node.get_name())
            if make_node is make_nodes[0]:
                identity = RunConfig.of(node).run_identity
                end_with_launch(identity)
        ending.callback(tell_ready(identity))
        ending.callback(never_mind)
        end_if_hung(node)
        end_if_deaf(node)
        interrupt.raises = False
        ready()
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except BrokenPipeError:  # a line that nobody reads any more: the launch has just gone
        drop_pipes()
        return 1
    except RCLError:
        if rclpy.ok():  # else a signal shut the context down between two calls
            raise
    except SystemExit as end:
        if end.code == 0:
            tell_over(identity)
        return end.code if isinstance(end.code, int) else 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        be_ordinary()
    return 0
