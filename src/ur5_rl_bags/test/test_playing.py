"""When what a bag holds is published: by a clock that the test moves on."""

import math
from types import SimpleNamespace

import pytest

from ur5_rl_bags.bag_contents import BagError, Recorded, TopicInfo
from ur5_rl_bags.playing import NS, SLICE_S, BagTime, Playing, Ticks

LATCHED = [{'durability': 'transient_local'}]
BEGIN_NS = 1_700_000_000 * NS


class Clock:
    """Stands, but for who sleeps: and that takes `over_s` longer than was asked for."""

    def __init__(self, over_s=0.0):
        self.now_s, self.over_s = 50.0, over_s

    def __call__(self):
        return self.now_s

    def sleep(self, seconds):
        assert seconds <= SLICE_S
        self.now_s += seconds + self.over_s


class FakeBag:
    folder = 'the bag'

    def __init__(self, *messages):
        """Each message is a topic, its time [s] and its data; a topic in capitals is latched."""
        self._messages = [Recorded(name, BEGIN_NS + round(s * NS), 0, data) for name, s, data in messages]
        self.topics = {
            name: TopicInfo('', 1, LATCHED if name.isupper() else [{'durability': 'volatile'}])
            for name, *_ in messages
        }

    def messages(self, topics=None):
        return (message for message in self._messages if topics is None or message.topic in topics)


def played(bag, topics=None, clock=None, passes=1, **words):
    """Plays; returns data and time after the beginning [s] of each message, and what has played."""
    clock = clock or Clock()
    began_s, found = clock.now_s, []

    def publish(message):
        found.append((message.data, round(clock.now_s - began_s, 6)))

    names = list(bag.topics) if topics is None else topics
    playing = Playing(bag, names, publish, monotonic=clock, sleep=clock.sleep, **words)
    for _ in range(passes):
        assert playing.once() > 0
    return found, playing


def test_the_time_of_a_bag_goes_at_its_rate_and_stands_while_paused():
    clock = SimpleNamespace(now_s=50.0)
    now = BagTime(7 * NS, 2.0, lambda: clock.now_s)
    assert now.until_s(9 * NS) == 1.0 and now.now_ns() == 7 * NS
    clock.now_s += 0.5
    assert now.until_s(9 * NS) == 0.5 and now.now_ns() == 8 * NS
    now.toggle()
    clock.now_s += 100.0
    assert now.until_s(9 * NS) == math.inf and now.now_ns() == 8 * NS
    now.toggle()
    clock.now_s += 0.25
    assert now.until_s(9 * NS) == 0.25 and now.now_ns() == 8_500_000_000


@pytest.mark.parametrize('rate', [0.5, 1.0, 4.0])
def test_messages_come_in_the_distances_of_their_times(rate):
    bag = FakeBag(('/a', 0.0, b'1'), ('/b', 0.2, b'2'), ('/a', 1.0, b'3'))
    assert played(bag, rate=rate)[0] == [(b'1', 0.0), (b'2', 0.2 / rate), (b'3', 1.0 / rate)]


def test_who_sleeps_too_long_is_late_once_and_not_the_more_the_longer_it_plays():
    bag = FakeBag(*(('/a', 0.04 * number, number) for number in range(1000)))
    found, playing = played(bag, clock=Clock(over_s=0.003))
    late = [at - 0.04 * number for number, at in found]
    assert all(-1e-6 <= each <= 0.0031 for each in late)
    assert playing.late_s == pytest.approx(max(late), abs=1e-5) and playing.late_s > 0.0029


def test_only_the_topics_that_are_asked_for_are_played_in_the_time_of_the_whole_bag():
    bag = FakeBag(('/b', 0.0, b'0'), ('/a', 0.5, b'1'))
    assert played(bag, ['/a'])[0] == [(b'1', 0.5)]


def test_from_an_offset_on_latched_topics_say_first_what_they_had_said_last():
    bag = FakeBag(
        *(('/A', 0.0, b'old'), ('/B', 0.1, b'b'), ('/a', 0.2, b'gone'), ('/A', 0.3, b'new')),
        *(('/a', 1.0, b'1'), ('/A', 1.5, b'2')),
    )
    found, _ = played(bag, start_offset_s=0.9)
    assert sorted(found[:2]) == [(b'b', 0.0), (b'new', 0.0)]
    assert found[2:] == [(b'1', pytest.approx(0.1)), (b'2', pytest.approx(0.6))]
    assert played(bag)[0][0] == (b'old', 0.0) and len(played(bag)[0]) == 6  # nothing was said before


