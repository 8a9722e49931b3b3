"""Counts over restarts of the nodes that tell them."""

from run_recorder.added_up import AddedUp


def test_a_count_that_begins_anew_is_added_to_what_was_there():
    counts = AddedUp()
    for lost in (0, 3, 3, 5, 0, 0, 2, 1):
        counts.take('transitions', lost)
    counts.take('protective stops', 1)
    assert counts.totals == {'transitions': 5 + 2 + 1, 'protective stops': 1}


def test_a_node_that_came_back_is_known_by_its_numbers_where_it_has_lost_more_at_once_than_before():
    counts = AddedUp()
    for lost, number in ((30, 1), (30, 2), (40, 1), (40, 2), (45, 1), (45, 2)):
        counts.take('transitions', lost, number)
    counts.take('transitions', 46)  # by somebody who does not know its number
    counts.take('transitions', 60, 1)
    assert counts.totals == {'transitions': 30 + 40 + 46 + 60}


def test_nodes_of_which_one_message_each_was_heard_are_told_apart_by_what_they_lost():
    counts = AddedUp()
    for lost in (30, 60, 90):
        counts.take('transitions', lost, 1)
    assert counts.totals == {'transitions': 180}


def test_a_message_that_comes_again_is_of_no_new_node():
    counts = AddedUp()
    for number in (7, 7, 9):  # the newest word of a latched topic, to a recorder that was found anew
        counts.take('transitions', 5, number)
    assert counts.totals == {'transitions': 5}
