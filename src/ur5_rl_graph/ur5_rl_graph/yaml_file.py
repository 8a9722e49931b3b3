"""YAML files of people: parameter files, experiments, cost tables."""

import re
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Reads 1e-4 as a number, as ROS 2 does, to PyYAML it is a text; refuses a key that comes twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(problem=f'{key} stands there twice')
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    'tag:yaml.org,2002:float', re.compile(r'^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$'), list('-+0123456789')
)


def read_keys(path: Path, form: str) -> dict[Any, Any]:
    """Returns the keys of a file, each with its value.

    Args:
        path: of the file, UTF-8.
        form: what such a file holds, for the line of the error.

    Raises:
        ValueError: it is no YAML, empty, or holds no keys; one line with its path.
        OSError: it cannot be read.
    """
    return parse_keys(path, path.read_bytes(), form)


def parse_keys(name: Path | str, text: bytes, form: str) -> dict[Any, Any]:
    """Returns the keys in the text of a file of that name, as `read_keys` does."""
    try:
        content = yaml.load(text.decode(), _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f'{name} is no YAML ({" ".join(str(error).split())}); {form}') from None
    if content is None:
        raise ValueError(f'{name} is empty; {form}')
    if not isinstance(content, dict):
        raise ValueError(f'{name} holds a {type(content).__name__}, no keys; {form}')
    return content
