import pytest

from sac_learner.action_gate import ActionGate
from ur5_rl_graph.data import ANY_STEP


@pytest.fixture
def gate():
    gate = ActionGate()
    gate.announced(100)
    return gate


def test_nobody_waits_until_somebody_says_so():
    gate = ActionGate()
    gate.sent(7)
    assert gate.open and not gate.guarded


def test_an_action_waits_for_the_transition_that_was_sent(gate):
    assert gate.guarded and gate.open, 'nothing was sent'
    gate.sent(101)
    assert not gate.open
    gate.announced(100)
    assert not gate.open
    gate.announced(101)
    assert gate.open


def test_what_was_answered_once_stays_answered(gate):
    gate.sent(101)
    gate.announced(101)
    gate.announced(0)  # a sampler that has come back
    assert gate.open


def test_a_larger_step_of_the_past_does_not_open(gate):
    gate.sent(90)  # a restarted environment counts on from 90
    assert not gate.open
    gate.announced(90)
    assert gate.open


def test_the_end_of_waiting_opens_at_once(gate):
    gate.sent(101)
    gate.announced(ANY_STEP)
    assert gate.open and not gate.guarded


def test_the_beginning_of_waiting_holds_what_was_sent_before():
    gate = ActionGate()
    gate.sent(101)
    gate.announced(100)
    assert not gate.open
    gate.announced(101)
    assert gate.open


def test_what_was_given_up_is_never_waited_for_again(gate):
    gate.sent(101)
    gate.give_up()
    assert gate.open
    gate.sent(102)
    assert not gate.open
