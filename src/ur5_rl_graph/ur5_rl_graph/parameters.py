"""ROS parameters derived from configuration dataclasses (see `config.setting`)."""

import dataclasses
from typing import Any, ClassVar, Protocol, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

from ur5_rl_graph import config as config_module


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


Config = TypeVar('Config', bound=_Dataclass)


def declare(node: Node, config_type: type[Config]) -> Config:
    """Declares one parameter for each field of `config_type` and returns the configuration.

    A whole number that was given for a float is taken as one. What is empty by default, and not given, has
    the value that the configuration finds for it.

    Raises:
        ValueError: a value of a wrong type or outside its limits; the message names it and the remedy.
    """
    values, found = {}, []
    for field in dataclasses.fields(config_type):
        if field.default == () and not _given(node, field):
            found.append(field)
            continue
        if node.has_parameter(field.name):  # of another configuration of this node, such as the arm's model
            value = node.get_parameter(field.name).value
            values[field.name] = tuple(value) if isinstance(field.default, tuple) else value
            continue
        default = field.default
        if isinstance(default, tuple):
            default = list(default) or [0.0]  # which tells the type; the value that is given counts
        whole = _whole_numbers(node, field)
        try:
            value = node.declare_parameter(
                field.name,
                default if whole is None else whole,
                _descriptor(field),
                ignore_override=whole is not None,
            ).value
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            raise ValueError(_refusal(field, error)) from None
        values[field.name] = tuple(value) if isinstance(field.default, tuple) else value
    config = config_type(**values)
    for field in found:
        node.declare_parameter(field.name, list(getattr(config, field.name)), _descriptor(field))
    return config


def _given(node: Node, field: dataclasses.Field) -> bool:
    return node.has_parameter(field.name) or field.name in node._parameter_overrides


def _whole_numbers(node: Node, field: dataclasses.Field) -> float | list[float] | None:
    """Returns what the start of the process gives a float as a whole number, None where it does not."""
    given = node._parameter_overrides.get(field.name)  # rclpy offers no other way to it
    if given is None or config_module.element_of(field.default) is not float:
        return None
    if given.type_ is Parameter.Type.INTEGER:
        return float(given.value)
    return list(map(float, given.value)) if given.type_ is Parameter.Type.INTEGER_ARRAY else None


def on_change(node: Node, config_type: type, apply: Any) -> None:
    """Validates changes while the node runs and calls `apply({name: value})` after they are set."""
    fields = {field.name: field for field in dataclasses.fields(config_type)}

    def validate(parameters: list[Parameter]) -> SetParametersResult:
        for parameter in parameters:
            field = fields.get(parameter.name)
            try:
                if field is not None:
                    config_module.check_value(field, parameter.value)
            except ValueError as error:
                return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def applied(parameters: list[Parameter]) -> None:
        changed = {p.name: p.value for p in parameters if p.name in fields}
        if changed:
            apply(changed)

    node.add_on_set_parameters_callback(validate)
    node.add_post_set_parameters_callback(applied)


def _descriptor(field: dataclasses.Field) -> ParameterDescriptor:
    meta = field.metadata
    out = ParameterDescriptor(description=meta['description'], read_only=not meta['live'])
    if meta['choices'] is not None:
        out.additional_constraints = 'one of: ' + ', '.join(str(choice) for choice in meta['choices'])
    low, high = meta['low'], meta['high']
    if isinstance(field.default, bool) or low is None or high is None:
        return out
    if isinstance(field.default, float):
        out.floating_point_range = [FloatingPointRange(from_value=float(low), to_value=float(high))]
    elif isinstance(field.default, int):
        out.integer_range = [IntegerRange(from_value=int(low), to_value=int(high), step=1)]
    return out


def _refusal(field: dataclasses.Field, error: Exception) -> str:
    wanted = type(field.default).__name__
    low, high = field.metadata['low'], field.metadata['high']
    limits = f', {low} to {high}' if low is not None and high is not None else ''
    return f'parameter {field.name}: {error}; expected is {wanted}{limits} ({field.metadata["description"]})'
