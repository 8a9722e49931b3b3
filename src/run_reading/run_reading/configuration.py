"""The parameters of all nodes of a run, as configuration.yaml keeps them."""

from pathlib import Path
from typing import Any

import yaml

from ur5_rl_graph import parameter_file


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
