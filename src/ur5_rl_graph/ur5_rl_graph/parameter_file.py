"""Parameter files: those of people, checked against what the nodes declare, and those that runs are given."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ur5_rl_graph import declared
from ur5_rl_graph.config import typed
from ur5_rl_graph.parameter_text import text_of
from ur5_rl_graph.whole_file import write_text
from ur5_rl_graph.yaml_file import parse_keys

EVERY_NODE = '/**'
_FORM = (
    "a parameter file has the form '/**: {ros__parameters: {batch_size: 64}}', '/**' or the name of a node"
)


def read(path: Path, namespace: str | None = '/') -> dict[str, dict[str, Any]]:
    """Returns the parameters in a file, by the name of the node; '/**' stands for every node.

    Every value is of the type that its node declares; lists are tuples.

    Args:
        path: of the file.
        namespace: absolute, that nodes may have in a file that `write` has written; None = any.

    Raises:
        ValueError: it is no parameter file, names what no node declares, or a value does not fit.
        OSError: it cannot be read.
    """
    return parse(path, path.read_bytes(), namespace)


def parse(file: Path | str, text: bytes, namespace: str | None = '/') -> dict[str, dict[str, Any]]:
    """Returns the parameters in the text of a file of that name, as `read` does."""
    nodes: dict[str, dict[str, Any]] = {}
    for written, values in _load(file, text).items():
        node = _node(file, written, namespace)
        for name, value in values.items():
            try:
                nodes.setdefault(node, {})[name] = checked(node, name, value)
            except ValueError as error:
                raise ValueError(f'{file}: {error}') from None
    return nodes


def checked(node: str, name: str, value: Any) -> Any:
    """Returns a parameter's value, of the type that is declared.

    Args:
        node: '/' and its name; '/**' stands for every node that declares the parameter.
        name: of the parameter.
        value: as YAML gives it.

    Raises:
        ValueError: no such node declares it, or the value does not fit.
    """
    if node == EVERY_NODE:
        known: Mapping[str, object] = declared.every_field()
        whose = 'no node declares'
        fields = declared.every_field().get(name, ())
    else:
        own = declared.fields(node.strip('/'))
        known, whose = own, f'node {node.strip("/")} does not declare'
        fields = (own[name],) if name in own else ()
    if not fields:
        near = declared.nearest(str(name), known)
        raise ValueError(f"{whose} a parameter '{name}'; the nearest name is {near}")
    for field in fields:
        value = typed(field, value)
    return value


def write(path: Path, nodes: dict[str, dict[str, Any]], namespace: str = '/') -> None:
    """Writes what `dump` returns, behind a line by which `wrote` knows it."""
    write_text(path, f'{_first_line(path)}\n{dump(nodes, namespace)}')


def wrote(path: Path) -> bool:
    """Whether `write` has written what is there; a copy of such a file is somebody else's."""
    return path.is_file() and path.read_bytes().startswith(f'{_first_line(path)}\n'.encode())


def _first_line(path: Path) -> str:
    return f'# written to {ascii(str(path.resolve()))}'


def dump(nodes: dict[str, dict[str, Any]], namespace: str = '/') -> str:
    """Returns the text of a parameter file; whoever reads it, ROS 2 or PyYAML, finds exactly these values.

    Args:
        nodes: values by the name of the node.
        namespace: absolute, of the nodes.
    """
    lines = []
    for node, values in nodes.items():
        if values:
            full = node if node == EVERY_NODE else f'{namespace.rstrip("/")}{node}'
            lines += [f'{full}:', '  ros__parameters:']
            lines += [f'    {name}: {text_of(value)}' for name, value in values.items()]
    return '\n'.join(lines) + '\n'


def _load(file: Path | str, text: bytes) -> dict[str, dict[str, Any]]:
    nodes = {}
    for node, part in parse_keys(file, text, _FORM).items():
        values = part.get('ros__parameters') if isinstance(part, dict) and len(part) == 1 else None
        if not isinstance(values, dict):
            raise ValueError(
                f"{file}: '{node}' holds no ros__parameters with values, or more than them; {_FORM}"
            )
        nodes[node] = values
    return nodes


def _node(file: Path | str, written: object, namespace: str | None) -> str:
    """Returns '/' and the name of a node, for whatever a person writes for it."""
    if namespace is None:
        namespace = str(written).rpartition('/')[0]
    name = str(written).removeprefix(f'{namespace.rstrip("/")}/').removeprefix('**/').removeprefix('/')
    if name == '**':
        return EVERY_NODE
    if name not in declared.NODES:
        near = declared.nearest(name.rpartition('/')[2], declared.NODES)
        raise ValueError(
            f"{file}: there is no node '{written}'; the nearest name is {near}, '/**' stands for every node"
        )
    return f'/{name}'
