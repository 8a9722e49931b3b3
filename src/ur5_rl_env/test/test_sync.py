"""Pairs by capture time, and which frames make a stack."""

import numpy as np

from ur5_rl_env.sync import Frame, Joints, Synchroniser

MS = 1_000_000
PIXELS = np.zeros((9, 16, 3), np.uint8)


def frame(ms):
    return Frame(ms * MS, PIXELS, PIXELS)


def joints(ms):
    return Joints(ms * MS, np.zeros(6), np.zeros(6))


def filled(*frames_ms):
    sync = Synchroniser(0.040)
    for ms in frames_ms:
        sync.add_frame(frame(ms))
    return sync


def ids_ms(pair):
    return [f.frame_id // MS for f in pair.frames]


def test_the_newest_three_frames_and_the_newest_joints():
    sync = filled(0, 40, 80, 120)
    for ms in (112, 128, 120):  # the last came out of order
        sync.add_joints(joints(ms))
    pair = sync.pair()
    assert ids_ms(pair) == [40, 80, 120]
    assert pair.joints.stamp_ns == 128 * MS


def test_nothing_before_three_frames_and_joints_are_here():
    sync = filled(0, 40)
    sync.add_joints(joints(48))
    assert sync.pair() is None
    sync.add_frame(frame(80))
    assert ids_ms(sync.pair()) == [0, 40, 80]


def test_apart_by_exactly_one_camera_period_is_still_a_pair():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(120))
    assert sync.pair() is not None
    assert sync.stale_images == 0


def test_an_old_image_is_discarded_and_counted_once_and_the_newer_awaited():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(128))
    assert sync.pair() is None
    assert sync.pair() is None
    sync.add_joints(joints(136))
    assert sync.pair() is None
    assert sync.stale_images == 1
    sync.add_frame(frame(160))
    assert ids_ms(sync.pair()) == [40, 80, 160]


def test_old_joints_are_discarded_and_the_newer_awaited():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(32))
    assert sync.pair() is None
    assert sync.pair() is None
    assert sync.stale_joints == 1
    sync.add_joints(joints(88))
    assert sync.pair().joints.stamp_ns == 88 * MS


def test_a_repeated_frame_is_never_new():
    sync = filled(0, 40, 80)
    assert not sync.add_frame(frame(80))
    assert not sync.add_frame(frame(40))
    assert sync.repeated_images == 2
    sync.add_joints(joints(81))
    assert ids_ms(sync.pair()) == [0, 40, 80]
    sync.clear()
    assert not sync.add_frame(frame(80))  # not after a reset either


def test_after_clear_everything_is_awaited_anew():
    sync = filled(0, 40, 80)
    sync.add_joints(joints(88))
    sync.clear()
    assert not sync.complete
    for ms in (120, 160, 200):
        sync.add_frame(frame(ms))
    assert sync.pair() is None
    sync.add_joints(joints(201))
    assert ids_ms(sync.pair()) == [120, 160, 200]
