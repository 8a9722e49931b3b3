"""How often a process is started that never was ready."""

from ur5_rl_graph.starts import Starts


def test_what_was_never_ready_is_started_three_times_in_all():
    starts = Starts()
    assert [starts.hopeless('actor-1', pid) for pid in (1, 2, 3)] == [False, False, True]


def test_processes_are_counted_apart():
    starts = Starts()
    assert not any(starts.hopeless(name, pid) for name, pid in [('a', 1), ('b', 2), ('a', 3), ('b', 4)])
    assert starts.hopeless('a', 5)


def test_what_was_ready_once_is_started_again_for_ever():
    starts = Starts()
    starts.ready({2, 9})
    assert not any(starts.hopeless('actor-1', pid) for pid in (1, 2, 3, 4, 5, 6))
    assert [starts.hopeless('learner-2', pid) for pid in (7, 8, 2)] == [
        False,
        False,
        True,
    ]  # a pid is used again
