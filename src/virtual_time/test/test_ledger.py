"""Where the time of a run goes, by a clock that is told what time it is."""

import pytest

from virtual_time.ledger import PARTS, REST, Ledger


class Watch:
    """A clock [s] that stands until work is done."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s

    def work(self, seconds):
        self.now_s += seconds


@pytest.fixture
def watch():
    return Watch()


def spent(ledger):
    return {part: seconds for part, seconds in ledger.seconds().items() if seconds}


def test_time_counts_for_what_is_being_done_and_else_for_the_rest(watch):
    ledger = Ledger(watch)
    watch.work(1)
    for seconds in (2, 4):
        with ledger.on('rendering'):
            watch.work(seconds)
        watch.work(8)
    with ledger.on('reward'):
        watch.work(16)
    assert spent(ledger) == {'rendering': 6, 'reward': 16, REST: 17}
    assert {part for part, calls in ledger.calls.items() if calls} == {'rendering', 'reward'}
    assert ledger.calls['rendering'] == 2 and ledger.calls['reward'] == 1
    assert list(ledger.seconds()) == [*PARTS, REST]


def test_a_part_within_another_counts_for_itself_alone(watch):
    ledger = Ledger(watch)
    with ledger.on('controller'):
        watch.work(1)
        with ledger.on('guard'):
            watch.work(2)
            with ledger.on('guard'):
                watch.work(4)
            watch.work(8)
        watch.work(16)
    watch.work(32)
    assert spent(ledger) == {'controller': 17, 'guard': 14, REST: 32}


def test_what_is_under_way_counts_until_now_and_once(watch):
    ledger = Ledger(watch)
    with ledger.on('updates'):
        watch.work(1)
        assert spent(ledger) == {'updates': 1}
        watch.work(2)
        assert spent(ledger) == {'updates': 3}
    assert spent(ledger) == {'updates': 3}


def test_a_part_that_fails_is_over(watch):
    ledger = Ledger(watch)
    with pytest.raises(ValueError, match='broken'), ledger.on('sampling'):
        watch.work(1)
        raise ValueError('broken')
    watch.work(2)
    assert spent(ledger) == {'sampling': 1, REST: 2}


def test_there_is_no_other_part(watch):
    with pytest.raises(KeyError):
        Ledger(watch).on('dreaming')
