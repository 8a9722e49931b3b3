"""The substitutions of launch files: text from arguments, environment, paths and conditions."""

import importlib
import math
import os

from .substitution import Substitution, SubstitutionFailure
from .utilities import (
    describe,
    is_substitution,
    normalize_to_list_of_substitutions,
    perform_substitutions,
    to_bool,
)

__all__ = [
    'AndSubstitution',
    'EnvironmentVariable',
    'EqualsSubstitution',
    'IfElseSubstitution',
    'LaunchConfiguration',
    'NotEqualsSubstitution',
    'NotSubstitution',
    'OrSubstitution',
    'PathJoinSubstitution',
    'PythonExpression',
    'SubstitutionFailure',
    'TextSubstitution',
    'ThisLaunchFile',
    'ThisLaunchFileDir',
]


class TextSubstitution(Substitution):
    """Plain text."""

    def __init__(self, *, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f'TextSubstitution: text must be str, got {type(text).__name__} {text!r}')
        self.text = text

    def perform(self, context) -> str:
        return self.text

    def describe(self) -> str:
        return f"'{self.text}'"


class LaunchConfiguration(Substitution):
    """The value of a launch argument."""

    def __init__(self, variable_name, *, default=None) -> None:
        self.variable_name = normalize_to_list_of_substitutions(variable_name)
        if default is not None and not is_substitution(default):
            default = str(default)
        self.default = default

    def perform(self, context) -> str:
        name = perform_substitutions(context, self.variable_name)
        context.known_arguments.add(name)
        if name in context.launch_configurations:
            return context.launch_configurations[name]
        if self.default is None:
            raise SubstitutionFailure(f"launch configuration '{name}' does not exist")
        return perform_substitutions(context, self.default)

    def describe(self) -> str:
        return f'LaunchConfig({describe(self.variable_name)})'


class EnvironmentVariable(Substitution):
    """The value of an environment variable."""

    def __init__(self, name, *, default_value=None) -> None:
        self.name, self.default_value = name, default_value

    def perform(self, context) -> str:
        name = perform_substitutions(context, self.name)
        if name in context.environment:
            return context.environment[name]
        if self.default_value is None:
            raise SubstitutionFailure(f"environment variable '{name}' does not exist")
        return perform_substitutions(context, self.default_value)

    def describe(self) -> str:
        return f'EnvVar({describe(self.name)})'


class PathJoinSubstitution(Substitution):
    """Path components joined; each may be a list of substitutions."""

    def __init__(self, substitutions) -> None:
        self.substitutions = list(substitutions)

    def perform(self, context) -> str:
        return os.path.join(*(perform_substitutions(context, part) for part in self.substitutions))

    def describe(self) -> str:
        return f'PathJoin({", ".join(describe(part) for part in self.substitutions)})'


class PythonExpression(Substitution):
    """The text of an evaluated Python expression; `math` is there without naming it."""

    def __init__(self, expression, python_modules=('math',)) -> None:
        self.expression, self.python_modules = expression, python_modules

    def perform(self, context) -> str:
        modules = normalize_to_list_of_substitutions(self.python_modules)
        names = {part.perform(context): None for part in modules}
        scope = {name: importlib.import_module(name) for name in names}
        if 'math' in scope:
            scope = {**vars(math), **scope}
        return str(eval(perform_substitutions(context, self.expression), {}, scope))

    def describe(self) -> str:
        return f'PythonExpr({describe(self.expression)})'


class ThisLaunchFileDir(Substitution):
    """The folder of the launch file being run."""

    def perform(self, context) -> str:
        return os.path.dirname(ThisLaunchFile().perform(context))


class ThisLaunchFile(Substitution):
    """The path of the launch file being run."""

    def perform(self, context) -> str:
        if context.launch_file is None:
            raise SubstitutionFailure(f'{type(self).__name__} used outside of a launch file')
        return context.launch_file


class NotSubstitution(Substitution):
    """'true' for a false value and 'false' for a true one."""

    def __init__(self, value) -> None:
        self.value = value

    def perform(self, context) -> str:
        return _word(not to_bool(perform_substitutions(context, self.value)))


class _Binary(Substitution):
    """Two texts compared or combined."""

    def __init__(self, left, right) -> None:
        self.left, self.right = _plain(left), _plain(right)

    def perform(self, context) -> str:
        left, right = perform_substitutions(context, self.left), perform_substitutions(context, self.right)
        return _word(self.combine(left, right))


class AndSubstitution(_Binary):
    """'true' where both are true."""

    def combine(self, left: str, right: str) -> bool:
        return to_bool(left) and to_bool(right)


class OrSubstitution(_Binary):
    """'true' where one is true."""

    def combine(self, left: str, right: str) -> bool:
        return to_bool(left) or to_bool(right)


class EqualsSubstitution(_Binary):
    """'true' for equal truth values, equal numbers or equal texts."""

    def combine(self, left: str, right: str) -> bool:
        for read, same in ((to_bool, lambda a, b: a == b), (float, math.isclose)):
            try:
                return same(read(left), read(right))
            except ValueError:
                continue
        return left == right


class NotEqualsSubstitution(EqualsSubstitution):
    """The contrary of EqualsSubstitution."""

    def combine(self, left: str, right: str) -> bool:
        return not super().combine(left, right)


class IfElseSubstitution(Substitution):
    """One text or another."""

    def __init__(self, condition, if_value='', else_value='') -> None:
        self.condition, self.if_value, self.else_value = condition, if_value, else_value

    def perform(self, context) -> str:
        chosen = to_bool(perform_substitutions(context, self.condition))
        return perform_substitutions(context, self.if_value if chosen else self.else_value)


def _word(value: bool) -> str:
    return 'true' if value else 'false'


def _plain(value):
    if is_substitution(value):
        return value
    if isinstance(value, bool):
        return _word(value)
    return '' if value is None else str(value)
