"""Target motion: drawn within the screen, reflected exactly, the same for the same seed."""

import math

import numpy as np
import pytest

from ur5_rl_env.target import (
    ScreenConfig,
    ShownTarget,
    TargetConfig,
    TargetMotion,
    TargetPoint,
    on_screen,
)


def draw(seed, **settings):
    return TargetMotion.draw(TargetConfig(**settings), np.random.default_rng(seed))


def test_reaching_target_stands_still_and_is_wholly_visible():
    config = TargetConfig()
    points = [draw(seed).at(time) for seed in range(300) for time in (0.0, 3.9)]
    assert all(a == b for a, b in zip(points[::2], points[1::2], strict=True))
    xs, ys = np.array([p.x for p in points]), np.array([p.y for p in points])
    assert np.abs(xs).max() + config.target_radius <= config.screen_width / 2
    assert np.abs(ys).max() + config.target_radius <= config.screen_height / 2
    assert np.abs(xs).max() > 0.95 * config.half_range[0]  # the whole screen is used
    assert np.abs(ys).max() > 0.95 * config.half_range[1]
    for values, half in zip((xs, ys), config.half_range, strict=True):
        assert np.abs(values).mean() == pytest.approx(half / 2, rel=0.1)  # evenly
        assert abs(values.mean()) < 0.15 * half


def test_tracking_starts_at_the_centre_at_the_given_speed_in_any_direction():
    starts = [draw(seed, task='tracking', target_speed=0.1).at(0.0) for seed in range(200)]
    assert all((p.x, p.y) == (0.0, 0.0) for p in starts)
    assert all(math.hypot(p.vx, p.vy) == pytest.approx(0.1) for p in starts)
    quadrants = {(p.vx > 0, p.vy > 0) for p in starts}
    assert len(quadrants) == 4


def test_reflection_by_hand():
    motion = TargetMotion(TargetPoint(0.0, 0.0, 1.0, -0.5), half_range=(0.2, 0.1))
    assert motion.at(0.1) == pytest.approx((0.1, -0.05, 1.0, -0.5))
    assert motion.at(0.3) == pytest.approx((0.1, -0.05, -1.0, 0.5))  # x met 0.2 at 0.2 s, y met -0.1 at 0.2 s
    assert motion.at(0.7) == pytest.approx((-0.1, 0.05, 1.0, -0.5))  # and the other edges at 0.6 s
    assert motion.at(0.8) == pytest.approx((0.0, 0.0, 1.0, -0.5))  # one period of both


def test_motion_carried_on_from_any_moment_is_the_same_motion():
    motion = draw(3, task='tracking')
    later = TargetMotion(motion.at(7.3), motion.half_range)
    for time in (0.0, 0.04, 1.0, 11.0):
        assert later.at(time) == pytest.approx(motion.at(7.3 + time))


def test_motion_stays_within_its_range_and_keeps_its_speed_for_hours():
    motion = draw(4, task='tracking')
    half_x, half_y = motion.half_range
    for time in np.linspace(0.0, 7200.0, 2001):
        point = motion.at(time)
        assert abs(point.x) <= half_x and abs(point.y) <= half_y
        assert math.hypot(point.vx, point.vy) == pytest.approx(0.083)


def test_a_shown_target_stands_until_its_start_and_is_then_a_function_of_the_time_since():
    motion = draw(5, task='tracking')
    for stamp in (0, 10**18):
        assert ShownTarget(motion).at(stamp)[:2] == (0.0, 0.0)
    shown = ShownTarget(motion, 10**18)
    assert shown.at(10**18 - 3_000_000_000)[:2] == (0.0, 0.0)
    for seconds in (0.0, 0.04, 3.9):
        assert shown.at(10**18 + round(1e9 * seconds)) == pytest.approx(motion.at(seconds))


@pytest.mark.parametrize('announced_s', [-2.0, 0.0, 0.02, 3.7])
def test_an_announcement_says_where_the_target_is_at_any_time(announced_s):
    """Before its start, at it and long after it; also for frames captured before the announcement."""
    motion, start = draw(6, task='tracking'), 10**18
    stamp = start + round(1e9 * announced_s)
    point = ShownTarget(motion, start).at(stamp)
    heard = ShownTarget.announced(stamp, point, start, motion.half_range)
    for seconds in (-1.0, 0.0, 0.5, 3.0, 4.0):
        at = start + round(1e9 * seconds)
        assert heard.at(at)[:2] == pytest.approx(motion.at(max(seconds, 0.0))[:2], abs=1e-9)
    standing = ShownTarget.announced(stamp, point, None, motion.half_range)
    assert standing.at(stamp + 10**9) == point


@pytest.mark.parametrize(
    'point, half', [((math.nan, 0, 0, 0), 0.2), ((0, 0, math.inf, 0), 0.2), ((0,) * 4, 0)]
)
def test_an_announcement_that_cannot_be_drawn_is_refused(point, half):
    with pytest.raises(ValueError, match='cannot be drawn'):
        ShownTarget.announced(0, TargetPoint(*point), None, (half, 0.1))


def test_the_same_seed_gives_the_same_target():
    for task in ('reaching', 'tracking'):
        assert draw(8, task=task) == draw(8, task=task)
        assert draw(8, task=task) != draw(9, task=task)


def test_bad_settings_are_refused_with_their_limits():
    with pytest.raises(ValueError, match="task is 'grasping'; choose one of: reaching, tracking"):
        TargetConfig(task='grasping')
    with pytest.raises(ValueError, match=r'target_radius is 0.15 m; less than 0.149 m fits'):
        TargetConfig(target_radius=0.15)


def test_a_window_fills_the_monitor_whatever_size_that_is_believed_to_have():
    screen = ScreenConfig(screen_width=0.6, screen_height=0.2)
    assert on_screen(TargetPoint(0.1, 0.1, 0.05, -0.05), (0.5, 0.4), screen) == pytest.approx(
        (0.12, 0.05, 0.06, -0.025)
    )
