"""Joint states that come late: observations go on, with older images that they have reached, and say so."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sensor_world import SensorWorld, State

from ur5_rl_env.joint_history import Joints
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.outputs import Say
from ur5_rl_env.readiness import Readiness
from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_env.sensors import Sensors
from ur5_rl_env.sync import Frame, Synchroniser
from ur5_rl_graph.clock import Clock

MS = 1_000_000
PIXELS = np.zeros((9, 16, 3), np.uint8)


def check_steady(world, seconds):
    """Episodes of 10 cycles go through, none is aborted, cycles are 40 ms; a wait of 10 ms may shift one."""
    world.run(seconds)
    assert len(world.finished()) >= seconds - 1.0, (world.env.state, world.said())
    assert not any(summary.aborted for summary in world.finished())
    world.check_pairs()
    cycles = [timing.cycle_ms for timing in world.timings()]
    assert cycles == pytest.approx([40.0] * len(cycles), abs=10.01)
    assert np.median(cycles) == pytest.approx(40.0, abs=0.01)


@pytest.mark.parametrize('camera_latency_ms', [0, 8, 60])
@pytest.mark.parametrize('joint_latency_ms', [0, 5, 12, 18, 22, 25, 26, 28, 30, 45, 60, 80, 125, 200, 300])
def test_joint_states_of_any_latency_give_observations_at_a_steady_cycle(joint_latency_ms, camera_latency_ms):
    world = SensorWorld(latency_ms=camera_latency_ms, joint_latency_ms=joint_latency_ms)
    check_steady(world, 5.0)
    ages = [timing.image_age_ms for timing in world.timings()]
    newest_ms = max(joint_latency_ms, camera_latency_ms + 6)
    assert max(ages) <= newest_ms + 40 + 10  # no older than need be: a period of the camera, and the wait
    assert max(timing.lateness_ms for timing in world.timings()) <= 10.0
    stacks = np.array([np.diff(o.frame_ids) for o in world.observed()])
    assert stacks == pytest.approx(np.full(stacks.shape, 40e6), abs=10)  # three frames in a row
    ids = [o.frame_ids[-1] for o in world.observed() if o.episode == 1]
    assert (np.diff(ids) >= 0).all()
    assert len(set(ids)) >= len(ids) - 1  # observation 1 may show that of observation 0, which waited for it


@pytest.mark.parametrize('joint_latency_ms', [1, 10, 30, 140])
@pytest.mark.parametrize('jitter_ms', [10, 60])
@pytest.mark.parametrize('seed', range(3))
def test_joint_states_of_a_changing_latency_do_so_too(joint_latency_ms, jitter_ms, seed):
    world = SensorWorld(joint_latency_ms=joint_latency_ms, joint_jitter_ms=jitter_ms, seed=seed)
    world.run(10.0)
    assert len(world.observed()) >= 110 and not any(s.aborted for s in world.finished())
    world.check_pairs()
    cycles = np.array([timing.cycle_ms for timing in world.timings()])
    assert np.mean(np.abs(cycles - 40.0) <= 10.01) >= 0.98, np.round(cycles)


@pytest.mark.parametrize(('joint_latency_ms', 'used'), [(1, False), (8, False), (60, True)])
def test_observations_of_an_older_image_are_counted(joint_latency_ms, used):
    world = SensorWorld(joint_latency_ms=joint_latency_ms)
    world.run(3.0)
    first = world.finished()[0]
    assert first.older_images == (first.steps + 1 if used else 0)
    assert first.stale_images == 0


@pytest.mark.parametrize('camera_ms', [10, 16.7, 66.7, 100])
def test_late_joint_states_go_with_a_camera_of_any_period(camera_ms):
    world = SensorWorld(camera_ms=camera_ms, joint_latency_ms=200)
    world.run(5.0)
    assert len(world.finished()) >= 3 and not any(s.aborted for s in world.finished())
    world.check_pairs()
    assert max(timing.image_age_ms for timing in world.timings()) <= 200 + camera_ms + 10


def test_joint_states_later_than_the_limit_are_told_as_the_cause_at_home():
    world = SensorWorld(joint_latency_ms=700)
    world.run(10.0)
    assert not world.observed()
    said = [line for line in world.said() if 'after the newest joint state' in line]
    assert len(said) == 1 and 'at home, waiting for a first pair' in said[0]


def test_a_first_pair_is_awaited_for_a_while_before_anything_is_said():
    world, config = SensorWorld(joint_latency_ms=700), LifecycleConfig()
    world.run_until(State.ALIGNING)
    home_at, limit_s = world.now, config.max_stamp_age_s + config.sensor_timeout_s
    world.run(limit_s + 0.5)
    said_at = next(time for time, o in world.log if isinstance(o, Say) and 'first pair' in o.text)
    assert limit_s - 0.01 < said_at - home_at < limit_s + 0.15


def test_joint_states_that_become_later_than_the_limit_end_the_episode_with_the_cause():
    world = SensorWorld(task={'episode_s': 10.0})
    world.run_to_observation()
    world._joint_latency = lambda: 0.7
    world.run(2.0)
    aborted = [summary for summary in world.finished() if summary.aborted]
    assert 'joint' in aborted[0].text


@pytest.mark.parametrize('joint_latency_ms', [1, 100])
def test_no_image_is_used_again_and_again_when_joint_states_have_stopped(joint_latency_ms):
    world = SensorWorld(joint_latency_ms=joint_latency_ms, task={'episode_s': 10.0})
    world.run_to_observation()
    world.run(0.3)
    world.mute.add('joint_states')
    world.run(1e-3 * joint_latency_ms)  # those on their way
    before = len(world.observed())
    world.run(0.45)
    assert len(world.observed()) - before <= 2
    world.run(0.1)
    assert 'joint_states silent' in world.finished()[0].text


def test_a_stall_of_fresh_joint_states_is_waited_for_as_before():
    world = SensorWorld(task={'episode_s': 10.0})
    world.run_to_observation()
    world.run(0.3)
    world.mute.add('joint_states')
    world.run(0.06)
    world.mute.clear()
    world.run(1.0)
    ids = [o.frame_ids[-1] for o in world.observed()]
    assert len(set(ids)) == len(ids) and not world.finished()
    assert world.env.sync.older_images == 0


def joints(ms):
    return Joints(round(ms * MS), np.full(6, 1e-3 * ms), np.full(6, 1.0))


def test_the_newest_image_that_joint_states_have_reached_and_the_two_before_it():
    sync = Synchroniser(0.040)
    for ms in range(0, 241, 40):
        sync.add_frame(Frame(ms * MS, PIXELS, PIXELS))
    for ms in range(3, 140, 8):
        sync.add_joints(joints(ms))
    assert sync.pair() is None
    pair = sync.pair(older=True)
    assert [frame.frame_id // MS for frame in pair.frames] == [40, 80, 120]
    assert pair.joints.position == pytest.approx(np.full(6, 0.120))
    assert sync.older_images == 1
    for ms in range(139, 250, 8):
        sync.add_joints(joints(ms))
    assert sync.pair(older=True).frames[-1].frame_id == 240 * MS  # the newest, where it can be used
    assert sync.older_images == 1 and sync.stale_images == 0


def test_frames_are_kept_while_joint_states_may_still_reach_them_and_no_longer():
    sync = Synchroniser(0.040)
    for ms in range(0, 4001, 40):
        sync.add_frame(Frame(ms * MS, PIXELS, PIXELS))
        assert len(sync._frames) <= 15
    assert sync._frames[2].frame_id == 3520 * MS  # the last one that sensor_timeout_s, 0.5 s, allows
    fresh = Synchroniser(0.040)
    for ms in range(0, 4001, 40):
        fresh.add_joints(joints(ms))
        fresh.add_frame(Frame(ms * MS, PIXELS, PIXELS))
        assert len(fresh._frames) <= 3  # none that is needed no more


@pytest.mark.parametrize(
    ('joint_age_ms', 'waited_ms', 'late'),
    [(29, 0, False), (31, 0, True), (29, 6, False), (31, 6, True), (31, 41, False)],
)
def test_joint_states_are_late_if_they_come_after_the_time_that_an_image_may_wait(
    joint_age_ms, waited_ms, late
):
    """The image is 14 ms old when due, may wait 8 ms, and the arm is carried on for 8 ms: 30 ms in all."""
    now = [1.0]
    sensors = Sensors(
        0.040, SensorConfig(), Readiness(0.5), Clock(lambda: now[0], lambda: round(1e9 * now[0]))
    )
    assert not sensors.joints_late(now[0], 0.008)  # nothing was heard
    sensors.frame(Frame(986 * MS, PIXELS, PIXELS))
    sensors.joints((joints(900), joints(1000 - joint_age_ms)))
    now[0] += 1e-3 * waited_ms
    assert sensors.joints_late(1.0, 0.008) is late  # the same however long was waited, until none come
    now[0] = 4.0
    sensors.frame(Frame(3986 * MS, PIXELS, PIXELS))
    sensors.joints((joints(3999),))
    assert sensors.joints_late(4.0, 0.008) is (joint_age_ms == 31)  # they were so recently
    sensors._begin_anew()
    sensors.frame(Frame(4001 * MS, PIXELS, PIXELS))
    assert not sensors.joints_late(4.015, 0.008)  # none was heard since then
    sensors.joints((joints(4001),))
    assert not sensors.joints_late(4.015, 0.008)  # of another time


def test_an_observation_waits_no_longer_than_a_quarter_of_its_cycle_though_joint_states_are_just_too_late():
    world = SensorWorld()
    world.run_to_observation()
    pacer, asked = world.env.episode.pacer, []
    world.env.sensors.joints_late = lambda due, wait_s: bool(asked.append(wait_s))
    world.run_to_observation()
    assert asked and asked == pytest.approx([pacer.tolerance_s - 0.002] * len(asked))  # the last look
