"""Counts that nodes tell of themselves, added up over their restarts."""

from ur5_rl_graph.whole_file import LARGEST


class AddedUp:
    """Counts that only grow. One that is smaller than before began anew with its node.

    Attributes:
        totals: by name.
    """

    def __init__(self) -> None:
        """Begins with no counts."""
        self.totals: dict[str, int] = {}
        self._newest: dict[str, int] = {}

    def take(self, name: str, count: int) -> None:
        """Takes what a count has come to.

        Raises:
            ValueError: no count can be that.
        """
        if not 0 <= count <= LARGEST:
            raise ValueError(f'the count of {name} is {count}; allowed is 0 to {LARGEST:.0e}')
        before = self._newest.get(name, 0)
        self.totals[name] = self.totals.get(name, 0) + count - (before if count >= before else 0)
        self._newest[name] = count
