"""The simulated room: the arm stands where kinematics says, the camera sees the disc where geometry says."""

import importlib.util
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import MODELS, UR5
from ur5_rl_env.scene_config import SceneConfig

ARM = Kinematics(UR5)

if importlib.util.find_spec('mujoco') is None:  # not imported here: scene.py chooses its OpenGL first
    pytest.skip('MuJoCo is not installed', allow_module_level=True)

HOME = (1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415)


@pytest.fixture(scope='module')
def scene():
    try:
        from ur5_cell.scene import Scene

        made = Scene()
        made.render(HOME, (0.0, 0.0), 9, 16)
    except OSError as error:
        pytest.skip(str(error))
    yield made
    made.close()


def red(picture):
    """The reward's mask (thesis 3.3): B, G, R within [0, 0, 120] .. [50, 50, 255]."""
    return ((picture >= (0, 0, 120)) & (picture <= (50, 50, 255))).all(axis=2)


def centre_of_red(picture):
    rows, columns = np.nonzero(red(picture))
    return columns.mean() + 0.5, rows.mean() + 0.5


@pytest.mark.parametrize('model', MODELS.values(), ids=MODELS)
def test_the_camera_stands_on_the_flange_where_kinematics_puts_it(scene, model):
    of_model, rng = type(scene)(SceneConfig(robot_model=model.name)), np.random.default_rng(0)
    for q in [np.zeros(6), np.array(model.home), *rng.uniform(-3.1, 3.1, (50, 6))]:
        of_model._place(q, None)
        camera, pose = of_model._data.cam('wrist'), Kinematics(model).base_link_from_tool0(q)
        np.testing.assert_allclose(camera.xpos, pose[:3, 3], atol=1e-9)
        right_up_back = camera.xmat.reshape(3, 3)  # OpenGL's camera looks along -z; right is -x of tool0
        np.testing.assert_allclose(right_up_back, pose[:3, :3] * (-1, 1, -1), atol=1e-9)


def test_dot_from_home_has_the_size_and_place_that_geometry_gives(scene):
    """Pinhole: a point at (x, y) on the screen, 0.652 m ahead, lies at focal * x / 0.652 from the centre."""
    height, width = 360, 640
    focal = width / 2 / math.tan(math.radians(30))
    distance = 0.95 - 0.002 - ARM.base_link_from_tool0(HOME)[1, 3]
    for x, y in ((0.0, 0.0), (0.2, 0.1), (-0.2, -0.1), (0.2418, -0.1258)):
        picture = scene.render(HOME, (x, y), height, width)
        column, row = centre_of_red(picture)
        assert column == pytest.approx(width / 2 + focal * x / distance, abs=0.7)
        assert row == pytest.approx(height / 2 - focal * y / distance, abs=0.7)
        area = math.pi * (focal * 0.0232 / distance) ** 2
        assert red(picture).sum() == pytest.approx(area, rel=0.03)


def test_central_dot_from_home_covers_half_a_percent(scene):
    for height, width in ((90, 160), (180, 320), (360, 640)):
        assert red(scene.render(HOME, (0.0, 0.0), height, width)).mean() == pytest.approx(0.0053, abs=0.0003)


def test_image_is_upright_and_not_mirrored(scene):
    """From home, a turn of the base to the left (positive about z) moves the dot to the right."""
    turned = (HOME[0] + 0.1, *HOME[1:])
    before = centre_of_red(scene.render(HOME, (0.0, 0.0), 90, 160))
    after = centre_of_red(scene.render(turned, (0.0, 0.0), 90, 160))
    assert after[0] > before[0] + 5


def test_nothing_but_the_dot_is_red(scene):
    rng = np.random.default_rng(1)
    low, high = np.radians([55, -120, 0, -215, -135, 50]), np.radians([125, -30, 135, -135, -45, 190])
    off_screen = (0.0, 30.0)
    for q in rng.uniform(low, high, (40, 6)):
        assert not red(scene.render(q, off_screen, 90, 160)).any()


def test_picture_is_bgr_and_the_same_every_time(scene):
    first = scene.render(HOME, (0.1, 0.0), 90, 160)
    scene.render(HOME, (-0.1, 0.0), 90, 160)
    assert first.shape == (90, 160, 3) and first.dtype == np.uint8
    np.testing.assert_array_equal(first, scene.render(HOME, (0.1, 0.0), 90, 160))
    assert (first.reshape(-1, 3) == (0, 0, 255)).all(axis=1).any()


def test_what_is_left_out_was_in_no_picture(scene, monkeypatch):
    """From poses all over the joints' ranges, and with many shapes left out in each."""
    rng, hidden = np.random.default_rng(2), []
    for q in [np.array(HOME), *rng.uniform(-3.1, 3.1, (40, 6))]:
        picture = scene.render(q, (0.0, 0.0), 90, 160)
        hidden.append((scene._model.geom_group != scene._groups).sum())
        with monkeypatch.context() as patch:
            patch.setattr('ur5_cell.scene.in_view', lambda places, *_: np.ones(len(places), bool))
            np.testing.assert_array_equal(picture, scene.render(q, (0.0, 0.0), 90, 160))
    assert min(hidden) > 5


def test_overview_shows_the_room(scene):
    whole = scene.render_overview(HOME, (0.0, 0.0), 180, 320)
    scene.render(HOME, (0.0, 0.0), 90, 160)
    picture = scene.render_overview(HOME, (0.0, 0.0), 180, 320)
    np.testing.assert_array_equal(picture, whole)
    assert picture.shape == (180, 320, 3)
    assert 10 < red(picture).sum() < 300


def test_an_unusable_opengl_is_named_with_its_remedy():
    code = 'from ur5_cell.scene import Scene; Scene().render([0] * 6, (0, 0), 90, 160)'
    done = subprocess.run(
        [sys.executable, '-c', code],
        env={**os.environ, 'MUJOCO_GL': 'disabled'},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert 'apt install libegl1' in done.stderr.splitlines()[-1]


def test_an_interrupt_while_mujoco_is_imported_is_not_taken_for_a_missing_opengl():
    code = (
        'import sys\n'
        'class Interrupted:\n'  # as pybind11 tells of what interrupts the import of its modules
        '    def find_spec(self, name, *_):\n'
        '        if name == "mujoco":\n'
        '            try:\n'
        '                raise ImportError("initialization failed") from KeyboardInterrupt()\n'
        '            except ImportError as error:\n'
        '                raise ImportError("initialization failed") from error\n'
        'sys.meta_path.insert(0, Interrupted())\n'
        'try:\n'
        '    import ur5_cell.scene\n'
        'except KeyboardInterrupt:\n'
        '    print("interrupted")\n'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=60)
    assert done.stdout == 'interrupted\n', done.stderr


@pytest.mark.parametrize('platform', ['nonsense', 'glfw'])
def test_an_opengl_that_draws_nothing_is_named_with_what_to_install(platform):
    draw = 'from ur5_cell.scene import Scene; Scene().render((0.0,) * 6, None, 9, 16)'
    environment = os.environ | {'MUJOCO_GL': platform, 'PYTHONPATH': os.pathsep.join(sys.path)}
    environment = {name: value for name, value in environment.items() if 'DISPLAY' not in name}
    done = subprocess.run(
        [sys.executable, '-c', draw], env=environment, capture_output=True, text=True, timeout=60
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f'OSError: no off-screen picture with MUJOCO_GL={platform} (')
    assert last.endswith('apt install libegl1 (or libosmesa6 and MUJOCO_GL=osmesa)')
