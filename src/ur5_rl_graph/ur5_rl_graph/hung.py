"""A process that hangs is ended, and its launch starts it again."""

import faulthandler

from rclpy.node import Node

from ur5_rl_graph.steady import every

HUNG_S = 60.0
"""An executor that calls nobody back for longer hangs: an update or a slow disk takes seconds [s]."""
BEATS = 12
"""So often in that time the executor shows that it goes on."""


def end_if_hung(node: Node) -> None:
    """Ends the process with exit code 1 and the stacks of its threads where the executor of `node` hangs.

    Fast DDS keeps locks in the shared memory of processes. One that is killed while it holds such a lock
    leaves whoever publishes to it hanging for ever, and with Python's interpreter lock: no thread of ours
    could end the process. That of faulthandler needs no interpreter.
    """
    goes_on(HUNG_S)
    every(node, HUNG_S / BEATS, lambda: goes_on(HUNG_S))


def goes_on(limit_s: float) -> None:
    """Says that the process works: where it does not say so again within the limit [s], it is ended."""
    faulthandler.dump_traceback_later(limit_s, exit=True, file=2)


def never_mind() -> None:
    """Ends the watch: from now on the process may take its time."""
    faulthandler.cancel_dump_traceback_later()
