"""The tree of frames of a robot description: complete, and where guard and cell have each of them."""

from math import pi

import numpy as np
import pytest

from ur5_rl_env import frames
from ur5_rl_env.bounds import Bounds
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.scene_config import MONITOR_CENTRE, SceneConfig
from ur5_rl_env.urdf import LINK_NAMES, robot_description
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_monitor.robot_tree import RobotTree, Transform, product, turned

ANGLES = np.random.default_rng(2).uniform(-2 * pi, 2 * pi, (20, 6))


def matrix(transform):
    x, y, z, w = transform.rotation
    pose = np.eye(4)
    pose[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    pose[:3, 3] = transform.translation
    return pose


class Buffer:
    """What a listener of tf makes of the messages: poses of all frames in the root."""

    def __init__(self, q, tree=None):
        tree = tree or RobotTree(robot_description())
        self.transforms = [*tree.fixed(), *tree.moving(dict(zip(JOINT_NAMES, q, strict=True)))]
        self.parent = {transform.child: transform for transform in self.transforms}
        self.root = tree.root

    def pose(self, frame, of=frames.BASE_LINK):
        return np.linalg.inv(self._in_root(of)) @ self._in_root(frame)

    def _in_root(self, frame):
        if frame == self.root:
            return np.eye(4)
        transform = self.parent[frame]
        return self._in_root(transform.parent) @ matrix(transform)


def test_the_frames_are_one_tree_with_one_root_and_each_has_one_parent():
    tree, buffer = RobotTree(robot_description()), Buffer(UR5.home)
    children = [transform.child for transform in buffer.transforms]
    assert len(children) == len(set(children))
    assert tree.root == frames.BASE_LINK and {*children, tree.root} == tree.frames
    assert tree.frames == {
        *('base_link', 'base', 'base_link_inertia', *LINK_NAMES, 'flange', 'tool0'),
        *('camera_link', 'camera_optical_frame', 'monitor'),
    }
    for frame in tree.frames:
        buffer.pose(frame)  # every one is connected


def test_tf_has_the_tool_where_guard_and_kinematics_have_it():
    tool = Bounds(GuardConfig()).tool
    for q in (UR5.home, *ANGLES):
        pose = Buffer(q).pose(frames.TOOL0)
        np.testing.assert_allclose(pose, Kinematics(UR5).base_link_from_tool0(q), atol=1e-9)
        np.testing.assert_allclose(pose[:3, 3], tool.position(q), atol=1e-9)
        np.testing.assert_allclose(
            Buffer(q).pose(frames.TOOL0, of='base'), Kinematics(UR5).controller_from_tool0(q), atol=1e-9
        )


def test_the_corners_of_the_guards_box_have_the_other_sign_in_the_controllers_frame():
    guard, buffer = GuardConfig(), Buffer(UR5.home)
    for corner in (guard.box_low, guard.box_high):
        x, y, z, _ = buffer.pose(frames.BASE_LINK, of='base') @ [*corner, 1]
        assert (x, y, z) == pytest.approx((-corner[0], -corner[1], corner[2]))


def test_the_tool_is_at_a_corner_of_the_box_where_the_guard_says_so():
    """Bounds with a corner where tf has the tool: the guard has it inside, and outside of narrower ones."""
    q = UR5.home
    corner = Buffer(q).pose(frames.TOOL0)[:3, 3]
    for beyond, inside in ((1e-9, True), (-5e-4, False)):
        bounds = Bounds(GuardConfig(box_high=tuple(corner + beyond)))
        assert bounds.inside(bounds.place(q), 0.0) == inside


def test_the_corners_of_the_screen_are_where_the_cell_has_them():
    scene = SceneConfig(monitor_y=1.2, screen_width=0.6, screen_height=0.3)
    pose = Buffer(UR5.home, RobotTree(robot_description(scene))).pose(frames.MONITOR)
    for right, up in ((-0.3, -0.15), (0.3, -0.15), (0.3, 0.15), (-0.3, 0.15)):
        expected = (MONITOR_CENTRE[0] + right, 1.2, MONITOR_CENTRE[2] + up)
        assert (pose @ [right, up, 0, 1])[:3] == pytest.approx(expected)
    assert (pose @ [0, 0, 0.1, 1])[1] == pytest.approx(1.1)  # z comes out of the screen


def test_the_camera_at_home_sees_the_middle_of_the_screen_in_the_middle_and_upright():
    pose = Buffer(UR5.home).pose(frames.MONITOR, of=frames.OPTICAL_FRAME)
    assert pose[:3, 3] == pytest.approx((0, 0, 0.654), abs=1e-3)
    right, up, out = pose[:3, :3].T
    assert right == pytest.approx((1, 0, 0), abs=1e-3)
    assert up == pytest.approx((0, -1, 0), abs=1e-3)
    assert out == pytest.approx((0, 0, -1), abs=1e-3)


def test_joints_that_are_not_told_and_names_of_none_have_no_transform():
    tree = RobotTree(robot_description())
    positions = {'elbow_joint': 0.5, 'gripper_joint': 1.0, 'wrist_1_joint': float('nan')}
    assert [transform.child for transform in tree.moving(positions)] == ['forearm_link']


def test_quaternions_turn_as_matrices_do():
    for numbers in np.random.default_rng(3).normal(size=(10, 2, 4)):
        a, b = (tuple(one / np.linalg.norm(one)) for one in numbers)
        turns = [matrix(Transform('', '', (0.0, 0.0, 0.0), one)) for one in (a, b, product(a, b))]
        np.testing.assert_allclose(turns[2], turns[0] @ turns[1], atol=1e-12)
        np.testing.assert_allclose(turned(a, (1.0, 2.0, 3.0)), turns[0][:3, :3] @ (1, 2, 3), atol=1e-12)


def robot(*joints, links='ab'):
    parts = [f'<link name="{name}"/>' for name in links]
    parts += [
        f'<joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>{more}</joint>'
        for name, kind, (parent, child), more in joints
    ]
    return f'<robot name="r">{"".join(parts)}</robot>'


@pytest.mark.parametrize(
    ('kind', 'position', 'translation', 'point'),
    [
        # The child is turned by 90 degrees about z: its x is the parent's y. Its axis is its own y.
        ('prismatic', 0.5, (1.0 - 0.5, 2.0, 3.0), (1.0 - 0.5, 3.0, 3.0)),
        ('revolute', pi / 2, (1.0, 2.0, 3.0), (1.0, 2.0, 2.0)),
        ('continuous', pi, (1.0, 2.0, 3.0), (1.0, 1.0, 3.0)),
        ('fixed', 0.0, (1.0, 2.0, 3.0), (1.0, 3.0, 3.0)),
    ],
)
def test_each_kind_of_joint_by_hand(kind, position, translation, point):
    more = f'<origin xyz="1 2 3" rpy="0 0 {pi / 2}"/><axis xyz="0 2 0"/>'
    tree = RobotTree(robot(('j', kind, 'ab', more)))
    (transform,) = tree.fixed() if kind == 'fixed' else tree.moving({'j': position})
    assert transform.translation == pytest.approx(translation)
    assert (matrix(transform) @ [1, 0, 0, 1])[:3] == pytest.approx(point)


@pytest.mark.parametrize(
    ('text', 'sentence'),
    [
        ('', 'robot_description is no XML'),
        ('<robot>', 'robot_description is no XML'),
        (robot(links=''), 'robot_description has 0 roots'),
        (robot(), r'robot_description has 2 roots \(a, b\)'),
        (robot(('j', 'floating', 'ab', '')), "joint j is of type 'floating'; known are fixed, revolute"),
        (robot(('j', 'fixed', 'ac', '')), 'joint j names a link c that is not there'),
        (robot(('j', 'fixed', ('', 'b'), '')), 'joint j lacks its parent or its child'),
        (
            robot(('j', 'fixed', 'ac', ''), ('k', 'fixed', 'bc', ''), links='abc'),
            'link c has two parents, a and b',
        ),
        (
            robot(('j', 'fixed', 'bc', ''), ('k', 'fixed', 'cb', ''), links='abc'),
            'link [bc] leads back to itself',
        ),
        (
            robot(('j', 'revolute', 'ab', '<axis xyz="0 0 0"/>')),
            'joint j has an axis of length 0',
        ),
        (
            robot(('j', 'revolute', 'ab', '<origin xyz="1 2"/>')),
            "joint j has '1 2' where three numbers belong",
        ),
    ],
)
def test_what_is_no_robot_is_refused_in_one_line(text, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        RobotTree(text)
    assert '\n' not in str(caught.value)
