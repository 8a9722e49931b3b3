"""The place of a screen from discs in pictures, and the least squares behind it."""

import numpy as np
import pytest

from commissioning.calibration import monitor_geometry, poses
from commissioning.calibration.least_squares import fit, jacobian
from commissioning.calibration.monitor_geometry import Geometry, Sighting
from ur5_rl_env import red_disc
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.scene_config import SceneConfig

ARM = Kinematics(UR5)

SIZE = (90, 160)
NOMINAL = Geometry.nominal(SceneConfig())


def hidden(rng):
    """A cell as people build it: some centimetres and degrees off."""
    return NOMINAL._replace(
        horizontal_fov=60.0 + rng.uniform(-5, 5),
        camera_turn=rng.uniform(-0.04, 0.04, 3),
        camera_place=rng.uniform(-0.04, 0.04, 3),
        centre=NOMINAL.centre + rng.uniform(-0.03, 0.03, 3),
        turn=rng.uniform(-0.05, 0.05, 3),
        width=0.53 + rng.uniform(-0.06, 0.06),
        height=0.3 + rng.uniform(-0.03, 0.03),
    )


@pytest.fixture(scope='module')
def places():
    return poses.choose(UR5.home, GuardConfig(), NOMINAL, SIZE)


def seen(geometry, places, rng, noise=0.05):
    found = []
    for q in places:
        tool = np.repeat(ARM.base_link_from_tool0(q)[None], len(poses.PLACES), 0)
        where, _ = monitor_geometry.project(geometry, tool, np.array(poses.PLACES), SIZE)
        where = where + noise * rng.standard_normal(where.shape)
        found += [Sighting(q, place, *point) for place, point in zip(poses.PLACES, where, strict=True)]
    return found


@pytest.mark.parametrize('seed', range(6))
def test_a_hidden_screen_is_found_within_5_mm(places, seed):
    rng = np.random.default_rng(seed)
    true = hidden(rng)
    sightings = seen(true, places, rng)
    wrong = sightings[7]._replace(column=sightings[7].column + 20.0)  # a reflection
    found = monitor_geometry.measure([*sightings[:7], wrong, *sightings[8:]], NOMINAL, SIZE, ARM)
    assert np.linalg.norm(found.geometry.centre - true.centre) < 0.005
    assert abs(found.geometry.width - true.width) < 0.003 and abs(found.geometry.height - true.height) < 0.003
    assert np.abs(found.geometry.turn - true.turn).max() < 0.01
    assert np.linalg.norm(found.geometry.camera_place - true.camera_place) < 0.006
    assert found.left_out >= 1 and wrong not in found.used
    assert np.abs(found.geometry.centre - true.centre).max() < 5 * max(found.deviations.centre)


def test_too_few_discs_tell_nothing(places):
    sightings = seen(NOMINAL, places, np.random.default_rng(0))
    with pytest.raises(ValueError, match='10 measurements do not tell 15 unknown values'):
        monitor_geometry.measure(sightings[:5], NOMINAL, SIZE, ARM)
    with pytest.raises(ValueError, match='more different'):
        monitor_geometry.measure(sightings[:5] * 4, NOMINAL, SIZE, ARM)  # from one place alone


def test_a_disc_is_where_the_picture_has_it():
    """Against the conventions of docs/units_and_frames.md, by hand: the camera at home sees the centre."""
    tool = ARM.base_link_from_tool0(UR5.home)[None]
    (column, row), (depth,) = (part[0] if part.ndim > 1 else part for part in _project(tool, (0.0, 0.0)))
    assert depth == pytest.approx(0.95 - tool[0, 1, 3], abs=1e-3)
    assert (column, row) == pytest.approx((79.5, 44.5), abs=0.5)
    right, up = _project(tool, (0.3, 0.0))[0][0], _project(tool, (0.0, 0.3))[0][0]
    assert right[0] > column + 20 and up[1] < row - 10


def _project(tool, place):
    return monitor_geometry.project(NOMINAL, tool, np.array([place]), SIZE)


def test_a_screen_that_no_place_sees_whole_is_refused():
    with pytest.raises(ValueError, match=r'from 0 of 1500 places .* monitor_y'):
        poses.choose(UR5.home, GuardConfig(), NOMINAL._replace(width=3.0), SIZE)


def test_values_of_a_geometry_come_back():
    true = hidden(np.random.default_rng(1))
    assert Geometry.of(true.values).values == pytest.approx(true.values)
    assert len(true.values) == monitor_geometry.UNKNOWN


def test_least_squares_of_a_line_are_those_of_the_book():
    x, y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.9, 5.1, 7.0])
    found = fit(lambda v: v[0] + v[1] * x - y, np.zeros(2))
    assert found.values == pytest.approx([0.97, 2.02])
    variance = (found.residuals @ found.residuals) / 2
    assert found.deviations == pytest.approx(np.sqrt(variance * np.array([14 / 20, 4 / 20])))


def test_least_squares_of_a_bent_function_end_at_its_least():
    x = np.linspace(0.0, 2.0, 30)
    found = fit(lambda v: v[0] * np.exp(v[1] * x) - 2.0 * np.exp(-0.7 * x), np.array([1.0, 0.5]))
    assert found.values == pytest.approx([2.0, -0.7], abs=1e-6)
    assert jacobian(lambda v: v**2, np.array([3.0])) == pytest.approx(np.array([[6.0]]))


def test_a_disc_is_found_to_a_part_of_a_pixel_and_one_at_the_edge_is_not_whole():
    rows, columns = np.mgrid[:90, :160]
    share = np.clip(6.0 - np.hypot(columns - 50.3, rows - 40.8), 0.0, 1.0)[..., None]
    picture = (255 - share * (255, 255, 0)).astype(np.uint8)
    spot = red_disc.find(picture)
    assert (spot.column, spot.row) == pytest.approx((50.3, 40.8), abs=0.1) and spot.whole
    assert not red_disc.find(picture[:, 47:]).whole
    assert red_disc.find(np.full((90, 160, 3), 255, np.uint8)) is None
    assert red_disc.core(picture).mean(0)[2] == 255 and len(red_disc.core(picture)) > 60