def test_again_is_the_same_again():
    bag = FakeBag(('/a', 0.0, b'1'), ('/a', 0.5, b'2'))
    found, _ = played(bag, passes=2)
    assert found == [(b'1', 0.0), (b'2', 0.5), (b'1', 0.5), (b'2', 1.0)]


def test_a_pause_moves_all_that_follows():
    bag = FakeBag(('/a', 0.0, b'1'), ('/a', 1.0, b'2'))
    clock = Clock()
    presses = {20: 'pause', 40: 'go on'}
    turns = iter(range(10_000))

    def turn(now):
        if next(turns) in presses:
            now.toggle()

    (_, (_, at)), _ = played(bag, clock=clock, turn=turn)
    assert at == pytest.approx(1.0 + 20 * SLICE_S)


def test_it_ends_where_it_is_told_to_even_if_it_is_behind():
    bag = FakeBag(*(('/a', 0.0, number) for number in range(100)))
    count = iter(range(100))

    class Ended(Exception):
        pass

    def turn(now):
        if next(count) == 3:
            raise Ended

    with pytest.raises(Ended):
        played(bag, turn=turn)


@pytest.mark.parametrize(
    ('topics', 'offset', 'sentence'),
    [
        (['/a'], 2.1, r'nothing to play: the bag holds no message of /a from 2\.1 s on'),
        ([], 0.0, 'holds no message of a topic that is known here from 0 s on'),
    ],
)
def test_what_would_play_nothing_is_refused(topics, offset, sentence):
    with pytest.raises(BagError, match=sentence):
        played(FakeBag(('/a', 0.0, b'1'), ('/a', 2.0, b'2')), topics, start_offset_s=offset)


def test_the_time_of_the_bag_is_told_in_steps_of_the_clock_between_messages_and_without_any():
    clock, told = Clock(), []
    bag = FakeBag(('/a', 0.0, b'1'), ('/a', 0.001, b'2'), ('/a', 1.0, b'3'))
    ticks = Ticks(40.0, lambda ns: told.append((ns - BEGIN_NS, clock.now_s - 50.0)), clock)
    played(bag, clock=clock, ticks=ticks, rate=2.0)
    assert len(told) == 21 and told[0] == (0, 0.0)
    for number, (bag_ns, at) in enumerate(told):
        assert at == pytest.approx(0.025 * number) and bag_ns == pytest.approx(2 * NS * at, abs=10)


def test_who_hears_a_bag_again_is_told_that_its_time_is_that_of_the_beginning_before_the_first_message():
    clock, heard = Clock(), []
    bag = FakeBag(('/a', 0.0, b'1'), ('/a', 0.11, b'2'))  # no multiple of the ticks
    ticks = Ticks(40.0, lambda ns: heard.append(ns - BEGIN_NS), clock)
    playing = Playing(
        bag, ['/a'], lambda m: heard.append(m.data), ticks=ticks, monotonic=clock, sleep=clock.sleep
    )
    playing.once()
    heard.clear()
    playing.once()
    assert heard[:2] == [0, b'1'] and heard[2] == pytest.approx(0.025 * NS, abs=10)


def test_the_told_time_goes_past_no_message_that_is_yet_to_come_however_late():
    heard, clock = [], Clock(over_s=0.07)
    bag = FakeBag(('/a', 0.0, 0), ('/a', 0.11, 110), ('/a', 0.2, 200))
    ticks = Ticks(40.0, lambda ns: heard.append(('time', (ns - BEGIN_NS) / 1e6)), clock)
    playing = Playing(
        bag,
        ['/a'],
        lambda m: heard.append(('message', m.data)),
        ticks=ticks,
        monotonic=clock,
        sleep=clock.sleep,
    )
    assert playing.once() == 3 and playing.late_s > 0.05
    assert [ms for _, ms in heard] == sorted(ms for _, ms in heard)
