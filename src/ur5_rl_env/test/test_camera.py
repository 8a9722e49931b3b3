"""The real camera's logic with a fake device, OpenCV with a fake capture and with a small video made here."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ur5_rl_env.devices import video_device
from ur5_rl_env.devices.camera import UNREADABLE_IN_A_ROW, Camera, CameraConfig
from ur5_rl_env.devices.granted import Granted
from ur5_rl_env.devices.picture import pinhole, sizes_for, subsample
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock

CONFIG = CameraConfig(device='7')
AS_ASKED = Granted(640, 360, 25.0, 'YUYV', 1, 0.010)
UPTIME = 3.0e6  # monotonic seconds less those of the fake clock: what is left is the epoch's
SAID = [
    'camera 7 gives 640x360, 25 Hz, YUYV, manual exposure 10 ms',
    'camera 7 is stamped by its driver, in the monotonic clock; its first frame was 15 ms old',
]


class Bench:
    """A fake camera on a fake clock. `script` holds one entry a grab: seconds it takes, or None = lost.

    Frames are 15 ms old when a grab returns; `driver` makes of their capture time [s] what the driver says.
    """

    live = True

    def __init__(self, script=(), openings=(), driver=lambda captured: 1e3 * captured, config=CONFIG):
        self.granted_now, self.driver = AS_ASKED, driver
        self.time, self.script, self.openings = 50.0, list(script), list(openings)
        self.said, self.opened, self.closed = [], 0, 0
        self.shape, self.value = (360, 640, 3), 0
        clock = Clock(lambda: self.time, lambda: round(1e9 * (self.time + UPTIME)))
        self.camera = Camera(config, self.open, lambda level, text: self.said.append(text), self.wait, clock)

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

    def driver_ms(self):
        return self.driver(self.time - 0.015)

    def granted(self):
        return self.granted_now

    def stamps(self, times):
        """Seconds of the fake clock by which frames are stamped, None where none was sent."""
        frames = self.run(times)
        return [None if f is None else round(1e-9 * f.stamp_ns - UPTIME, 6) for f in frames]

    def retrieve(self):
        self.value += 1
        return np.full(self.shape, self.value, np.uint8)

    def close(self):
        self.closed += 1

    def run(self, times):
        return [self.camera.next_frame() for _ in range(times)]


def test_frames_carry_the_capture_time_of_the_driver():
    bench = Bench([0.04, 0.04, 0.05])
    assert bench.stamps(3) == [50.025, 50.065, 50.115]
    assert bench.said == SAID and bench.camera.frames == 3


def test_a_driver_that_stamps_by_the_system_clock_is_understood():
    bench = Bench(driver=lambda captured: 1e3 * (captured + UPTIME))
    assert bench.stamps(2) == pytest.approx([50.025, 50.065], abs=1e-5)
    assert bench.said[1].startswith("camera 7 is stamped by its driver, in the system's clock; its first")


def test_a_process_that_is_set_aside_after_a_frame_has_come_moves_no_capture_time():
    def says(captured):
        bench.time += 0.03
        return 1e3 * captured

    bench = Bench(driver=says)
    assert bench.stamps(2) == [50.025, 50.095]  # the second one was waited for so much longer


def test_frames_that_waited_in_the_driver_keep_the_time_of_their_capture():
    captured = iter([50.025, 50.065, 50.105, 50.145, 50.185])
    bench = Bench([0.04, 0.15, 0.0, 0.0002, 0.0098], driver=lambda _: 1e3 * next(captured))
    assert bench.stamps(5) == [50.025, 50.065, 50.105, 50.145, 50.185]


@pytest.mark.parametrize(
    'says',
    [
        lambda captured: 0.0,
        lambda captured: -1.0,
        lambda captured: float('nan'),
        lambda captured: 1e3 * (captured - 49.0 - 3600.0),  # of a stream, or of the camera's own clock
        lambda captured: 1e3 * (captured + 5.0),
    ],
)
def test_a_driver_whose_times_cannot_be_is_replaced_by_the_latency_in_one_line(says):
    bench = Bench(driver=says, config=replace(CONFIG, camera_latency_ms=70.0))
    assert bench.stamps(7) == [None] * 4 + [50.13, 50.17, 50.21]
    assert bench.camera.mistimed == 4
    (line,) = bench.said[1:]
    assert 'arrival less camera_latency_ms (70 ms: measure it), since the driver says' in line
    assert 'ms, which cannot be' in line


def test_a_driver_that_says_one_time_for_ever_is_found_out():
    bench = Bench(driver=lambda _: 1e3 * 50.025)
    assert bench.stamps(7) == [50.025, None, None, None, None, pytest.approx(50.2), pytest.approx(50.24)]
    assert 'less camera_latency_ms (40 ms: measure it), since the driver says 50025 ms' in bench.said[-1]


@pytest.mark.parametrize('leap_s', [-2.0, 0.02, 60.0, UPTIME])
def test_a_single_leap_of_the_drivers_time_costs_one_frame(leap_s):
    times = iter(range(100))
    bench = Bench(driver=lambda captured: 1e3 * (captured + (leap_s if next(times) == 2 else 0.0)))
    assert bench.stamps(5) == [50.025, 50.065, None, 50.145, 50.185]
    assert bench.said == SAID and bench.camera.mistimed == 1


def test_a_driver_that_is_wrong_now_and_then_is_believed_otherwise():
    times = iter(range(100))
    bench = Bench(driver=lambda captured: 0.0 if next(times) % 3 == 2 else 1e3 * captured)
    assert [stamp is None for stamp in bench.stamps(30)] == [False, False, True] * 10
    assert bench.said == SAID


def test_a_driver_whose_times_leap_for_good_is_not_believed_until_it_is_opened_again():
    bench = Bench([0.04] * 13 + [None])
    bench.stamps(2)
    bench.driver = lambda captured: 1e3 * (captured - 500.0)
    assert bench.stamps(10)[-1] == pytest.approx(50.44)
    bench.driver = lambda captured: 1e3 * captured
    assert bench.stamps(1) == [pytest.approx(bench.time - 0.040)]
    assert bench.stamps(2) == [None, pytest.approx(bench.time - 0.015)]
    assert [line for line in bench.said if 'stamped' in line][-1] == SAID[1]


def without_times(script):
    """A camera whose driver gives no times, and that has been found out; it adds 5 grabs of 40 ms."""
    bench = Bench([0.04] * 5 + script, driver=lambda _: 0.0)
    bench.run(5)
    return bench


def test_without_times_frames_that_waited_in_the_driver_are_not_sent_as_new():
    bench = without_times([0.04, 0.0, 0.0002, 0.038])
    assert [stamp is not None for stamp in bench.stamps(4)] == [True, False, False, True]
    assert bench.camera.stale == bench.camera.losses_by_name['stale frames not sent'] == 2


def test_without_times_a_frame_that_must_have_come_meanwhile_is_not_sent_as_new():
    """On a machine with other work a grab may take long although its frame was there."""
    bench = without_times([0.002, 0.03])
    bench.time += 0.05  # between two grabs
    assert bench.stamps(2) == [None, pytest.approx(bench.time - 0.040)]
    assert bench.camera.stale == 1


@pytest.mark.parametrize(
    'granted, words',
    [
        ({'width': 1280, 'height': 720}, 'gives 1280x720, asked was 640x360: set capture_width'),
        (
            {'rate_hz': 30.0},
            'gives 30 Hz, asked was 25 Hz: set camera_period_s of camera and environment to 0.0333',
        ),
        ({'pixel_format': 'YUYV'}, 'gives YUYV, asked was MJPG: set pixel_format'),
        ({'exposure_auto': 3}, 'chooses its exposure itself'),
        ({'exposure_s': 0.066}, 'exposes for 66 ms, the camera period is 40 ms'),
    ],
)
def test_what_differs_from_what_was_asked_is_said_in_one_line_with_the_remedy(granted, words):
    bench = Bench(config=replace(CONFIG, pixel_format='MJPG'))
    bench.granted_now = AS_ASKED._replace(**({'pixel_format': 'MJPG'} | granted))
    bench.shape = (720, 1280, 3)
    bench.run(1)
    (line,) = bench.said[1:-1]
    assert words in line and '\n' not in line
    assert 'v4l2-ctl' in line


def test_what_a_driver_does_not_know_is_no_difference():
    bench = Bench()
    bench.granted_now = Granted(640, 360, None, '', None, None)
    bench.run(1)
    assert bench.said == ['camera 7 gives 640x360, unknown rate, unknown format, unknown exposure', SAID[1]]


def test_a_device_that_repeats_its_last_frame_is_found_out():
    bench = Bench()
    bench.run(2)
    bench.retrieve = lambda: np.full(bench.shape, 2, np.uint8)
    assert bench.run(60) == [None] * 60
    assert bench.camera.repeated == bench.camera.losses_by_name['repeated frames not sent'] == 60
    bench.camera.check()
    bench.camera.check()
    assert bench.said[:2] == SAID
    assert len(bench.said) == 3 and 'no new frame for 2 s' in bench.said[2]


@pytest.mark.parametrize('value', [0, 255])
@pytest.mark.parametrize(('factor', 'sent'), [(1e3, 60), (0.0, 1)])
def test_a_picture_without_noise_is_new_where_the_drivers_time_says_so(factor, sent, value):
    bench = Bench(driver=lambda captured: factor * captured)
    bench.retrieve = lambda: np.full(bench.shape, value, np.uint8)
    assert sum(frame is not None for frame in bench.run(60)) == sent


def test_a_lost_camera_is_reported_once_and_reopened_every_second():
    bench = Bench([0.04, None], openings=[True, False, False, True])
    frames = bench.run(5)
    assert [frame is not None for frame in frames] == [True, False, False, False, True]
    assert bench.said == [
        *SAID,
        'camera 7 is lost; check its cable; trying again every 1 s',
        *SAID,
        'camera 7 delivers again after 3.0 s',
    ]
    assert (bench.camera.losses, bench.opened, bench.closed) == (1, 2, 1)


def test_a_picture_that_cannot_be_decoded_is_a_lost_frame_and_no_lost_camera():
    bench = Bench()
    good = bench.retrieve
    seen = []
    for _ in range(2 * UNREADABLE_IN_A_ROW):  # every other one: never two in a row
        bench.retrieve = lambda: None
        seen += bench.run(1)
        bench.retrieve = good
        seen += bench.run(1)
    assert [frame is not None for frame in seen] == [False, True] * (2 * UNREADABLE_IN_A_ROW)
    camera = bench.camera
    assert bench.said == SAID and (bench.opened, bench.closed, camera.losses) == (1, 0, 0)
    name = 'frames that cannot be decoded not sent'
    assert camera.unreadable == camera.losses_by_name[name] == 2 * UNREADABLE_IN_A_ROW
    assert f'{camera.unreadable} that cannot be decoded' in str(camera)


def test_a_camera_that_gives_nothing_but_what_cannot_be_decoded_is_opened_again():
    bench = Bench()
    good, bench.retrieve = bench.retrieve, lambda: None
    assert bench.run(UNREADABLE_IN_A_ROW) == [None] * UNREADABLE_IN_A_ROW
    assert (bench.closed, bench.camera.losses) == (1, 1)
    line = f'camera 7 gave {UNREADABLE_IN_A_ROW} frames in a row that cannot be decoded; see its cable and '
    assert bench.said[-1] == f'{line}pixel_format; trying again every 1 s'
    bench.run(1)
    bench.retrieve = good
    assert bench.run(1) != [None] and bench.closed == 1


def test_a_camera_that_is_not_there_is_reported_once_with_the_remedy():
    bench = Bench(openings=[False] * 5)
    assert bench.run(5) == [None] * 5
    assert bench.said == ['camera 7 cannot be opened; is it connected?; trying again every 1 s']
    assert bench.time == 55.0


def test_a_picture_of_another_size_is_refused_with_the_sizes():
    bench = Bench()
    bench.shape = (480, 640, 3)
    with pytest.raises(ValueError, match='640x480 cannot be sub-sampled to 160x90') as caught:
        bench.run(1)
    assert 'choose a mode of 160x90 times a whole number, such as 640x360, or set for every' in str(
        caught.value
    )
    with pytest.raises(ValueError, match='640x360 cannot be sub-sampled to 100x90'):
        CameraConfig(image_width=100)


@pytest.mark.parametrize('shape', [(480, 640), (720, 1280), (1080, 1920), (1024, 1280), (100, 100)])
def test_the_sizes_that_a_camera_is_refused_with_are_taken_at_once(shape):
    advice = sizes_for(shape, 90, 160)
    sizes = {name: int(value) for name, value in re.findall(r'((?:capture|image)_\w+): (\d+)', advice)}
    assert (sizes['capture_height'], sizes['capture_width']) == shape
    CameraConfig(**sizes)
    TaskConfig(**{name: value for name, value in sizes.items() if name.startswith('image')})


@pytest.mark.parametrize('size', [(0, 0), (0, 360), (640, 0), (-1, -1)])
def test_a_driver_that_does_not_know_its_size_yet_is_judged_by_its_first_picture(size):
    bench = Bench()
    bench.granted_now = AS_ASKED._replace(width=size[0], height=size[1])
    assert bench.run(1) != [None]
    assert bench.said == [f'camera 7 gives {size[0]}x{size[1]}, {SAID[0].partition(", ")[2]}', SAID[1]]
    bench = Bench()
    bench.granted_now, bench.shape = AS_ASKED._replace(width=size[0], height=size[1]), (480, 640, 3)
    with pytest.raises(ValueError, match='640x480 cannot be sub-sampled to 160x90'):
        bench.run(1)


def test_subsampling_keeps_every_fourth_pixel():
    picture = np.arange(360 * 640 * 3, dtype=np.uint32).reshape(360, 640, 3)
    small = subsample(picture, 90, 160)
    assert small.shape == (90, 160, 3)
    assert (small[2, 3] == picture[8, 12]).all()


def test_pinhole_by_hand():
    focal, cx, cy = pinhole(90, 160, 60.0)
    assert focal == pytest.approx(80 / np.tan(np.pi / 6))
    assert (cx, cy) == (79.5, 44.5)


class FakeCapture:
    """Stands for cv2.VideoCapture: keeps what it is told, but for what the driver decides itself."""

    def __init__(self, source, backend, values):
        self.source, self.backend, self.values, self.order = source, backend, values, []

    def isOpened(self):
        return True

    def set(self, name, value):
        self.order.append(name)
        self.values.setdefault(name, value)

    def get(self, name):
        return self.values.get(name, -1.0)


@pytest.fixture
def opened(monkeypatch):
    """Opens a fake capture whose driver decides the given values; returns device and capture."""

    def open_one(device='0', values=(), **config):
        made = []

        def capture(source, backend):
            made.append(FakeCapture(source, backend, dict(values)))
            return made[0]

        monkeypatch.setattr(cv2, 'VideoCapture', capture)
        return video_device.open_device(CameraConfig(device=device, **config)), made[0]

    return open_one


@pytest.mark.parametrize(
    'device, source, backend',
    [
        ('0', 0, cv2.CAP_V4L2),
        ('/dev/video2', '/dev/video2', cv2.CAP_V4L2),
        ('rtsp://camera/stream', 'rtsp://camera/stream', cv2.CAP_ANY),
    ],
)
def test_a_local_camera_is_opened_by_v4l2_whose_times_are_known(opened, device, source, backend):
    _, capture = opened(device)
    assert (capture.source, capture.backend) == (source, backend)


def test_a_driver_is_asked_for_format_size_and_rate_and_read_back(opened):
    device, capture = opened(pixel_format='MJPG', camera_period_s=0.02)
    assert capture.order[0] == cv2.CAP_PROP_FOURCC
    assert device.granted() == Granted(640, 360, 50.0, 'MJPG', None, None)
    device, _ = opened(
        values={
            cv2.CAP_PROP_FRAME_WIDTH: 800.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 600.0,
            cv2.CAP_PROP_FPS: 30.0,
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter_fourcc(*'YUYV')),
            cv2.CAP_PROP_AUTO_EXPOSURE: 3.0,
            cv2.CAP_PROP_EXPOSURE: 157.0,
            cv2.CAP_PROP_POS_MSEC: 123456.789,
        }
    )
    assert device.granted()[:5] == (800, 600, 30.0, 'YUYV', 3)
    assert device.granted().exposure_s == pytest.approx(0.0157)
    assert device.driver_ms() == 123456.789


def test_a_format_of_other_than_four_letters_is_refused():
    with pytest.raises(ValueError, match="pixel_format is 'JPEG2'; it must be four letters such as 'MJPG'"):
        CameraConfig(pixel_format='JPEG2')


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
