"""Priorities and cores: what is asked of the kernel, and what happens where it refuses."""

import ctypes
import errno
import gc
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from ur5_rl_graph import priority
from ur5_rl_graph.priority import Priority, as_ordinary, be_ordinary, giving_way, wake_in_time


class Lock:
    """Knows whether one of the threads holds it."""

    def __init__(self):
        self.held, self._lock = 0, threading.RLock()

    def __enter__(self):
        self._lock.acquire()
        self.held += 1

    def __exit__(self, *_):
        self.held -= 1
        self._lock.release()


class Kernel:
    """What the process has, as the calls of `os` leave it; they are for its own threads, one at a time."""

    def __init__(self, monkeypatch, cores=range(4), permits=('real-time', 'nice'), highest=99):
        self.scheduler, self.priority, self.cores, self.niceness = os.SCHED_OTHER, 0, set(cores), 0
        self.locked, self._permits, self._highest, self._lock = False, permits, highest, Lock()
        self.frozen = 0
        monkeypatch.setattr(gc, 'freeze', lambda: setattr(self, 'frozen', self.frozen + 1))
        monkeypatch.setattr(priority, '_changing', self._lock)
        monkeypatch.setattr(priority, '_given_cores', set())
        monkeypatch.setattr(priority, '_keep_in_memory', lambda: setattr(self, 'locked', True))
        for name in ('setscheduler', 'setparam', 'setaffinity', 'getscheduler', 'getparam', 'getaffinity'):
            monkeypatch.setattr(os, f'sched_{name}', getattr(self, name))
        monkeypatch.setattr(os, 'setpriority', self.setpriority)

    def setscheduler(self, thread, scheduler, param):
        self._change(thread)
        if 'real-time' not in self._permits:
            raise PermissionError
        if param.sched_priority > self._highest:  # RLIMIT_RTPRIO
            raise PermissionError
        if (scheduler == os.SCHED_OTHER) != (param.sched_priority == 0):
            raise OSError(errno.EINVAL, 'an ordinary thread has no such priority, and no other has none')
        self.scheduler, self.priority = scheduler, param.sched_priority

    def setparam(self, thread, param):
        _own(thread)
        self.priority = param.sched_priority

    def setaffinity(self, thread, cores):
        self._change(thread)
        self.cores = set(cores)

    def setpriority(self, which, thread, niceness):
        self._change(thread)
        if 'nice' not in self._permits or which != os.PRIO_PROCESS:
            raise PermissionError
        self.niceness = niceness

    def getscheduler(self, thread):
        return _own(thread) and self.scheduler

    def getparam(self, thread):
        return _own(thread) and os.sched_param(self.priority)

    def getaffinity(self, thread):
        return _own(thread) and set(self.cores)

    def _change(self, thread):
        _own(thread)
        assert self._lock.held, 'another thread may undo it'


def _own(thread):
    if thread and str(thread) not in os.listdir('/proc/self/task'):
        assert not Path(f'/proc/{thread}').exists(), 'no thread of ours'
        raise ProcessLookupError  # it has just ended
    return True


def test_the_servo_waits_for_no_one_but_the_robot_and_nobody_for_pictures():
    own = [Priority.PICTURES, Priority.CONTROL, Priority.CYCLE]
    assert list(Priority) == [*own, Priority.SERVO, Priority.ROBOT]
    assert sorted(Priority) == list(Priority)
    assert min(Priority) == os.sched_get_priority_min(os.SCHED_RR)


def test_a_real_time_process_keeps_to_the_first_half_of_the_cores(monkeypatch):
    kernel = Kernel(monkeypatch)
    assert wake_in_time(Priority.CYCLE) == 'real-time'
    assert (kernel.scheduler, kernel.priority) == (os.SCHED_RR, Priority.CYCLE)
    assert kernel.cores == {0, 1} and kernel.locked
    assert wake_in_time() == 'real-time'  # in its child, which inherits the cores
    assert kernel.cores == {0, 1}


@pytest.mark.parametrize(
    ('cores', 'expected'),
    [
        ({0}, {0}),
        ({0, 1}, {0}),
        ({0, 1, 2}, {0}),
        ({5, 6}, {5}),
        ({3, 4, 5, 6, 7}, {3, 4}),
        (set(range(8, 16)), {8, 9, 10, 11}),
    ],
)
def test_of_the_cores_that_a_container_has_the_first_half_is_taken(monkeypatch, cores, expected):
    kernel = Kernel(monkeypatch, cores)
    wake_in_time()
    assert kernel.cores == expected


@pytest.mark.parametrize('highest', [1, 3, 4])
def test_where_only_lower_priorities_are_permitted_nobody_goes_before_whom_he_is_to_follow(
    monkeypatch, highest
):
    kernel, got = Kernel(monkeypatch, highest=highest), []
    for wanted in Priority:
        assert wake_in_time(wanted) == 'real-time' and kernel.scheduler == os.SCHED_RR
        got.append(kernel.priority)
    assert got == [min(wanted, highest) for wanted in Priority]


def test_who_asks_twice_gives_back_the_cores_of_before_the_first_time(monkeypatch):
    kernel = Kernel(monkeypatch)
    wake_in_time(Priority.CONTROL)
    wake_in_time(Priority.SERVO)
    assert (kernel.priority, kernel.cores) == (Priority.SERVO, {0, 1})
    with as_ordinary():
        assert kernel.cores == {0, 1, 2, 3}
    be_ordinary()
    assert kernel.cores == {0, 1, 2, 3}


