"""The base of everything that becomes text when the launch runs."""


class Substitution:
    """Text that is only known once the launch runs."""

    def perform(self, context) -> str:
        """The text in this context."""
        raise NotImplementedError

    def describe(self) -> str:
        """How an argument listing names this substitution."""
        return type(self).__name__


class SubstitutionFailure(RuntimeError):
    """A substitution has no value here."""
