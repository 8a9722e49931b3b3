"""The substitutions of launch files: text from arguments, environment and comparisons."""

import math

from .substitution import Substitution, SubstitutionFailure
from .utilities import describe, normalize_to_list_of_substitutions, perform_substitutions, to_bool

__all__ = [
    'EnvironmentVariable',
    'EqualsSubstitution',
    'LaunchConfiguration',
    'SubstitutionFailure',
    'TextSubstitution',
]


class TextSubstitution(Substitution):
    """Plain text."""

    def __init__(self, *, text: str) -> None:
        self.text = text

    def perform(self, context) -> str:
        return self.text

    def describe(self) -> str:
        return f"'{self.text}'"


class LaunchConfiguration(Substitution):
    """The value of a launch argument."""

    def __init__(self, variable_name, *, default=None) -> None:
        self.variable_name = normalize_to_list_of_substitutions(variable_name)
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


class EqualsSubstitution(Substitution):
    """'true' for equal truth values, equal numbers or equal texts."""

    def __init__(self, left, right) -> None:
        self.left, self.right = left, right

    def perform(self, context) -> str:
        left, right = perform_substitutions(context, self.left), perform_substitutions(context, self.right)
        return 'true' if _are_equal(left, right) else 'false'


def _are_equal(left: str, right: str) -> bool:
    for read, same in ((to_bool, lambda a, b: a == b), (float, math.isclose)):
        try:
            return same(read(left), read(right))
        except ValueError:
            continue
    return left == right
