"""Conditions that decide whether an action runs."""

from .utilities import describe, perform_substitutions, to_bool

__all__ = ['IfCondition', 'UnlessCondition']


class IfCondition:
    """True where the text is true or 1."""

    def __init__(self, predicate_expression) -> None:
        self.expression = predicate_expression

    def evaluate(self, context) -> bool:
        """Whether the condition holds now.

        Raises:
            ValueError: the text is no truth value.
        """
        try:
            return to_bool(perform_substitutions(context, self.expression))
        except ValueError as error:
            raise ValueError(f'condition {describe(self.expression)}: {error}') from error


class UnlessCondition(IfCondition):
    """True where the text is false or 0."""

    def evaluate(self, context) -> bool:
        return not super().evaluate(context)
