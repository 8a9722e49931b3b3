"""Where the tool was, and which commands were changed."""

import numpy as np
import pytest

from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_monitor.motion_trace import MotionTrace

ARM = Kinematics(UR5)
FLANGE = ToolPoint(ARM)

MS = 1_000_000
HOME = np.array(UR5.home)
PAN = np.array([1.0, 0, 0, 0, 0, 0])


@pytest.fixture
def trace():
    return MotionTrace(5.0, FLANGE)


def turn(trace, since, until, changed=False):
    """Turns the base at 1 rad/s, a joint state every 40 ms; one command of the time `since`."""
    trace.request(since * MS, 0.5 * PAN)
    for now in range(since, until, 40):
        trace.execute(since * MS, 0.2 * PAN, changed)
        trace.move(now * MS, HOME + 1e-3 * now * PAN)


def test_the_way_of_the_tool_is_that_of_the_flange(trace):
    turn(trace, 0, 400)
    assert [place.stamp_ns // MS for place in trace.places] == list(range(0, 400, 40))
    for place in trace.places:
        assert place.point == pytest.approx(FLANGE.position(HOME + 1e-9 * place.stamp_ns * PAN))
    assert not any(place.changed for place in trace.places) and not trace.changes


def test_what_is_older_than_the_kept_seconds_is_gone(trace):
    turn(trace, 0, 400, changed=True)
    turn(trace, 4000, 5240)
    assert trace.places[0].stamp_ns == 200 * MS  # the newest is at 5200 ms
    assert not trace.changes  # it was at 0
    turn(trace, 20000, 20080)
    assert [place.stamp_ns // MS for place in trace.places] == [20000, 20040]
    assert not trace.changes


def test_an_arm_that_stands_adds_nothing_until_its_command_is_changed(trace):
    for now in range(0, 400, 40):
        trace.move(now * MS, HOME + 1e-5 * now * PAN)  # 1.2 mm in all
    assert len(trace.places) == 1
    trace.execute(5, 0 * PAN, True)
    trace.move(400 * MS, HOME)
    assert [place.changed for place in trace.places] == [False, True]


def test_a_changed_command_is_marked_with_what_was_asked_and_done(trace):
    trace.move(0, HOME)
    trace.request(7, 0.5 * PAN)
    trace.request(8, 0.6 * PAN)
    trace.execute(7, 0.2 * PAN, True)
    trace.move(40 * MS, HOME + 0.1 * PAN)
    (change,) = trace.changes
    assert change.point == pytest.approx(FLANGE.position(UR5.home))
    column = FLANGE.jacobian(UR5.home)[:, 0]
    assert change.requested == pytest.approx(0.5 * column)
    assert change.executed == pytest.approx(0.2 * column)
    assert [place.changed for place in trace.places] == [False, True]


def test_a_change_whose_request_was_not_heard_has_only_what_was_done(trace):
    trace.move(0, HOME)
    trace.execute(7, 0.2 * PAN, True)
    assert trace.changes[0].requested is None


def test_a_command_is_one_change_and_the_next_comes_a_while_later(trace):
    turn(trace, 1000, 3000, changed=True)
    assert len(trace.changes) == 1  # of one command, however long it lasts
    for since in range(3000, 4000, 40):
        turn(trace, since, since + 40, changed=True)
    stamps = [change.stamp_ns // MS for change in trace.changes]
    assert [change.number for change in trace.changes] == list(range(len(stamps)))
    assert len(stamps) == 4 and min(np.diff(stamps)) >= 400


def test_before_the_arm_was_heard_there_is_no_place_for_a_change(trace):
    trace.execute(7, PAN, True)
    assert not trace.changes


def test_a_clock_that_goes_back_begins_anew_and_reuses_no_number(trace):
    turn(trace, 1000, 1400, changed=True)
    turn(trace, 0, 80, changed=True)
    assert [place.stamp_ns // MS for place in trace.places] == [0, 40]
    turn(trace, 80, 160, changed=True)
    assert [change.number for change in trace.changes] == [1]


def test_the_tool_point_is_the_one_that_the_box_bounds():
    offset = (0.0, 0.0, 0.1)
    trace = MotionTrace(5.0, ToolPoint(ARM, offset))
    trace.move(0, HOME)
    assert trace.places[0].point == pytest.approx(ToolPoint(ARM, offset).position(HOME))
