"""Conditions that decide whether an action runs."""

from .condition import Condition
from .utilities import describe, perform_substitutions, to_bool

__all__ = [
    'IfCondition',
    'InvalidConditionExpressionError',
    'LaunchConfigurationEquals',
    'UnlessCondition',
]


class InvalidConditionExpressionError(ValueError):
    """A condition's text is no truth value."""


class IfCondition(Condition):
    """True where the text is true or 1."""

    def __init__(self, predicate_expression) -> None:
        self.expression = predicate_expression
        super().__init__(predicate=self._predicate)

    def _predicate(self, context) -> bool:
        text = perform_substitutions(context, self.expression)
        try:
            return to_bool(text)
        except ValueError as error:
            raise InvalidConditionExpressionError(
                f'condition {describe(self.expression)}: {error}'
            ) from error


class UnlessCondition(IfCondition):
    """True where the text is false or 0."""

    def _predicate(self, context) -> bool:
        return not super()._predicate(context)


class LaunchConfigurationEquals(Condition):
    """True where the launch configuration has this value (None: is not set)."""

    def __init__(self, launch_configuration_name: str, expected_value) -> None:
        self.name, self.expected = launch_configuration_name, expected_value
        super().__init__(predicate=self._predicate)

    def _predicate(self, context) -> bool:
        expected = None if self.expected is None else perform_substitutions(context, self.expected)
        context.known_arguments.add(self.name)
        return context.launch_configurations.get(self.name) == expected
