"""The base of conditions."""


class Condition:
    """A predicate over the launch context."""

    def __init__(self, *, predicate) -> None:
        self._evaluate_predicate = predicate

    def evaluate(self, context) -> bool:
        """Whether the condition holds now."""
        return self._evaluate_predicate(context)
