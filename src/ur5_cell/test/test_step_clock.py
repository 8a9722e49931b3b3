"""Control steps of a machine that stands still now and then."""

import pytest

from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.step_clock import StepClock

PERIOD = 8_000_000


@pytest.mark.parametrize(
    ('late', 'left_out'),
    [(0, 0), (0.5, 0), (1, 0), (2.9, 0), (3, 2), (3.9, 2), (6.5, 5), (125, 124)],
)
def test_what_is_later_than_a_step_is_left_out(late, left_out):
    clock = StepClock(PERIOD, 1000)
    assert clock.due == 1000 + PERIOD
    assert clock.step(clock.due + round(late * PERIOD)) == left_out
    assert clock.due == 1000 + (2 + left_out) * PERIOD


@pytest.mark.parametrize(('late', 'left_out'), [(0, 0), (11.9, 0), (12, 11), (40, 39)])
def test_of_an_e_series_delays_of_as_much_time_are_made_up_for(late, left_out):
    clock = StepClock(PERIOD // 4, 0)
    assert clock.step(clock.due + round(late * PERIOD / 4)) == left_out


def test_no_time_is_lost_by_small_delays():
    clock = StepClock(PERIOD, 0)
    for step in range(1, 1000):
        assert clock.step(clock.due + (step % 20) * PERIOD // 10) == 0
    assert clock.due == 1000 * PERIOD


def silence_after(delay: float) -> int:
    """Returns the control steps made before a client, which was kept waiting as well, can write again."""
    robot, clock, made = Robot(RobotConfig(), lambda _: None), StepClock(PERIOD, 0), 0
    now = clock.due + round(delay * PERIOD)
    while clock.due <= now:
        robot.step()
        made += 1
        robot.left_out_steps += clock.step(now)
    assert robot.time == pytest.approx((clock.due - PERIOD) * 1e-9)
    return made


@pytest.mark.parametrize('delay', [0.0, 1.5, 2.9, 3.0, 4.5, 5.9, 6.5, 7.0, 40.0])
def test_a_machine_that_stands_still_is_no_silence_of_the_client(delay):
    assert silence_after(delay) <= 3  # of the six that the servo's watchdog allows
