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

    def beat() -> None:
        faulthandler.dump_traceback_later(HUNG_S, exit=True, file=2)

    beat()
    every(node, HUNG_S / BEATS, beat)


def never_mind() -> None:
    """Ends the watch: from now on the process may take its time."""
    faulthandler.cancel_dump_traceback_later()