def test_on_any_core(monkeypatch):
    kernel = Kernel(monkeypatch)
    wake_in_time(on_any_core=True)
    assert (kernel.scheduler, kernel.cores) == (os.SCHED_RR, {0, 1, 2, 3})


@pytest.mark.parametrize(('permits', 'expected', 'niceness'), [(['nice'], 'nice', -10), ([], 'normal', 0)])
def test_what_is_not_permitted_is_said_and_leaves_all_cores(monkeypatch, permits, expected, niceness):
    kernel = Kernel(monkeypatch, permits=permits)
    assert wake_in_time() == expected
    assert (kernel.niceness, kernel.cores, kernel.locked) == (niceness, {0, 1, 2, 3}, False)


@pytest.mark.parametrize('permits', [['real-time'], ['nice'], []])
def test_the_collector_leaves_alone_what_was_made_before_the_work(monkeypatch, permits):
    kernel = Kernel(monkeypatch, permits=permits)
    wake_in_time()
    assert kernel.frozen == 1


def test_every_page_stays_in_memory_from_its_first_use_on(monkeypatch):
    asked = []
    monkeypatch.setattr(ctypes, 'CDLL', lambda name: SimpleNamespace(mlockall=asked.append))
    priority._keep_in_memory()
    assert asked == [1 | 2 | 4]  # MCL_CURRENT, MCL_FUTURE and MCL_ONFAULT of <sys/mman.h>


def test_giving_way_ends_with_the_call_however_it_ends(monkeypatch):
    kernel = Kernel(monkeypatch)
    wake_in_time(Priority.CYCLE)
    within = []

    @giving_way()
    def call():
        within.append(kernel.priority)
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            call()
        assert kernel.priority == Priority.CYCLE
    assert within == [Priority.PICTURES] * 2


def test_an_ordinary_process_has_nothing_to_give(monkeypatch):
    kernel = Kernel(monkeypatch)
    with giving_way():
        assert kernel.priority == 0


def test_a_process_that_may_not_leave_its_own_scheduling_is_left_alone(monkeypatch):
    kernel = Kernel(monkeypatch, permits=[])
    kernel.scheduler = os.SCHED_IDLE  # chrt -i 0 ./ur5rl ...
    assert wake_in_time() == 'normal'
    with as_ordinary():
        pass
    be_ordinary()
    assert (kernel.scheduler, kernel.cores) == (os.SCHED_IDLE, {0, 1, 2, 3})


@pytest.mark.parametrize('real_time', [True, False])
def test_what_a_real_time_process_starts_begins_as_an_ordinary_one_on_all_its_cores(monkeypatch, real_time):
    kernel = Kernel(monkeypatch)
    if real_time:
        wake_in_time(Priority.CONTROL)
    before = kernel.scheduler, kernel.priority, kernel.cores
    with pytest.raises(OSError), as_ordinary():
        assert (kernel.scheduler, kernel.priority, kernel.cores) == (os.SCHED_OTHER, 0, {0, 1, 2, 3})
        raise OSError('the program cannot be started')
    assert (kernel.scheduler, kernel.priority, kernel.cores) == before


def test_a_process_that_ends_has_no_priority_in_any_thread(monkeypatch):
    kernel, over, asked = Kernel(monkeypatch), threading.Event(), {}
    wake_in_time()
    thread = threading.Thread(target=over.wait)
    thread.start()
    for name in ('sched_setscheduler', 'sched_setaffinity'):
        monkeypatch.setattr(
            os, name, lambda *given, name=name: asked.setdefault(given[0], []).append(given[1])
        )
    be_ordinary()
    over.set()
    thread.join()
    assert {os.getpid(), thread.native_id} <= asked.keys()
    both = [os.SCHED_OTHER, {0, 1, 2, 3}]
    assert asked[os.getpid()] == asked[thread.native_id] == both
    assert all(given in (both, both[:1], both[1:]) for given in asked.values())  # some begin or end meanwhile
    assert kernel.cores == {0, 1}, 'asked by thread'


@pytest.mark.parametrize(
    ('permits', 'call', 'expected'),
    [
        (['real-time'], 'sched_setscheduler', lambda thread: (thread, os.SCHED_RR)),
        (['nice'], 'setpriority', lambda thread: (os.PRIO_PROCESS, thread)),
    ],
)
def test_all_threads_get_the_priority_also_those_that_were_there_before(monkeypatch, permits, call, expected):
    Kernel(monkeypatch, permits=permits)
    over, asked = threading.Event(), set()
    thread = threading.Thread(target=over.wait)
    thread.start()
    monkeypatch.setattr(os, call, lambda *given: asked.add(given[:2]))
    wake_in_time()
    over.set()
    thread.join()
    assert {expected(os.getpid()), expected(thread.native_id)} <= asked


def test_a_thread_that_has_just_ended_is_no_fault(monkeypatch):
    def gone(*_):
        raise ProcessLookupError

    Kernel(monkeypatch)
    wake_in_time()
    monkeypatch.setattr(os, 'sched_setscheduler', gone)
    be_ordinary()


def test_a_thread_that_starts_a_program_meanwhile_gets_the_priority_as_well(monkeypatch):
    kernel, inside, over = Kernel(monkeypatch), threading.Event(), threading.Event()

    def start():
        with as_ordinary():
            inside.set()
            over.wait()

    starting, waking = threading.Thread(target=start), threading.Thread(target=wake_in_time)
    starting.start()
    inside.wait()
    waking.start()
    assert kernel.scheduler == os.SCHED_OTHER
    over.set()
    starting.join()
    waking.join()
    assert kernel.scheduler == os.SCHED_RR
