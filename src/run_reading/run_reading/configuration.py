"""The parameters of all nodes of a run, as configuration.yaml keeps them."""

from pathlib import Path
from typing import Any

import yaml

from ur5_rl_graph import parameter_file
from ur5_rl_graph.declared import GIVEN

DECIDING = (
    *('environment', 'arm_driver', 'robot_cell', 'target_monitor'),
    *('actor', 'learner', 'buffer_sampler'),
)
"""Nodes whose parameters decide what a run comes to."""
OF_EACH_RUN = GIVEN.keys() - {'simulator'}
"""Parameters that runs of one kind have differently: seed, folder, addresses."""


def recall(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """Returns the parameters that the file keeps by the name of the node; of a damaged one {} and a line."""
    if not path.exists():
        return {}, ''
    try:
        nodes = yaml.safe_load(path.read_bytes().decode())
        kept = {node: dict(part['ros__parameters']) for node, part in nodes.items()}
        parameter_file.dump(kept)  # it will be written again
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        why = ' '.join(str(error).split())
        return {}, f'{path} is damaged ({why})'
    return kept, ''


def deciding(nodes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Returns the parameters of the nodes of `DECIDING` that are known, without what is each run's own.

    Args:
        nodes: as of `recall`: what each node said that it has, or what a virtual run was given.
    """
    by_name = {node.rpartition('/')[2]: values for node, values in nodes.items()}
    everywhere = by_name.get('**')
    if everywhere is not None:
        by_name = {node: everywhere | by_name.get(node, {}) for node in DECIDING}
    return {
        node: {name: value for name, value in by_name[node].items() if name not in OF_EACH_RUN}
        for node in DECIDING
        if node in by_name
    }
