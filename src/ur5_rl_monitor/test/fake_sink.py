"""A viewer that keeps what it is to show."""

from ur5_rl_monitor.sights import Line, Picture, Point, Sign


class FakeSink:
    """Every sight with its time."""

    def __init__(self):
        self.seen = []

    def show(self, time_ns, sight):
        self.seen.append((time_ns, sight))

    def of(self, kind):
        return [sight for _, sight in self.seen if isinstance(sight, kind)]

    @property
    def points(self):
        return {point.curve: point.value for point in self.of(Point)}

    @property
    def lines(self):
        return [tuple(line) for line in self.of(Line)]

    @property
    def pictures(self):
        return [picture.name for picture in self.of(Picture)]

    @property
    def signs(self):
        return self.of(Sign)
