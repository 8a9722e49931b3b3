"""When protective stops may be released."""

from ur5_rl_env.devices.protective_stops import ProtectiveStops


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_not_before_five_seconds():
    clock = Clock()
    stops = ProtectiveStops(clock)
    assert stops.refusal == ''
    stops.count(1)
    clock.now += 4.9
    assert stops.refusal == 'protective stop 4.9 s ago; it can be released 5 s after it'
    clock.now += 0.1
    assert stops.refusal == ''


def test_ten_within_600_s_are_the_end_nine_are_not():
    clock = Clock()
    stops = ProtectiveStops(clock)
    for _ in range(9):
        stops.count(1)
        clock.now += 66.0
    assert stops.refusal == ''
    stops.count(1)
    clock.now += 5.9  # the first was 599.9 s ago
    assert '10 protective stops within 600 s' in stops.refusal and stops.exhausted == stops.refusal
    clock.now += 0.1
    assert stops.refusal == ''
