"""Each fault of a camera, on a fake one with a fake clock."""

import numpy as np
import pytest

from commissioning import camera_checks, doctor
from commissioning.finding import State
from ur5_rl_env.devices.camera import CameraConfig
from ur5_rl_env.devices.granted import Granted
from ur5_rl_graph.clock import Clock

CONFIG = CameraConfig(device='7')
EPOCH_NS = 1_700_000_000 * 10**9


class FakeCamera:
    """A camera that is as its attributes say; grabbing takes its period."""

    live = True

    def __init__(self, period_s=0.04, age_s=0.02, colour=(0, 0, 255), grey=120, stamped=True):
        self.time, self.period_s, self.age_s, self.stamped = 100.0, period_s, age_s, stamped
        self.picture = np.full((360, 640, 3), grey, np.uint8)
        self.picture[160:200, 300:340] = colour
        self.shows = 0

    def open(self):
        return self

    def grab(self):
        self.time += self.period_s
        self.picture[0, 0, 0] ^= 1  # sensor noise
        return True

    def retrieve(self):
        return self.picture.copy()

    def driver_ms(self):
        return 1e3 * (self.time - self.age_s) if self.stamped else 0.0

    def granted(self):
        return Granted(640, 360, 1 / self.period_s, 'YUYV', 1, 0.01)

    def close(self):
        pass

    def show(self):
        self.shows += 1

    def judged(self, shown=True, open_device=None):
        clock = Clock(lambda: self.time, lambda: EPOCH_NS + round(1e9 * self.time))

        def wait(seconds):
            self.time += seconds

        sight = camera_checks.watch(CONFIG, open_device or self.open, self.show, clock, wait)
        return list(camera_checks.judge(CONFIG, sight, shown))


def states(found):
    return {f.name: f.state for f in found if not (f.name == 'camera' and f.state is State.OK)}


def test_a_camera_as_it_should_be():
    fake = FakeCamera()
    found = fake.judged()
    assert states(found) == dict.fromkeys(('rate', 'latency', 'light', 'target'), State.OK)
    assert '640x360, 25 Hz, YUYV' in found[0].text and fake.shows >= 48
    assert next(f for f in found if f.name == 'latency').text.startswith('20 ms')


@pytest.mark.parametrize(
    ('fake', 'name', 'state', 'words'),
    [
        ({'period_s': 1 / 30}, 'rate', State.WARNING, '30.0 Hz: asked was 25 Hz: camera_period_s: 0.0333'),
        ({'period_s': 1.5}, 'rate', State.FAULT, 'frames in 2 s'),
        ({'age_s': 0.15}, 'latency', State.WARNING, '150 ms'),
        ({'grey': 5}, 'light', State.WARNING, 'dark (median 5'),
        ({'grey': 252}, 'light', State.WARNING, 'bright'),
        ({'colour': (90, 90, 250)}, 'target', State.FAULT, 'of B, G, R 90, 90, 250; 0 are in'),
        (
            {'colour': (120, 120, 120)},
            'target',
            State.FAULT,
            'nothing red in the picture, though',
        ),
    ],
)
def test_what_a_check_makes_of_a_camera(fake, name, state, words):
    found = [f for f in FakeCamera(**fake).judged() if f.name == name]
    assert found[-1].state is state and words in str(found[-1])


def test_without_a_display_a_target_that_is_not_seen_is_a_question():
    assert states(FakeCamera(colour=(120, 120, 120)).judged(shown=False))['target'] is State.ASK


def test_what_the_camera_itself_warns_of_is_a_line_of_its_own():
    found = FakeCamera(stamped=False).judged()
    assert any(f.state is State.WARNING and 'measure it' in f.text for f in found)


def test_a_camera_that_is_not_there_is_one_fault_with_its_cause():
    def refuse():
        raise OSError('cannot be opened')

    (found,) = FakeCamera().judged(open_device=refuse)
    assert found.state is State.FAULT and '7: camera 7 cannot be opened' in found.text


def test_a_display_that_cannot_be_opened_keeps_no_camera_from_being_looked_at(monkeypatch):
    seen = []

    def watch(config, open_device, show):
        show()
        seen.append(config.device)
        return camera_checks.Sight([], [], [], None, {})

    monkeypatch.setattr(camera_checks, 'watch', watch)
    (found,) = doctor.look_through(doctor.parameters('small'), '/dev/video7', ':4321')
    assert seen == ['/dev/video7'] and found.name == 'camera'


def test_beside_a_run_neither_its_camera_is_opened_nor_its_monitor_painted_over(monkeypatch):
    looked = []
    monkeypatch.setattr(doctor, 'look_through', lambda *words: looked.append(words) or [])
    monkeypatch.setattr(doctor.probes, 'places', lambda: ['run in domain 3, namespace /'])
    (check,) = doctor.device_checks(doctor.parameters('small'), '', '/dev/video7', '')
    (found,) = check.look()
    assert found.state is State.ASK and 'run in domain 3, namespace /' in found.text and not looked
    monkeypatch.setattr(doctor.probes, 'places', list)
    assert check.look() == [] and len(looked) == 1
