"""Pairs by capture time, which frames make a stack, and what the camera's period is."""

import numpy as np
import pytest

from ur5_rl_env.joint_history import Joints
from ur5_rl_env.sync import Frame, Synchroniser

MS = 1_000_000
PIXELS = np.zeros((9, 16, 3), np.uint8)


def frame(ms):
    return Frame(round(ms * MS), PIXELS, PIXELS)


def joints(ms):
    return Joints(round(ms * MS), np.full(6, 1e-3 * ms), np.full(6, 1.0))


def filled(*frames_ms):
    sync = Synchroniser(0.040)
    for ms in frames_ms:
        sync.add_frame(frame(ms))
    return sync


def ids_ms(pair):
    return [f.frame_id // MS for f in pair.frames]


def test_the_newest_three_frames_and_the_joints_at_the_newest_one_s_capture_time():
    sync = filled(0, 40, 80, 120)
    for ms in range(96, 200, 8):
        sync.add_joints(joints(ms + 3))
    pair = sync.pair()
    assert ids_ms(pair) == [40, 80, 120]
    assert pair.joints.stamp_ns == 120 * MS and pair.heard_ns == 123 * MS
    assert pair.joints.position == pytest.approx(np.full(6, 0.120))
    assert sync.extrapolated_joints == 0


@pytest.mark.parametrize('latency_ms', [0, 8, 45, 125, 1000])
def test_however_late_an_image_comes_its_joints_are_those_of_its_capture(latency_ms):
    sync = Synchroniser(0.040)
    for ms in range(2000):
        if ms % 8 == 3:
            sync.add_joints(joints(ms))
        if ms % 40 == 0 and ms >= latency_ms:
            sync.add_frame(frame(ms - latency_ms))
    pair = sync.pair()
    assert pair.joints.position == pytest.approx(np.full(6, 1e-9 * pair.frames[-1].frame_id))
    assert sync.stale_images == 0


def test_nothing_before_three_frames_and_joints_are_here():
    sync = filled(0, 40)
    sync.add_joints(joints(32))
    sync.add_joints(joints(48))
    assert sync.pair() is None and sync.cause == '2 images of 3 since the reset'
    sync.add_frame(frame(80))
    assert sync.pair() is None and '32 ms after the newest joint state' in sync.cause
    sync.add_joints(joints(88))
    assert ids_ms(sync.pair()) == [0, 40, 80]


def test_joints_carried_on_are_counted_and_told_by_their_stamp():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(75))
    pair = sync.pair()
    assert pair.heard_ns == 75 * MS and pair.joints.stamp_ns == 80 * MS
    assert pair.joints.position == pytest.approx(np.full(6, 0.080))
    assert sync.extrapolated_joints == 1


def test_an_image_in_a_gap_is_discarded_and_counted_once_and_the_next_awaited():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(56))
    sync.add_joints(joints(104))
    assert sync.pair() is None
    assert sync.pair() is None
    assert 'missing for 48 ms' in sync.cause and sync.stale_images == 0
    sync.add_frame(frame(120))
    assert sync.stale_images == 1
    sync.add_joints(joints(122))
    assert ids_ms(sync.pair()) == [40, 80, 120]
    sync.add_frame(frame(160))
    assert sync.stale_images == 1


def test_an_image_whose_joints_come_while_it_is_awaited_is_not_discarded():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(64))
    assert sync.pair() is None
    sync.add_joints(joints(88))
    assert sync.pair() is not None
    sync.add_frame(frame(120))
    assert sync.stale_images == 0


def test_frames_not_newer_than_the_one_before_are_not_taken():
    sync = filled(0, 40, 80)
    assert not sync.add_frame(frame(80))
    assert not sync.add_frame(frame(40))
    sync.add_joints(joints(81))
    sync.add_joints(joints(72))
    assert ids_ms(filled_pair(sync)) == [0, 40, 80]


def filled_pair(sync):
    sync.clear()
    for ms in (0, 40, 80):
        sync.add_frame(frame(ms))
    sync.add_joints(joints(80))
    return sync.pair()


def test_after_clear_all_is_awaited_anew_and_what_was_captured_before_is_not_taken():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(88))
    sync.clear(100 * MS)
    assert sync.pair() is None and not sync.ready
    for ms in (90, 120, 160, 200):
        sync.add_frame(frame(ms))
    for ms in (96, 112, 120, 160):
        sync.add_joints(joints(ms))
    assert sync.ready
    assert sync.pair() is None
    sync.add_joints(joints(200))
    assert ids_ms(sync.pair()) == [120, 160, 200]
    sync.clear(205 * MS)
    sync.add_joints(joints(204))
    for ms in (206, 207, 208):
        sync.add_frame(frame(ms))
    assert sync.pair() is None and 'no joint states' in sync.cause


@pytest.mark.parametrize(
    'stated, real, right',
    [(40, 40, True), (40, 41, True), (40, 41.5, False), (40, 33.3, False), (66.7, 66.7, True)],
)
def test_the_camera_s_true_period_is_known_after_two_seconds(stated, real, right):
    sync = Synchroniser(1e-3 * stated)
    for k in range(51):
        assert sync.period_s is None and sync.as_stated
        sync.add_frame(frame(real * k + (k == 7)))  # one is late
    assert sync.period_s == pytest.approx(1e-3 * real, rel=1e-3)
    assert sync.as_stated is right
