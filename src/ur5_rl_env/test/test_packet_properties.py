"""Packets of the arm driver and entries of the journal: any value comes back; what is none is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ur5_rl_env import events
from ur5_rl_env.devices.arm_packets import (
    LONGEST,
    AnswerPacket,
    ExecutedPacket,
    Request,
    RequestPacket,
    StatePacket,
    TextPacket,
    VelocityPacket,
    pack,
    unpack,
)
from ur5_rl_env.executed import Executed
from ur5_rl_env.journal import Journal, entry_from_text, event_from_entry
from ur5_rl_graph.clock import Reading
from ur5_rl_graph.data import Action

STAMP = st.integers(-(2**63), 2**63 - 1)
NUMBER = st.floats(allow_nan=False)
SIX = st.tuples(*[NUMBER] * 6)
COUNT = st.integers(0, 2**32 - 1)
MODE = st.integers(-(2**31), 2**31 - 1)
BYTE = st.integers(0, 255)
PACKETS = st.one_of(
    st.builds(VelocityPacket, STAMP, SIX),
    st.builds(StatePacket, STAMP, SIX, SIX, BYTE, MODE, MODE, COUNT, COUNT, COUNT, COUNT, NUMBER),
    st.builds(ExecutedPacket, STAMP, STAMP, SIX, SIX, NUMBER, st.booleans()),
    st.builds(TextPacket, BYTE, st.text(max_size=200)),
    st.builds(AnswerPacket, COUNT, st.booleans(), st.text(max_size=200)),
    st.builds(RequestPacket, st.sampled_from(Request), COUNT),
)


@given(packet=PACKETS)
def test_a_packet_comes_back_as_it_was(packet):
    assert unpack(pack(packet)) == packet


@given(text=st.text(min_size=1, max_size=5), times=st.integers(800, 2000))
def test_a_text_too_long_for_a_packet_is_cut_and_can_be_read(text, times):
    data = pack(TextPacket(1, text * times))
    assert len(data) <= LONGEST
    found = unpack(data).text
    assert (text * times).startswith(found.rstrip('\ufffd')) and len(found) >= 800


WORDS = st.text(max_size=20)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
EVENTS = st.one_of(
    st.builds(events.Shown, FINITE, FINITE),
    st.builds(events.ArmSaid, BYTE, WORDS, st.none() | COUNT),
    st.builds(events.Answered, WORDS, COUNT, st.booleans(), WORDS),
    st.builds(events.Asked, st.sampled_from(['start', 'stop', 'reset'])),
    st.builds(events.Missed, st.lists(WORDS, max_size=3).map(tuple)),
    st.builds(events.Woke),
    st.builds(events.Reported, st.builds(Executed, STAMP, SIX, st.booleans())),
)


@given(noted=st.lists(st.tuples(EVENTS, FINITE, STAMP), max_size=8), taken=st.sets(st.integers(0, 7)))
def test_the_journal_tells_each_event_once_in_its_order_bit_for_bit(noted, taken):
    journal = Journal(7)
    batches = []
    for number, (event, now, stamp) in enumerate(noted):
        journal.event(event, Reading(now, stamp))
        if number in taken:
            batches.append(journal.take())
    batches.append(journal.take())
    told = [text for batch in batches for text in batch.entries]
    assert [batch.first for batch in batches] == [
        sum(len(earlier.entries) for earlier in batches[:i]) for i in range(len(batches))
    ]
    for text, (event, now, stamp) in zip(told, noted, strict=True):
        entry = entry_from_text(text)
        assert entry.at == Reading(now, stamp) and event_from_entry(entry) == event


@given(values=st.lists(st.floats(width=32, allow_nan=False), min_size=5, max_size=5), stamp=STAMP)
def test_an_action_comes_out_of_the_journal_bit_for_bit(values, stamp):
    fields = dict.fromkeys(Action._fields, 3) | {'action': np.array(values, np.float32)}
    journal = Journal(1)
    journal.event(events.Acted(Action(**fields)), Reading(0.5, stamp))
    (text,) = journal.take().entries
    found = event_from_entry(entry_from_text(text)).action
    assert found.action.dtype == np.float32 and found.action.tobytes() == fields['action'].tobytes()
    assert found._replace(action=None) == Action(**fields | {'action': None})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)
KINDS = st.sampled_from(['executed', 'action', 'absent', 'target', 'arm', 'answer', 'request', 'tick', '?'])


@given(text=st.text(max_size=30) | JSON.map(json.dumps))
def test_what_is_no_entry_is_refused_in_one_way(text):
    try:
        entry_from_text(text)
    except ValueError as error:
        assert 'entry of the journal' in str(error)


@given(kind=KINDS, what=st.lists(JSON, max_size=6))
def test_an_entry_of_other_values_is_an_event_or_refused_in_one_way(kind, what):
    entry = entry_from_text(json.dumps([kind, 1.0, 2, *what]))
    try:
        event_from_entry(entry)
    except ValueError as error:
        assert 'of the journal' in str(error)


def test_an_entry_with_a_number_that_no_action_can_hold_is_refused():
    what = [0] * len(Action._fields)
    what[Action._fields.index('action')] = [10**400]
    with pytest.raises(ValueError, match='is unknown here'):
        event_from_entry(entry_from_text(json.dumps(['action', 1.0, 2, *what])))
