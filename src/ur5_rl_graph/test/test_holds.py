"""Names that one process of this host holds, and what their release tells."""

import os
import signal
import subprocess
import sys
import threading
import uuid

import pytest

from ur5_rl_graph import holds

HOLDER = """
import sys, time
from ur5_rl_graph import holds
holds.hold(sys.argv[1])
print('held', flush=True)
time.sleep(100)
"""


@pytest.fixture
def name():
    return f'test {uuid.uuid4()}'


@pytest.fixture
def other(name):
    """Another process that holds the name."""
    process = subprocess.Popen(
        [sys.executable, '-c', HOLDER, name],
        stdout=subprocess.PIPE,
        env=os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == b'held\n'
    yield process
    process.kill()
    process.communicate()


def test_a_name_is_held_once_and_free_again_after_its_release(name):
    holds.hold(name)
    with pytest.raises(holds.HeldError, match=f'{name} is held by process {os.getpid()}'):
        holds.hold(name)
    assert holds.holder(name) == os.getpid()
    holds.release(name)
    assert holds.holder(name) is None
    holds.hold(name)
    holds.release(name)


def test_the_holder_of_another_process_is_named_and_its_death_frees_the_name(name, other):
    with pytest.raises(holds.HeldError) as caught:
        holds.hold(name)
    assert caught.value.holder == other.pid
    other.send_signal(signal.SIGKILL)
    other.wait()
    holds.hold(name)
    holds.release(name)


def test_whoever_waits_learns_of_the_holders_death_and_not_before(name, other):
    waiting = threading.Thread(target=holds.await_release, args=(name,), daemon=True)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    other.send_signal(signal.SIGKILL)
    waiting.join(10.0)
    assert not waiting.is_alive()


def test_nobody_waits_for_a_name_that_is_not_held(name):
    holds.await_release(name)


def test_more_may_wait_than_the_backlog_holds(name, monkeypatch):
    monkeypatch.setattr(holds, 'BACKLOG', 0)
    monkeypatch.setattr(holds, 'AGAIN_S', 0.01)
    holds.hold(name)
    waiting = [threading.Thread(target=holds.await_release, args=(name,), daemon=True) for _ in range(3)]
    for thread in waiting:
        thread.start()
    waiting[0].join(0.05)
    assert all(thread.is_alive() for thread in waiting)
    holds.release(name)
    for thread in waiting:
        thread.join(10.0)
    assert not any(thread.is_alive() for thread in waiting)


def test_long_names_are_told_apart_by_their_ends(name):
    first, second = (f'{name} {"x" * 200} {end}' for end in 'ab')
    holds.hold(first)
    assert holds.holder(second) is None
    assert holds.holder(first) == os.getpid()
    holds.release(first)


VISITOR = """
import sys
from ur5_rl_graph import holds
holds.visit(sys.argv[1])
"""


def test_who_has_visited_is_known_though_it_has_ended(name):
    environment = os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)}
    holds.visit(name)  # nobody is there
    holds.hold(name)
    assert holds.visitors(name) == set()
    visitors = [subprocess.Popen([sys.executable, '-c', VISITOR, name], env=environment) for _ in range(2)]
    assert [visitor.wait(60) for visitor in visitors] == [0, 0]
    assert holds.visitors(name) == {visitor.pid for visitor in visitors}
    assert holds.visitors(name) == set()
    holds.release(name)
