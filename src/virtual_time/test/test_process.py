"""The discrete-event clock and the processes on it."""

import pytest

from virtual_time.process import Process
from virtual_time.scheduler import EPOCH_NS, Scheduler


def run(scheduler, count):
    for _ in range(count):
        scheduler.step()


def drain(scheduler):
    with pytest.raises(RuntimeError, match='stands still'):
        while True:
            scheduler.step()


def test_actions_come_in_the_order_of_their_times_then_of_their_planning():
    scheduler, seen = Scheduler(), []
    for time, name in ((30, 'c'), (10, 'a'), (30, 'd'), (20, 'b')):
        scheduler.at(EPOCH_NS + time, lambda n=name: seen.append((n, scheduler.now_ns - EPOCH_NS)))
    run(scheduler, 4)
    assert seen == [('a', 10), ('b', 20), ('c', 30), ('d', 30)]


def test_what_is_planned_for_the_past_happens_now():
    scheduler, seen = Scheduler(), []
    scheduler.at(EPOCH_NS + 50, lambda: scheduler.at(EPOCH_NS, lambda: seen.append(scheduler.now_ns)))
    run(scheduler, 2)
    assert seen == [EPOCH_NS + 50]


def test_a_process_does_one_thing_after_the_other_and_two_processes_do_two_at_once():
    scheduler, seen = Scheduler(), []
    one, other = Process(scheduler), Process(scheduler)

    def job(process, name, seconds):
        def work():
            process.spend(seconds)
            process.send(lambda: seen.append((name, (scheduler.now_ns - EPOCH_NS) / 1e9)))

        process.post(work)

    job(one, 'a', 3.0)
    job(one, 'b', 2.0)
    job(other, 'c', 4.0)
    drain(scheduler)
    assert seen == [('a', 3.0), ('c', 4.0), ('b', 5.0)]


def test_what_is_sent_leaves_when_the_work_has_come_so_far():
    scheduler, seen = Scheduler(), []
    process = Process(scheduler)

    def work():
        process.send(lambda: seen.append(scheduler.now_ns - EPOCH_NS))
        assert process.spend(1e-6) == (EPOCH_NS, 1000)
        process.send(lambda: seen.append(scheduler.now_ns - EPOCH_NS))

    process.post(work)
    drain(scheduler)
    assert seen == [0, 1000]


def test_work_that_comes_while_a_process_is_idle_begins_at_once():
    scheduler, seen = Scheduler(), []
    process = Process(scheduler)
    process.post(lambda: process.spend(1.0))
    scheduler.at(EPOCH_NS + 5_000_000_000, lambda: process.post(lambda: seen.append(process.local_ns)))
    drain(scheduler)
    assert seen == [EPOCH_NS + 5_000_000_000]


def test_a_timer_is_served_in_turn_and_once_however_often_it_was_due_meanwhile():
    scheduler, seen = Scheduler(), []
    process = Process(scheduler)
    process.every(1.0, lambda: seen.append((process.local_ns - EPOCH_NS) / 1e9))
    scheduler.at(EPOCH_NS + 1_500_000_000, lambda: process.post(lambda: process.spend(2.7)))
    while scheduler.now_ns < EPOCH_NS + 6_500_000_000:
        scheduler.step()
    assert seen == [1.0, 4.2, 5.0, 6.0]
