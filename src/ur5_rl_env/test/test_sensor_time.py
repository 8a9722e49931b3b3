"""Whatever camera and clocks do: observations pair by capture time, and nothing is waited for in silence."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sensor_world import NS, SensorWorld, State

from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_env.stamps import SetClock, Stamps, Verdict
from ur5_rl_graph.clock import Clock

SENSORS = ('camera', 'joint_states')


@pytest.mark.parametrize('latency_ms', [0, 5, 39, 45, 80, 125, 333, 1000])
def test_a_camera_of_any_latency_is_used_with_the_joints_of_its_captures(latency_ms):
    world = SensorWorld(latency_ms=latency_ms)
    world.run(1.1 * (2.0 + 1e-3 * latency_ms))
    assert len(world.finished()) >= 1 and not any(s.aborted for s in world.finished())
    world.check_pairs()
    cycles = [timing.cycle_ms for timing in world.timings()]
    assert cycles == pytest.approx([40.0] * len(cycles), abs=0.01)
    ages = [timing.image_age_ms for timing in world.timings()]
    assert ages == pytest.approx([latency_ms + 6.0] * len(ages), abs=0.01)
    assert sum(s.stale_images for s in world.finished()) == 0


@pytest.mark.parametrize('seed', range(40))
def test_any_camera_and_any_loss_end_in_observations_with_the_right_joints(seed):
    rng = np.random.default_rng(seed)
    world = SensorWorld(
        latency_ms=rng.uniform(0, 1000),
        jitter_ms=rng.choice([0, 10, 60]),
        dropout=rng.choice([0.0, 0.1, 0.3]),
        joint_dropout=rng.choice([0.0, 0.1, 0.5]),
        camera_ms=rng.uniform(10, 100),
        seed=seed,
    )
    world.run(6.0)
    assert len(world.observed()) >= 10, (world.env.state, world.said())
    world.check_pairs()
    for episode in {o.episode for o in world.observed()}:
        steps = [o.step for o in world.observed() if o.episode == episode]
        assert steps == list(range(len(steps)))


@pytest.mark.parametrize('camera_ms', [10, 16.7, 33.3, 40, 66.7, 100])
def test_the_cycle_is_kept_with_a_camera_slower_or_faster_than_it(camera_ms):
    world = SensorWorld(camera_ms=camera_ms, latency_ms=20)
    world.run(3.0)
    cycles = [timing.cycle_ms for timing in world.timings()]
    assert len(cycles) >= 20 and cycles == pytest.approx([40.0] * len(cycles), abs=1.01)
    world.check_pairs()
    stacks = np.array([np.diff(o.frame_ids) for o in world.observed()])
    assert stacks == pytest.approx(np.full(stacks.shape, camera_ms * 1e6), abs=10)  # the three most recent


def test_a_camera_of_another_period_than_stated_is_told_once():
    world = SensorWorld(camera_ms=33.3, task={'camera_period_s': 0.040})
    world.run(4.0)
    lines = [line for line in world.said() if 'images come every 33.3 ms, camera_period_s is 40 ms' in line]
    assert len(lines) == 1
    cycles = [timing.cycle_ms for timing in world.timings()]
    assert cycles[20:] == pytest.approx([40.0] * len(cycles[20:]), abs=0.01)  # not steered after another beat


def test_joints_that_come_after_the_image_are_carried_on_for_a_control_period_and_counted():
    world = SensorWorld(latency_ms=0, frame_margin_s=0.0)
    world.run(3.0)
    world.check_pairs()
    assert world.finished()[0].extrapolated_joints > 0
    assert all(timing.joint_age_ms <= timing.image_age_ms + 8.0 for timing in world.timings())


def test_an_image_ahead_of_the_joint_states_waits_for_them_a_few_milliseconds():
    world = SensorWorld(latency_ms=0)
    world.clocks['camera'] = 9_000_000
    world.run(3.0)
    assert world.finished() and not world.finished()[0].aborted
    assert max(timing.lateness_ms for timing in world.timings()) < 9.0


@pytest.mark.parametrize('begins', [0.0, 100.0])
def test_images_that_never_pair_abort_the_episode_with_the_cause_after_the_limit(begins):
    world = SensorWorld(max_stamp_ahead_s=0.1, begins=begins)
    world.run_to_observation()
    world.clocks['camera'] = 70_000_000
    begun = world.now
    while not world.finished():
        world.run(0.01)
        assert world.now < begun + 0.7
    summary = world.finished()[0]
    assert summary.aborted and summary.text.startswith(
        'no observation for 0.5 s (limit 0.5 s): image and joint'
    )
    assert 'after the newest joint state' in summary.text
    assert summary.stale_images >= 10
    world.run(4.0)
    assert any('at home, waiting for a first pair: image and joint' in line for line in world.said())
    world.clocks['camera'] = 0
    world.run_to_observation(1.0)


def test_silent_joint_states_in_the_middle_of_an_episode_are_the_cause_of_its_end():
    world = SensorWorld()
    world.run_to_observation()
    world.mute.add('joint_states')
    world.run(0.7)
    assert 'joint_states silent for more than 0.5 s' in world.finished()[0].text


@pytest.mark.parametrize('sensor', SENSORS)
@pytest.mark.parametrize('ahead_s', [3600.0, 60.0, 1.0, 0.1, -0.1, -1.0, -60.0, -3600.0])
@pytest.mark.parametrize('count', [1, 4, 40])
def test_lying_stamps_never_stop_the_environment_for_longer_than_they_last(sensor, ahead_s, count):
    world = SensorWorld()
    world.run_until(State.RUNNING)
    world.run(0.05)
    left = [count]

    def lie(stamp):
        left[0] -= 1
        return stamp + round(ahead_s * NS) if left[0] >= 0 else stamp

    world.lies[sensor] = lie
    while left[0] >= 0:
        world.run(0.01)
    world.run_to_observation(1.0)
    impossible = ahead_s > 0.0 or ahead_s < -2.5
    refused = sum(world.env.sensors.stamps.counts.values())
    assert refused == count if impossible else refused >= min(count, 2)
    told = [line for line in world.said() if line.endswith('further ones are only counted')]
    assert len(told) == 1 and f'{sensor} refused: its stamp is' in told[0]
    if count == 1:
        assert world.env.state is State.RUNNING and not world.finished()
        world.run(1.5)
        assert [summary.refused_stamps for summary in world.finished()[:2]] == [1, 0]


@pytest.mark.parametrize('sensor', SENSORS)
def test_a_sensor_whose_stamps_can_never_be_is_told_as_the_cause(sensor):
    world = SensorWorld()
    world.run_until(State.RUNNING)
    world.clocks[sensor] = 3600 * NS
    world.run(1.0)
    assert world.finished()[0].aborted
    text = world.finished()[0].text
    assert f'{sensor} silent for more than 0.5 s: {sensor} refused: its stamp is 3' in text
    assert 'max_stamp_ahead_s' in text


JUMPS = [sign * size for size in (0.001, 0.003, 0.02, 0.1, 1.0, 60.0, 3600.0) for sign in (1, -1)]


@pytest.mark.parametrize('state', list(State))
@pytest.mark.parametrize('jump_s', JUMPS)
def test_when_the_clock_of_the_host_is_set_it_goes_on_within_a_second(state, jump_s):
    world = SensorWorld(latency_ms=130)  # images are on their way
    if state is State.STOPPED:
        world.run_to_observation()
        world.do(world.env.stop())
    else:
        world.run_until(state)
        if state is State.RUNNING:
            world.run_to_observation()
    noticed = abs(jump_s) > 0.004
    world.set_ns += round(jump_s * NS)
    set_at = world.now
    world.run(0.3)
    lines = [line for line in world.said() if "this host's clock was set" in line]
    assert len(lines) == noticed
    if noticed:
        assert f'set {"forward" if jump_s > 0 else "back"} by {abs(jump_s):.3f} s' in lines[0]
    aborted = [summary for summary in world.finished() if summary.aborted and "host's clock" in summary.text]
    assert len(aborted) == (noticed and state is State.RUNNING)
    if state is State.STOPPED:
        world.do(world.env.start())
    world.run_to_observation(1.0)
    oldest = world.captured_at(world.observed()[-1].frame_ids[0], world.now)
    assert oldest >= set_at or not noticed
    world.run(1.0)
    world.check_pairs()
    assert not world.finished()[-1].aborted


def begun_anew(world):
    return sum('; sensor data from before are dropped' in line for line in world.said())


@pytest.mark.parametrize('jump_s', [-0.3, -1.0, -2.0])
@pytest.mark.parametrize('sensor', SENSORS)
def test_stamps_that_go_back_and_on_from_there_are_another_time(sensor, jump_s):
    world = SensorWorld()
    world.run_to_observation()
    world.clocks[sensor] = round(jump_s * NS)
    world.run(0.3)
    assert begun_anew(world) == 1
    assert world.finished()[0].aborted and f'the stamps of {sensor} went back by' in world.finished()[0].text
    world.clocks[sensor] = 0
    world.run_to_observation(1.0)


def test_another_host_whose_clock_is_set_back_begins_one_new_time():
    world = SensorWorld()
    world.run_to_observation()
    world.clocks = dict.fromkeys(SENSORS, -NS)
    world.run_to_observation(2.0)  # home is reached a second ago, by its stamps
    assert begun_anew(world) == 1
    world.run(1.0)
    world.check_pairs()


def test_the_clock_is_looked_at_though_no_sensor_says_anything():
    world = SensorWorld()
    world.run_to_observation()
    world.mute |= set(SENSORS)
    world.run(0.06)
    world.set_ns += 60 * NS
    world.run(0.1)
    assert "host's clock was set forward by 60.000 s" in world.finished()[0].text


def test_observation_0_shows_only_what_was_captured_at_home():
    world = SensorWorld(latency_ms=300)
    world.run_until(State.ALIGNING)
    home_at = world.now
    first = world.run_to_observation()
    assert first.step == 0
    assert 0.0 <= world.captured_at(first.frame_ids[0], world.now) - home_at + 0.001 <= 0.042


def test_a_wait_that_ended_an_episode_is_not_added_to_the_next_one_s():
    world = SensorWorld(latency_ms=0, max_stamp_ahead_s=0.1)
    world.run_to_observation()
    world.clocks['camera'] = 70_000_000
    world.run(0.7)
    assert world.finished()[0].text.startswith('no observation for')
    world.clocks['camera'] = 9_000_000  # each observation waits a moment
    world.run(1.5)
    assert not world.finished()[1].aborted


def test_what_was_refused_before_is_no_cause_of_a_later_silence():
    world = SensorWorld()
    world.run_to_observation()
    world.clocks['camera'] = NS
    world.run(0.1)
    world.clocks['camera'] = 0
    world.run(0.1)
    world.mute.add('camera')
    world.run(0.7)
    assert world.finished()[0].text == 'camera silent for more than 0.5 s'


@pytest.mark.parametrize('behind', [range(900, 800, -8), [990] * 20])
def test_old_stamps_that_do_not_grow_are_no_new_time(behind):
    stamps = Stamps(SensorConfig(), Clock(lambda: 1.0, lambda: NS))
    assert stamps.judge('camera', NS) is Verdict.NEW
    assert {stamps.judge('camera', ms * 1_000_000) for ms in behind} == {Verdict.REFUSED}


def test_two_senders_of_one_sensor_with_different_clocks_are_no_new_time():
    now = [0]
    stamps = Stamps(SensorConfig(), Clock(lambda: 1e-9 * now[0], lambda: now[0]))
    for _ in range(50):
        now[0] += 8_000_000
        assert stamps.judge('joint_states', now[0]) is Verdict.NEW
        assert stamps.judge('joint_states', now[0] - NS) is Verdict.REFUSED


def test_a_frame_that_comes_again_is_no_new_image_and_no_lie():
    world = SensorWorld()
    world.run_to_observation()
    frame = world.env.sync._frames[-1]
    for _ in range(20):
        world.see(frame)
    world.run(0.3)
    assert not begun_anew(world) and not world.env.sensors.stamps.counts
    assert len({o.frame_ids[-1] for o in world.observed()}) == len(world.observed())


def test_a_process_set_aside_between_two_clocks_sees_no_jump():
    now, stalls = [0.0], iter([0.0] * 5 + [0.2, 0.0, 0.3, 0.2, 0.3, 0.2, 0.2, 0.2, 0.2, 0.0])

    def stamp():
        now[0] += next(stalls)
        return round(now[0] * NS)

    watch = SetClock(Clock(lambda: now[0], stamp))
    assert watch.jump_s() == watch.jump_s() == 0.0


def test_a_clock_that_is_slewed_is_not_set():
    now, offset = [0.0], [0]
    watch = SetClock(Clock(lambda: now[0], lambda: offset[0] + round(now[0] * NS)))
    for _ in range(100):
        now[0] += 10.0
        offset[0] += 5_000_000  # 500 ppm
        assert watch.jump_s() == 0.0
    offset[0] -= 5_000_000
    assert watch.jump_s() == pytest.approx(-0.005)
    assert watch.jump_s() == 0.0
