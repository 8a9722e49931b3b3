"""Counts over restarts of the nodes that tell them."""

from run_recorder.added_up import AddedUp


def test_a_count_that_begins_anew_is_added_to_what_was_there():
    counts = AddedUp()
    for lost in (0, 3, 3, 5, 0, 0, 2, 1):
        counts.take('transitions', lost)
    counts.take('protective stops', 1)
    assert counts.totals == {'transitions': 5 + 2 + 1, 'protective stops': 1}
