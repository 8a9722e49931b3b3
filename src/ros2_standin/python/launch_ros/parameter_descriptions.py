"""Parameters of nodes: from what launch files write to typed values and YAML files."""

import os

import yaml
from launch.utilities import (
    coerce_to_type,
    is_substitution,
    normalize_to_list_of_substitutions,
    perform_substitutions,
)

__all__ = ['ParameterValue']


class ParameterValue:
    """A value with an enforced type (bool, int, float, str or list[...] of one)."""

    def __init__(self, value, *, value_type=None) -> None:
        self.value, self.value_type = value, value_type

    def evaluate(self, context):
        """The typed value."""
        if not is_substitution(self.value) and not isinstance(self.value, str):
            if self.value_type in (bool, int, float, str) and type(self.value) is not self.value_type:
                raise ValueError(f'parameter value {self.value!r} is not {self.value_type.__name__}')
            return self.value
        text = perform_substitutions(context, self.value)
        if self.value_type is None and not is_substitution(self.value):
            return text
        return coerce_to_type(text, self.value_type)


def evaluate_path(context, parameter_file) -> str:
    """The absolute path of a YAML file of parameters.

    Raises:
        FileNotFoundError: no such file.
    """
    path = os.path.abspath(perform_substitutions(context, parameter_file))
    if not os.path.isfile(path):
        raise FileNotFoundError(f'parameter file {path} does not exist')
    return path


def evaluate_dictionary(context, parameters: dict, prefix: str = '') -> dict:
    """Names with typed values; nested dictionaries become dotted names.

    A substitution's text is read by YAML rules ('0.04' is a float), a plain str stays one.
    """
    values = {}
    for name, value in parameters.items():
        name = prefix + perform_substitutions(context, name)
        if isinstance(value, dict):
            values.update(evaluate_dictionary(context, value, f'{name}.'))
            continue
        try:
            values[name] = _evaluate(context, value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"parameter '{name}': {error}") from error
    return values


def _evaluate(context, value):
    if isinstance(value, ParameterValue):
        return value.evaluate(context)
    if isinstance(value, (bool, int, float, str)):
        return value
    if is_substitution(value) and not (
        isinstance(value, (list, tuple)) and all(_is_list(item) for item in value)
    ):
        return coerce_to_type(perform_substitutions(context, normalize_to_list_of_substitutions(value)))
    if _is_list(value) and value:
        items = [_evaluate_item(context, item) for item in value]
        return _uniform(items, mixed_numbers=not any(_is_list(item) for item in value))
    raise TypeError(f'expected bool, int, float, str, substitutions or a non-empty list, got {value!r}')


def _evaluate_item(context, item):
    return (
        coerce_to_type(perform_substitutions(context, item)) if _is_list(item) else _evaluate(context, item)
    )


def _is_list(value) -> bool:
    return isinstance(value, (list, tuple))


def _uniform(items: list, mixed_numbers: bool) -> list:
    types = {type(item) for item in items}
    if types == {int, float} and mixed_numbers:
        return [float(item) for item in items]
    if len(types) != 1:
        raise ValueError(f'the items of {items!r} are not of one type')
    return items


def write_parameter_file(path: str, node: str, values: dict) -> None:
    """Write values for a node (its full name, or '/**' for any) as rcl reads them."""
    with open(path, 'w', encoding='utf-8') as file:
        yaml.safe_dump({node: {'ros__parameters': values}}, file, default_flow_style=None)
