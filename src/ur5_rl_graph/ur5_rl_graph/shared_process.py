"""Several nodes in one process and one thread: what one of them begins, no other interrupts.

    lib/ur5_rl_graph/process sac_learner/actor buffer_sampler/buffer_sampler ... --ros-args ...

Every node gets all parameters and takes those that it declares.
"""

import gc
import importlib
import sys

from rclpy.node import Node

from ur5_rl_graph.entry import refuse
from ur5_rl_graph.main import run


def node_class(name: str) -> type[Node]:
    """Returns the node class of `<package>/<node>`: the one that <package>.nodes.<node> defines.

    Raises:
        ValueError: there is none of this name.
    """
    package, _, node = name.partition('/')
    module = f'{package}.nodes.{node}'
    try:
        own = list(vars(importlib.import_module(module)).values())
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise  # the module is there, something that it needs is not
        own = []
    found = [kind for kind in own if isinstance(kind, type) and issubclass(kind, Node)]
    found = [kind for kind in found if kind.__module__ == module]
    if len(found) != 1:
        raise ValueError(f"there is no node '{name}'; name nodes as <package>/<node>: sac_learner/actor")
    return found[0]


def main() -> int:
    """Runs the nodes that the command line names, in this order."""
    arguments = sys.argv[1:]
    names = arguments[: arguments.index('--ros-args')] if '--ros-args' in arguments else arguments
    try:
        if not names:
            raise ValueError('no node is named; name nodes as <package>/<node>: sac_learner/actor')
        nodes = [node_class(name) for name in names]
    except (ValueError, OSError) as error:
        print(f'error: {error}', file=sys.stderr, flush=True)
        return 2
    except ImportError as error:
        return refuse(' or '.join(names), error)
    return run(*nodes, ready=gc.freeze)  # in Seq-SAC an action waits for it (`priority.wake_in_time`)
