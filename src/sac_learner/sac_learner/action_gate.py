"""Which actions have to wait for the updates of the steps before them."""

from ur5_rl_graph.data import ANY_STEP


class ActionGate:
    """The actor's side of exactly so many updates per step.

    The sampler announces the environment step whose transition it has and whose updates are done. An action
    waits for the last transition that was sent, for nothing else: an actor without a past waits for nothing,
    and what was lost on its way holds up one episode at most (`give_up`).
    """

    def __init__(self) -> None:
        """Starts open: nobody has said that actions wait."""
        self._done = ANY_STEP
        self._sent: int | None = None

    @property
    def guarded(self) -> bool:
        """Whether actions wait at all; if not, an action goes before its transition."""
        return self._done != ANY_STEP

    @property
    def open(self) -> bool:
        """Whether an action may go now."""
        return not self.guarded or self._sent is None

    def sent(self, total_steps: int) -> None:
        """The transition up to the environment step `total_steps` is on its way to the sampler."""
        self._sent = total_steps

    def announced(self, done: int) -> None:
        """The updates up to the environment step `done` are done; ANY_STEP opens for every step."""
        self._done = done
        if done == self._sent:  # not at least: a restarted environment counts some steps again
            self._sent = None

    def give_up(self) -> None:
        """The episode ended without the action that waited: the next one waits for newer transitions."""
        self._sent = None
