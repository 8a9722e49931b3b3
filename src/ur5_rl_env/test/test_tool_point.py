"""The tool point, vectorised and bounded, against the product of transforms."""

import numpy as np
import pytest

from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import MODELS, UR5
from ur5_rl_env.tool_point import ToolPoint

ARM = Kinematics(UR5)

OFFSETS = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.15), (0.03, -0.05, -0.1)]  # the last: behind the flange
ANGLES = np.random.default_rng(0).uniform(-np.pi, np.pi, (40, 6))


@pytest.mark.parametrize('offset', OFFSETS)
def test_positions_are_those_of_the_kinematics(offset):
    tool = ToolPoint(ARM, offset)
    expected = [(ARM.base_link_from_tool0(q) @ [*offset, 1.0])[:3] for q in ANGLES]
    np.testing.assert_allclose(tool.positions(ANGLES), expected, atol=1e-12)
    np.testing.assert_allclose([tool.position(q) for q in ANGLES], expected, atol=1e-12)


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


@pytest.mark.parametrize('model', MODELS.values(), ids=MODELS)
@pytest.mark.parametrize('offset', OFFSETS)
def test_reach_and_bend_are_of_each_link_with_all_joints_before_it(model, offset):
    tool = ToolPoint(Kinematics(model), offset)
    x, y, z = offset
    # The wrist's offset d4 lies along the axes of the three joints before it, which do not turn it.
    links = np.abs([model.d4, model.a2, model.a3, model.d5, model.d6 + z, np.hypot(x, y)])
    for turns in np.random.default_rng(2).uniform(0.0, 0.5, (5, 6)):
        turned = np.cumsum(turns)
        assert tool.reach(turns.tolist()) == pytest.approx(links @ turned)
        assert tool.bend(turns.tolist()) == pytest.approx(links @ turned**2 / 8)
