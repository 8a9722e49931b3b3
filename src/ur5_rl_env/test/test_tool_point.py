"""The tool point, vectorised and bounded, against the product of transforms."""

import numpy as np
import pytest

from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.tool_point import ToolPoint

ARM = Kinematics(UR5)

OFFSETS = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.15), (0.03, -0.05, -0.1)]
ANGLES = np.random.default_rng(0).uniform(-np.pi, np.pi, (40, 6))


@pytest.mark.parametrize('offset', OFFSETS)
def test_positions_are_those_of_the_kinematics(offset):
    tool = ToolPoint(ARM, offset)
    expected = [(ARM.base_link_from_tool0(q) @ [*offset, 1.0])[:3] for q in ANGLES]
    np.testing.assert_allclose(tool.positions(ANGLES), expected, atol=1e-12)
    np.testing.assert_allclose([tool.position(q) for q in ANGLES], expected, atol=1e-12)
    np.testing.assert_allclose([tool.one_of_positions(q) for q in ANGLES], expected, atol=1e-12)


@pytest.mark.parametrize('offset', OFFSETS)
def test_the_jacobian_is_the_derivative(offset):
    tool, step = ToolPoint(ARM, offset), 1e-6 * np.eye(6)
    for q in ANGLES:
        change = (tool.positions(q + step) - tool.positions(q - step)) / 2e-6
        np.testing.assert_allclose(tool.jacobian(q), change.T, atol=1e-8)


@pytest.mark.parametrize('offset', OFFSETS)
def test_reach_and_bend_bound_every_straight_way_and_are_not_idle(offset):
    tool, rng = ToolPoint(ARM, offset), np.random.default_rng(1)
    reached = bent = 0.0
    for q in ANGLES:
        turn = rng.choice([-1.0, 1.0], 6) * rng.uniform(0.0, 0.3, 6)
        way = tool.positions(q + np.linspace(0.0, 1.0, 101)[:, None] * turn)
        moved = np.linalg.norm(way[-1] - way[0])
        chord = way[0] + np.linspace(0.0, 1.0, 101)[:, None] * (way[-1] - way[0])
        bend = np.linalg.norm(way - chord, axis=1).max()
        turns = np.abs(turn).tolist()
        assert moved <= tool.reach(turns) and bend <= tool.bend(turns)
        reached, bent = max(reached, moved / tool.reach(turns)), max(bent, bend / tool.bend(turns))
    assert reached > 0.4 and bent > 0.2
