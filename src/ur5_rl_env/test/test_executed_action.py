"""What the learner is told of an action: the one that was asked for, bit for bit, unless it was changed."""

import dataclasses

import numpy as np
import pytest

from ur5_rl_env.episode import Episode
from ur5_rl_env.executed import FULL_SPEED, REPORT_S, Executed, ExecutedMean, executed_action
from ur5_rl_env.observation import executed_from_report
from ur5_rl_env.reward import Reward
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.sync import Frame, Joints, Synchroniser
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import JOINT_NAMES, Action

REQUESTED = np.array([0.1, -0.2, 0.3, 1.0, -1.0], np.float32)
MEASURED = np.array([0.07, -0.35, 0.0, 0.7, 1.4, 0.0])
OTHER = (0.35, 0.0, 0.0, 0.0, -0.35, 0.0)
STAMP = 5_000


def made(newest, age_s=0.04):
    return executed_action(REQUESTED, STAMP, age_s, newest, MEASURED, 0.7)


def test_an_unchanged_action_is_the_requested_one_itself():
    # 0.1 in float32, times 0.7, summed up and divided again would be another number.
    executed = made(Executed(STAMP, tuple(0.7 * REQUESTED.astype(float)) + (0.0,), False))
    assert executed.action is REQUESTED and not executed.changed and executed.reported


def test_a_changed_action_is_the_reported_mean_in_action_units():
    executed = made(Executed(STAMP, OTHER, True))
    assert executed.action.dtype == np.float32 and executed.action.shape == (5,)
    assert executed.action == pytest.approx([0.5, 0.0, 0.0, 0.0, -0.5])
    assert executed.changed and executed.reported


@pytest.mark.parametrize(
    'newest', [None, Executed(STAMP - 1, OTHER, False), Executed(STAMP - 1, OTHER, True)]
)
def test_of_a_command_that_never_reached_the_arm_the_joints_tell(newest):
    executed = made(newest)
    assert executed.action == pytest.approx([0.1, -0.5, 0.0, 1.0, 1.0]), 'measured, within -1 to 1'
    assert executed.changed and not executed.reported


def test_of_a_late_action_nothing_can_have_been_reported():
    for newest in (None, Executed(STAMP - 1, OTHER, False)):
        executed = made(newest, age_s=REPORT_S)
        assert executed.action is REQUESTED and not executed.changed and executed.reported
    assert made(None, age_s=1.01 * REPORT_S).changed


def test_a_late_action_after_a_command_that_is_being_changed_is_not_known():
    executed = made(Executed(STAMP - 1, OTHER, True), age_s=0.0)
    assert executed.action == pytest.approx([0.1, -0.5, 0.0, 1.0, 1.0]) and executed.changed


def test_the_mean_is_over_the_steps_of_one_command():
    mean = ExecutedMean()
    mean.sent(1, (0.4,) * 6, 1.0, True)
    assert mean.sent(2, (0.1,) * 6, 1.0, False) == Executed(2, (0.1,) * 6, False)
    assert mean.sent(2, (0.3,) * 6, 1.0, False).velocity == pytest.approx((0.2,) * 6)
    last = mean.sent(2, (0.2,) * 6, 0.5, False)
    assert last.velocity == pytest.approx((0.5 / 3,) * 6) and last.changed
    assert mean.sent(2, (0.2,) * 6, 1.0, False).changed, 'changed once, changed to its end'


def test_a_hundred_per_cent_is_a_hundred_per_cent_however_it_is_rounded():
    assert not ExecutedMean().sent(1, (0.1,) * 6, FULL_SPEED, False).changed
    assert ExecutedMean().sent(1, (0.1,) * 6, 0.99, False).changed


def test_a_report_goes_by_joint_names():
    values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert executed_from_report(7, JOINT_NAMES, values, True) == Executed(7, tuple(values), True)
    assert executed_from_report(7, JOINT_NAMES[::-1], values[::-1], False).velocity == tuple(values)
    for names, numbers in ((JOINT_NAMES[:5], values[:5]), (JOINT_NAMES, values[:5] + [np.nan]), ([], [])):
        with pytest.raises(ValueError, match='arm/executed_command holds .* a finite number for each of'):
            executed_from_report(7, names, numbers, False)


TASK = TaskConfig(image_width=17, image_height=9, episode_s=0.12)


class World:
    """An episode whose actions are answered in 3 ms; the test says what the arm driver reports."""

    def __init__(self, **changes):
        task = dataclasses.replace(TASK, **changes)
        self.time = 0.0
        self.sync = Synchroniser(task.camera_period_s)
        clock = Clock(lambda: self.time, self.stamp)
        self.episode = Episode(task, 1, 0, Reward(task), self.sync, clock)
        for k in range(3):
            self.see(-0.085 + 0.040 * k)
        self.episode.pacer.start(0.0)

    def stamp(self):
        return 10**12 + round(self.time * 1e9)

    def see(self, at):
        stamp = 10**12 + round(at * 1e9)
        pixels = np.zeros((9, 17, 3), np.uint8)
        self.sync.add_frame(Frame(stamp, pixels, pixels))
        self.sync.add_joints(Joints(stamp, np.array(UR5.home), MEASURED))

    def step(self, changed):
        """One step; the arm driver reports half the velocity. Returns the observation that ends it."""
        k = self.episode.step
        self.time = 0.040 * k + 0.003
        move = self.episode.act(Action(1, k, REQUESTED, False, 1, 1, 0.0, 1.0, 0))
        assert move.stamp_ns == self.stamp(), 'the identity of the command'
        self.episode.on_executed(Executed(move.stamp_ns, tuple(0.5 * move.velocity) + (0.0,), changed))
        self.see(0.040 * (k + 1) - 0.005)
        self.time = 0.040 * (k + 1)
        return self.episode.observe().observation


@pytest.mark.parametrize('feedback', ['executed', 'requested'])
def test_an_observation_tells_of_the_step_before_and_shows_the_action_that_is_wanted(feedback):
    world = World(action_feedback=feedback)
    first = world.episode.observe().observation
    assert not first.executed_action.any() and not first.action_changed
    changed = world.step(True)
    assert changed.action_changed
    np.testing.assert_array_equal(changed.executed_action, (0.5 * REQUESTED).astype(np.float32))
    shown = changed.executed_action if feedback == 'executed' else REQUESTED
    np.testing.assert_array_equal(changed.proprio[10:], shown)
    unchanged = world.step(False)
    assert not unchanged.action_changed
    np.testing.assert_array_equal(unchanged.executed_action, REQUESTED)
    np.testing.assert_array_equal(unchanged.proprio[10:], REQUESTED)
    summary = world.episode.summary(0.0)
    assert (summary.changed_steps, summary.unreported_steps) == (1, 0)


def test_steps_without_a_word_of_the_arm_driver_are_counted():
    world = World()
    world.episode.observe()
    world.time = 0.003
    world.episode.act(Action(1, 0, REQUESTED, False, 1, 1, 0.0, 1.0, 0))
    world.see(0.035)
    world.time = 0.040
    assert world.episode.observe().observation.action_changed
    summary = world.episode.summary(0.0)
    assert (summary.changed_steps, summary.unreported_steps) == (1, 1)
