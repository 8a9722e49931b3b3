"""The real camera's logic with a fake device, and OpenCV with a small video made here."""

import cv2
import numpy as np
import pytest

from ur5_rl_env.clock import Clock
from ur5_rl_env.devices import video_device
from ur5_rl_env.devices.camera import Camera, CameraConfig
from ur5_rl_env.devices.picture import pinhole, subsample

CONFIG = CameraConfig(device='7')


class Bench:
    """A fake camera on a fake clock. `script` holds one entry a grab: seconds it takes, or None = lost."""

    live = True

    def __init__(self, script=(), openings=()):
        self.time, self.script, self.openings = 50.0, list(script), list(openings)
        self.said, self.opened, self.closed = [], 0, 0
        self.shape, self.value = (360, 640, 3), 0
        clock = Clock(lambda: self.time, lambda: round(1e9 * self.time))
        self.camera = Camera(CONFIG, self.open, lambda level, text: self.said.append(text), self.wait, clock)

    def open(self):
        if self.openings and not self.openings.pop(0):
            raise OSError('cannot be opened; is it connected?')
        self.opened += 1
        return self

    def wait(self, seconds):
        self.time += seconds

    def grab(self):
        took = self.script.pop(0) if self.script else 0.04
        self.time += took or 0.0
        return took is not None

    def retrieve(self):
        self.value += 1
        return np.full(self.shape, self.value, np.uint8)

    def close(self):
        self.closed += 1

    def run(self, times):
        return [self.camera.next_frame() for _ in range(times)]


def test_frames_carry_the_time_at_which_they_were_grabbed():
    bench = Bench([0.04, 0.04, 0.05])
    stamps = [frame.stamp_ns * 1e-9 for frame in bench.run(3)]
    assert stamps == pytest.approx([50.04, 50.08, 50.13])
    assert bench.said == [] and bench.camera.frames == 3


def test_frames_that_waited_in_the_driver_are_not_sent_as_new():
    bench = Bench([0.04, 0.0, 0.0002, 0.038])
    frames = bench.run(4)
    assert [frame is not None for frame in frames] == [True, False, False, True]
    assert bench.camera.stale == 2


def test_a_device_that_repeats_its_last_frame_is_found_out():
    bench = Bench()
    bench.run(2)
    bench.retrieve = lambda: np.full(bench.shape, 2, np.uint8)
    assert bench.run(60) == [None] * 60
    assert bench.camera.repeated == 60
    bench.camera.check()
    bench.camera.check()
    assert len(bench.said) == 1 and 'no new frame for 2 s' in bench.said[0]


def test_a_lost_camera_is_reported_once_and_reopened_every_second():
    bench = Bench([0.04, None], openings=[True, False, False, True])
    frames = bench.run(5)
    assert [frame is not None for frame in frames] == [True, False, False, False, True]
    assert bench.said == [
        'camera 7 is lost; check its cable; trying again every 1 s',
        'camera 7 delivers again after 3.0 s',
    ]
    assert (bench.camera.losses, bench.opened, bench.closed) == (1, 2, 1)


def test_a_camera_that_is_not_there_is_reported_once_with_the_remedy():
    bench = Bench(openings=[False] * 5)
    assert bench.run(5) == [None] * 5
    assert bench.said == ['camera 7 cannot be opened; is it connected?; trying again every 1 s']
    assert bench.time == 55.0


def test_a_picture_of_another_size_is_refused_with_the_sizes():
    bench = Bench()
    bench.shape = (480, 640, 3)
    with pytest.raises(ValueError, match='640x480 cannot be sub-sampled to 160x90'):
        bench.run(1)
    with pytest.raises(ValueError, match='640x360 cannot be sub-sampled to 100x90'):
        CameraConfig(image_width=100)


def test_subsampling_keeps_every_fourth_pixel():
    picture = np.arange(360 * 640 * 3, dtype=np.uint32).reshape(360, 640, 3)
    small = subsample(picture, 90, 160)
    assert small.shape == (90, 160, 3)
    assert (small[2, 3] == picture[8, 12]).all()


def test_pinhole_by_hand():
    focal, cx, cy = pinhole(90, 160, 60.0)
    assert focal == pytest.approx(80 / np.tan(np.pi / 6))
    assert (cx, cy) == (79.5, 44.5)


@pytest.fixture
def video(tmp_path):
    """Five frames of 640x360, each of one grey level: 0, 50, ... 200."""
    path = tmp_path / 'five.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25.0, (640, 360))
    assert writer.isOpened()
    for level in range(0, 250, 50):
        writer.write(np.full((360, 640, 3), level, np.uint8))
    writer.release()
    return path


def test_a_video_file_is_played_for_ever(video):
    config = CameraConfig(device=str(video), camera_period_s=0.004)
    said = []
    camera = Camera(
        config, lambda: video_device.open_device(config), lambda *text: said.append(text), lambda _: None
    )
    frames = [camera.next_frame() for _ in range(12)]
    camera.close()
    assert said == [] and all(frame.pixels.shape == (90, 160, 3) for frame in frames)
    levels = [int(frame.pixels.mean()) for frame in frames]
    assert np.allclose(levels, ([0, 50, 100, 150, 200] * 3)[:12], atol=3)
    assert (np.diff([frame.stamp_ns for frame in frames]) > 0).all()


def test_what_is_no_camera_and_no_video_is_refused_in_words(tmp_path):
    empty = tmp_path / 'empty.avi'
    empty.write_bytes(b'')
    with pytest.raises(OSError, match='OpenCV cannot read as a video'):
        video_device.open_device(CameraConfig(device=str(empty)))
    with pytest.raises(OSError, match=r'cannot be opened; is it connected.*Video devices here'):
        video_device.open_device(CameraConfig(device='/dev/video987'))
