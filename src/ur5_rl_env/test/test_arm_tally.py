"""Counts and states over several servo processes, and commands that name their joints."""

import pytest

from ur5_rl_env.devices.arm_packets import StatePacket
from ur5_rl_env.devices.arm_tally import SILENT_TEXT, ArmTally, velocity_by_name
from ur5_rl_env.readiness import ArmState
from ur5_rl_graph.data import JOINT_NAMES

ZERO = (0.0,) * 6


def state(state=ArmState.READY, *, rejected=0, interventions=0, trips=0, stops=0, scaling=1.0):
    return StatePacket(0, ZERO, ZERO, state, 7, 1, rejected, interventions, trips, stops, scaling)


def test_counts_go_on_over_processes():
    tally = ArmTally()
    tally.take(state(rejected=2, interventions=5, trips=1))
    tally.session_ended()
    assert tally.fields()['state'] == ArmState.DISCONNECTED
    tally.take(state(rejected=1, interventions=3))
    tally.refused += 4
    fields = tally.fields()
    assert (fields['commands_rejected'], fields['guard_interventions'], fields['watchdog_trips']) == (7, 8, 1)
    assert fields['reconnections'] == 1


def test_the_speed_scaling_is_that_of_the_newest_state():
    tally = ArmTally()
    assert tally.fields()['speed_scaling'] == 1.0
    tally.take(state(scaling=0.2))
    assert tally.fields()['speed_scaling'] == 0.2


def test_a_process_that_never_had_a_connection_is_no_reconnection():
    tally = ArmTally()
    tally.session_ended()
    tally.session_ended()
    tally.take(state())
    assert tally.fields()['reconnections'] == 0


def test_the_end_of_a_process_takes_its_words_along_unless_it_has_said_why():
    tally = ArmTally()
    tally.take(state(ArmState.READY))
    tally.say(ArmState.READY, 'ready')
    tally.session_ended()
    assert tally.fields()['text'] == 'the servo process has ended; starting another'
    tally.say(ArmState.DISCONNECTED, 'the connection is lost')
    tally.session_ended()
    assert tally.fields()['text'] == 'the connection is lost'


def test_new_protective_stops_are_told_once():
    tally = ArmTally()
    tally.take(state(stops=1))
    assert [tally.new_protective_stops(), tally.new_protective_stops()] == [1, 0]
    tally.session_ended()
    tally.take(state(stops=1))
    assert tally.new_protective_stops() == 1


def test_a_protective_stop_that_another_process_finds_is_the_same_one():
    tally = ArmTally()
    tally.take(state(stops=0))
    for _ in range(10):
        tally.take(state(ArmState.PROTECTIVE_STOP, stops=1))
        tally.session_ended()
        tally.session_ended()  # of one that had no connection
        assert tally.fields()['protective_stops'] == 1
    tally.take(state(ArmState.PROTECTIVE_STOP, stops=1))
    tally.take(state(stops=1))
    tally.take(state(ArmState.PROTECTIVE_STOP, stops=2))
    assert tally.fields()['protective_stops'] == 2 and tally.new_protective_stops() == 2


def test_a_protective_stop_that_came_with_the_end_of_a_process_counts():
    tally = ArmTally()
    tally.take(state())
    tally.session_ended()
    tally.take(state(ArmState.PROTECTIVE_STOP, stops=1))
    assert tally.fields()['protective_stops'] == 1
    tally.take(state(stops=1))
    tally.session_ended()
    tally.take(state(ArmState.PROTECTIVE_STOP, stops=1))
    assert tally.fields()['protective_stops'] == 2
    tally.session_ended()
    tally.take(state())
    tally.take(state(ArmState.PROTECTIVE_STOP, stops=1))
    assert tally.fields()['protective_stops'] == 3, 'it was released meanwhile'


def test_changes_of_state_are_told():
    tally = ArmTally()
    assert tally.take(state(ArmState.HOLDING))
    assert not tally.take(state(ArmState.HOLDING))
    assert tally.take(state(ArmState.READY))
    assert tally.say(ArmState.READY, 'ready') and not tally.say(ArmState.READY, 'ready')


def test_silence_disconnects_until_the_next_state():
    now = [10.0]
    tally = ArmTally(lambda: now[0])
    tally.say(ArmState.READY, 'ready')
    tally.take(state())  # stamped 1970: how old a state is tells its arrival, whatever its stamp
    now[0] += 0.5
    assert not tally.notice_silence()
    now[0] += 0.001
    assert tally.notice_silence() and not tally.notice_silence()
    assert (tally.fields()['state'], tally.fields()['text']) == (ArmState.DISCONNECTED, SILENT_TEXT)
    tally.take(state())
    tally.notice_silence()
    assert (tally.fields()['state'], tally.fields()['text']) == (ArmState.READY, 'ready')


def test_who_has_said_why_no_state_comes_is_not_silent():
    now = [10.0]
    tally = ArmTally(lambda: now[0])
    tally.take(state(ArmState.DISCONNECTED))
    tally.say(ArmState.DISCONNECTED, 'starting our program on the controller')
    now[0] += 5.0  # what ur_rtde may take
    assert not tally.notice_silence()
    assert tally.fields()['text'] == 'starting our program on the controller'


def test_joints_are_found_by_name():
    names = list(reversed(JOINT_NAMES[:5]))
    assert velocity_by_name(names, [5.0, 4.0, 3.0, 2.0, 1.0]) == (1.0, 2.0, 3.0, 4.0, 5.0, 0.0)
    assert velocity_by_name(JOINT_NAMES, [1.0] * 6) == (1.0,) * 6


@pytest.mark.parametrize(
    ('names', 'velocities', 'message'),
    [
        (JOINT_NAMES[:5], [0.0] * 4, 'names 5 joints and holds 4 velocities'),
        (JOINT_NAMES[:4], [0.0] * 4, 'name each of'),
        ((*JOINT_NAMES[:4], 'elbow_joint'), [0.0] * 5, 'name each of'),
        ((*JOINT_NAMES[:5], 'gripper'), [0.0] * 6, 'name each of'),
        (JOINT_NAMES[:5], [float('nan')] * 5, 'must be finite'),
    ],
)
def test_other_commands_are_refused(names, velocities, message):
    with pytest.raises(ValueError, match=message):
        velocity_by_name(names, velocities)


@pytest.mark.parametrize('now', list(ArmState))
def test_a_contest_shows_unless_the_arm_cannot_move_anyway(now):
    tally = ArmTally()
    tally.take(state(now))
    tally.say(now, 'as before')
    tally.contest = 'two command'
    shown = (tally.fields()['state'], tally.fields()['text'])
    if now in (ArmState.DISCONNECTED, ArmState.PROTECTIVE_STOP, ArmState.EMERGENCY_STOP):
        assert shown == (now, 'as before')
    else:
        assert shown == (ArmState.CONTESTED, 'two command')
    tally.contest = ''
    assert tally.fields()['state'] == now
