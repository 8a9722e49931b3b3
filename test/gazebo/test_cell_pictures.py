"""Image and reward at 50 poses, against a pinhole camera on the flange and a disc on the screen."""

import math

import numpy as np
import pytest

from ur5_cell.room import disc_centre
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.reward import Reward, target_mask
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import TaskConfig

ARM = Kinematics(UR5)

POSES = 50
FINE = 3  # rays along each side of a pixel; the middle one goes through its centre


def expected(q, target, config):
    """How much of each pixel the disc fills, and whether its centre is in it, (image_height, image_width)."""
    height, width = config.image_height, config.image_width
    focal = width / 2 / math.tan(math.radians(config.horizontal_fov / 2))
    u = (np.arange(width * FINE) + 0.5) / FINE - width / 2
    v = (np.arange(height * FINE) + 0.5) / FINE - height / 2
    pose = ARM.base_link_from_tool0(q)
    # Right in the picture is -x of tool0, down is -y.
    rays = (
        focal * pose[:3, 2]
        - u[None, :, None] * pose[:3, 0][None, None]
        - v[:, None, None] * pose[:3, 1][None, None]
    )
    x, y, z = disc_centre(config, *target)
    way = (y - pose[1, 3]) / rays[..., 1]
    across = pose[0, 3] + way * rays[..., 0] - x, pose[2, 3] + way * rays[..., 2] - z
    inside = (way > 0) & (np.hypot(*across) <= config.target_radius)
    middle = slice(FINE // 2, None, FINE)
    return inside.reshape(height, FINE, width, FINE).mean(axis=(1, 3)), inside[middle, middle]


def centre(weights):
    rows, columns = np.indices(weights.shape)
    return np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()


def poses(count):
    """Joint angles within the guard's bounds, each with a place of the disc that the camera sees."""
    rng, guard = np.random.default_rng(3), Guard(GuardConfig())
    found = []
    while len(found) < count:
        q = np.array(UR5.home)
        q[:5] += rng.uniform(-0.15, 0.15, 5)
        target = tuple(rng.uniform((-0.2, -0.1), (0.2, 0.1)))
        if not guard.outside(q):
            found.append((q, target))
    return found


def test_the_disc_is_seen_where_geometry_has_it_and_rewarded_so(make_cell):
    cell = make_cell()
    reward = Reward(TaskConfig())
    seen = 0
    for wanted, cell.target in poses(POSES):
        cell.go(wanted)
        q, picture = cell.picture()
        assert q == pytest.approx(wanted, abs=cell.by + 1e-12)
        filled, centres = expected(q, cell.target, cell.config)
        mask = target_mask(picture) > 0
        assert abs(mask.sum() - filled.sum()) <= 4 * cell.seen_by
        whole = np.full((*filled.shape, 3), 255, np.uint8)
        whole[centres] = (0, 0, 255)
        assert reward(picture, q) == pytest.approx(reward(whole, q), abs=0.1 * cell.seen_by)
        if filled.sum() > 20 and not filled[[0, -1]].any() and not filled[:, [0, -1]].any():
            assert np.abs(centre(mask) - centre(filled)).max() < 0.3 * cell.seen_by
            seen += 1
    assert seen > POSES / 2
    assert not cell.lines
