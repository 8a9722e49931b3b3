"""Counts that nodes tell of themselves, added up over their restarts."""

from ur5_rl_graph.whole_file import LARGEST


class AddedUp:
    """Counts that only grow, each told by one node, in messages that it numbers.

    A node that came back counts from 0 and numbers from 1. Its first count may be larger than the last one
    before: what was lost while it was away it counts at once.

    Attributes:
        totals: by name.
    """

    def __init__(self) -> None:
        """Begins with no counts."""
        self.totals: dict[str, int] = {}
        self._newest: dict[str, tuple[int, int]] = {}

    def take(self, name: str, count: int, number: int = 0) -> None:
        """Takes what a count has come to.

        Args:
            name: of the count.
            count: since its node started.
            number: of the message among those of its sender, from 1 on; 0 = not known.

        Raises:
            ValueError: no count can be that.
        """
        if not 0 <= count <= LARGEST:
            raise ValueError(f'the count of {name} is {count}; allowed is 0 to {LARGEST:.0e}')
        before, newest = self._newest.get(name, (0, 0))
        came_back = count < before or 0 < number < newest or (0 < number == newest and count > before)
        self.totals[name] = self.totals.get(name, 0) + count - (0 if came_back else before)
        self._newest[name] = count, number or newest
