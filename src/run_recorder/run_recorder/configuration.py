"""The parameters of all nodes of a run, as configuration.yaml keeps them."""

from pathlib import Path

import yaml


def recall(path: Path) -> tuple[dict[str, dict], str]:
    """Returns what the file keeps, and one line where it is damaged; nothing is kept then.

    The nodes that work are asked for their parameters anew in any case.
    """
    if not path.exists():
        return {}, ''
    try:
        kept = yaml.safe_load(path.read_bytes().decode())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return {}, _line(path, ' '.join(str(error).split()))
    if not isinstance(kept, dict):
        return {}, _line(path, 'it names no nodes')
    return kept, ''


def _line(path: Path, why: str) -> str:
    return f'{path} is damaged ({why}): the nodes are asked for their parameters anew'
