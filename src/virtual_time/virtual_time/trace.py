"""What was done when, as the nodes of the real graph note it."""

from run_recorder.recording import Recording
from ur5_rl_graph.spans import Span


class Trace:
    """Collects spans and hands them to the recording in portions."""

    def __init__(self, recording: Recording) -> None:
        """Starts empty."""
        self._recording = recording
        self._spans: dict[str, list[Span]] = {}

    def add(self, component: str, name: str, start_ns: int, duration_ns: int) -> None:
        """Notes that `component` did `name` from `start_ns` on for `duration_ns`."""
        self._spans.setdefault(component, []).append(Span(name, start_ns, duration_ns))

    def flush(self) -> None:
        """Writes what has been collected."""
        for component, spans in self._spans.items():
            self._recording.spans(component, spans)
        self._spans.clear()
