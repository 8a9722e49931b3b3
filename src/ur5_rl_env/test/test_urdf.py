"""The URDF, read by MuJoCo's own compiler, against kinematics, guard, simulated cell and UR's description."""

import contextlib
from math import pi
from xml.etree import ElementTree

import numpy as np
import pytest
from dh_product import dh_matrix

from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_rl_env import frames
from ur5_rl_env.bounds import Bounds
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import ALPHA, UR5
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_env.urdf import LINK_NAMES, robot_description
from ur5_rl_graph.data import JOINT_NAMES

with contextlib.suppress(ImportError, OSError):
    from ur5_cell.scene import scene_xml  # before mujoco itself: it chooses the OpenGL
mujoco = pytest.importorskip('mujoco')

UR_DESCRIPTION = {
    'shoulder_pan_joint': (0, 0, 0.089159, 0, 0, 0),
    'shoulder_lift_joint': (0, 0, 0, pi / 2, 0, 0),
    'elbow_joint': (-0.425, 0, 0, 0, 0, 0),
    'wrist_1_joint': (-0.39225, 0, 0.10915, 0, 0, 0),
    'wrist_2_joint': (0, -0.09465, 0, pi / 2, 0, 0),
    'wrist_3_joint': (0, 0.0823, 0, pi / 2, pi, pi),
}
"""Origins x, y, z [m] and roll, pitch, yaw [rad] of the UR5's joints in Universal_Robots_ROS2_Description."""
UR_CENTRES = (
    (0, -0.02561, 0.00193),
    (0.2125, 0, 0.11336),
    (0.15, 0, 0.0265),
    (0, -0.0018, 0.01634),
    (0, 0.0018, 0.01634),
    (0, 0, -0.001159),
)
"""Centres of gravity in the Denavit-Hartenberg frames [m], as Universal Robots publishes them."""
ANGLES = np.random.default_rng(1).uniform(-2 * pi, 2 * pi, (50, 6))


class Read:
    """A model compiled from a URDF."""

    def __init__(self, text):
        keep = '<mujoco><compiler fusestatic="false" discardvisual="false"/></mujoco>'
        text = text.replace('<robot name="ur5">', f'<robot name="ur5">{keep}')
        self.model = mujoco.MjModel.from_xml_string(text)
        self.data = mujoco.MjData(self.model)

    def pose(self, frame, q=UR5.home, of=frames.BASE_LINK):
        """The pose of a frame in another, (4, 4)."""
        self.data.qpos[:] = q
        mujoco.mj_kinematics(self.model, self.data)
        return np.linalg.inv(self._in_world(of)) @ self._in_world(frame)

    def _in_world(self, frame):
        pose = np.eye(4)
        pose[:3, :3] = self.data.body(frame).xmat.reshape(3, 3)
        pose[:3, 3] = self.data.body(frame).xpos
        return pose


@pytest.fixture(scope='module')
def urdf():
    return Read(robot_description())


def euler(roll, pitch, yaw):
    (sr, cr), (sp, cp), (sy, cy) = ((np.sin(a), np.cos(a)) for a in (roll, pitch, yaw))
    x, y, z = (
        np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]]),
        np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]]),
        np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]]),
    )
    return z @ y @ x


def test_tool_of_the_urdf_is_that_of_kinematics_and_guard(urdf):
    tool = Bounds(GuardConfig()).tool
    for q in (UR5.home, *ANGLES):
        pose = urdf.pose(frames.TOOL0, q)
        np.testing.assert_allclose(pose, Kinematics(UR5).base_link_from_tool0(q), atol=1e-9)
        np.testing.assert_allclose(pose[:3, 3], tool.position(q), atol=1e-9)


def test_a_tool_offset_of_the_guard_is_one_in_tool0(urdf):
    offset = (0.03, -0.02, 0.1)
    tool = Bounds(GuardConfig(tool_offset=offset)).tool
    for q in ANGLES[:10]:
        np.testing.assert_allclose(
            (urdf.pose(frames.TOOL0, q) @ [*offset, 1])[:3], tool.position(q), atol=1e-9
        )


def test_base_is_the_frame_in_which_the_controller_tells_its_tool(urdf):
    for q in (UR5.home, *ANGLES[:10]):
        pose = urdf.pose(frames.TOOL0, q, of='base')
        np.testing.assert_allclose(pose, Kinematics(UR5).controller_from_tool0(q), atol=1e-9)
        told = Robot(RobotConfig(start_joints=tuple(q)), print).tool_pose()  # RTDE's actual_TCP_pose
        np.testing.assert_allclose(told[:3], pose[:3, 3], atol=1e-9)


@pytest.mark.parametrize(
    ('q', 'position'),
    [  # published by Universal Robots: the arm straight out, and straight up
        ((0, 0, 0, 0, 0, 0), (-0.81725, -0.19145, -0.005491)),
        ((0, -pi / 2, 0, -pi / 2, 0, 0), (0.0, -0.19145, 1.001059)),
    ],
)
def test_base_is_universal_robots_base_and_base_link_the_one_turned_by_pi(urdf, q, position):
    x, y, z = position
    np.testing.assert_allclose(urdf.pose(frames.TOOL0, q, of='base')[:3, 3], (x, y, z), atol=1e-9)
    np.testing.assert_allclose(urdf.pose(frames.TOOL0, q)[:3, 3], (-x, -y, z), atol=1e-9)


def test_every_link_lies_where_universal_robots_description_has_it(urdf):
    q = ANGLES[0]
    pose = np.diag([-1.0, -1.0, 1.0, 1.0])  # of base_link_inertia in base_link
    for name, link, angle in zip(JOINT_NAMES, LINK_NAMES, q, strict=True):
        origin = np.eye(4)
        origin[:3, 3], origin[:3, :3] = UR_DESCRIPTION[name][:3], euler(*UR_DESCRIPTION[name][3:])
        turn = np.eye(4)
        turn[:3, :3] = euler(0, 0, angle)
        pose = pose @ origin @ turn
        np.testing.assert_allclose(urdf.pose(link, q), pose, atol=1e-9)
    np.testing.assert_allclose(urdf.pose(frames.TOOL0, q), pose, atol=1e-9)
    np.testing.assert_allclose(
        urdf.pose('flange', q), pose @ [[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], atol=1e-9
    )


def test_the_camera_stands_where_the_cell_has_it(urdf):
    model = mujoco.MjModel.from_xml_string(scene_xml(SceneConfig()))
    cell = mujoco.MjData(model)
    for q in (UR5.home, *ANGLES[:10]):
        cell.qpos[:] = q
        mujoco.mj_kinematics(model, cell)
        mujoco.mj_camlight(model, cell)
        pose = urdf.pose(frames.OPTICAL_FRAME, q)
        camera = cell.cam('wrist')
        np.testing.assert_allclose(pose[:3, 3], camera.xpos, atol=1e-9)
        right, up, back = camera.xmat.reshape(3, 3).T  # OpenGL's camera looks along -z
        np.testing.assert_allclose(pose[:3, :3].T, [right, -up, -back], atol=1e-9)
        forward, left, upwards = urdf.pose(frames.CAMERA_FRAME, q)[:3, :3].T
        np.testing.assert_allclose([forward, left, upwards], [-back, -right, up], atol=1e-9)


@pytest.mark.parametrize(
    'scene', [SceneConfig(), SceneConfig(monitor_y=1.1, screen_width=0.7, screen_height=0.4)]
)
def test_the_corners_of_the_screen_are_those_of_the_cell(scene):
    urdf = Read(robot_description(scene))
    model = mujoco.MjModel.from_xml_string(scene_xml(scene))
    geom = next(g for g in map(model.geom, range(model.ngeom)) if model.mat(g.matid[0]).name == 'screen')
    pose = urdf.pose(frames.MONITOR)
    for right in (-1, 1):
        for up in (-1, 1):
            corner = pose @ [right * scene.screen_width / 2, up * scene.screen_height / 2, 0, 1]
            expected = geom.pos + geom.size * [right, -1, up]  # the front of the screen faces the arm
            np.testing.assert_allclose(corner[:3], expected, atol=1e-9)
    shapes = ElementTree.fromstring(robot_description(scene)).findall(
        "link[@name='monitor']/visual/geometry/box"
    )
    assert shapes[0].get('size').split()[:2] == [str(scene.screen_width), str(scene.screen_height)]


def test_masses_and_centres_of_gravity_are_those_that_universal_robots_publishes(urdf):
    for i, (link, mass) in enumerate(zip(LINK_NAMES, (3.7, 8.393, 2.33, 1.219, 1.219, 0.1879), strict=True)):
        body = urdf.model.body(link)
        assert body.mass[0] == pytest.approx(mass)
        dh = dh_matrix(0.0, UR5.a[i], 0.0, ALPHA[i])
        np.testing.assert_allclose(body.ipos, (dh @ [*UR_CENTRES[i], 1])[:3], atol=1e-9)
        largest, middle, least = sorted(body.inertia, reverse=True)
        assert 0.0 < least and largest < middle + least


def test_limits_hold_what_the_guard_allows_and_no_more_than_a_ur5_can():
    guard = GuardConfig()
    root = ElementTree.fromstring(robot_description())
    limits = [root.find(f"joint[@name='{name}']/limit") for name in JOINT_NAMES]
    for i, limit in enumerate(limits):
        lower, upper, velocity, effort = (
            float(limit.get(name)) for name in ('lower', 'upper', 'velocity', 'effort')
        )
        assert lower <= guard.joint_low[i] < guard.joint_high[i] <= upper <= 2 * pi
        assert guard.max_velocity < velocity == pytest.approx(pi)
        assert effort == (150.0 if i < 3 else 28.0)


def middles_and_axes(model, data, belongs):
    """Of cylinders and boxes: where they are, how large, and along which line their z lies."""
    found = []
    for i in filter(belongs, range(model.ngeom)):
        z = data.geom_xmat[i].reshape(3, 3)[:, 2]
        row = [*data.geom_xpos[i], *model.geom_size[i][:2], *np.outer(z, z).ravel()]
        found.append([round(number, 9) + 0.0 for number in row])
    return sorted(found)


def test_shapes_of_urdf_and_cell_are_at_the_same_places(urdf):
    cell = mujoco.MjModel.from_xml_string(scene_xml(SceneConfig()))
    in_cell = mujoco.MjData(cell)
    in_cell.qpos[:] = ANGLES[3]
    mujoco.mj_kinematics(cell, in_cell)
    urdf.pose(frames.TOOL0, ANGLES[3])
    model, links = urdf.model, {*LINK_NAMES, frames.TOOL0}

    def looks(i):  # group 0 is there to be touched
        return model.geom_group[i] == 1 and model.body(model.geom_bodyid[i]).name in links

    expected = middles_and_axes(cell, in_cell, lambda i: cell.body(cell.geom_bodyid[i]).name in JOINT_NAMES)
    assert len(expected) == 20
    np.testing.assert_allclose(middles_and_axes(model, urdf.data, looks), expected, atol=1e-8)


def test_the_foot_of_the_arm_and_the_monitor_behind_its_screen_by_hand():
    """Not shared with the cell: middles and sizes [m] in the frames of their links."""
    root = ElementTree.fromstring(robot_description())

    def looks(link):
        for visual in root.findall(f"link[@name='{link}']/visual"):
            (geometry,) = visual.find('geometry')
            sizes = geometry.get('size') or f'{geometry.get("radius")} {geometry.get("length")}'
            yield [float(number) for number in f'{visual.find("origin").get("xyz")} {sizes}'.split()]

    assert list(looks('base_link_inertia')) == [pytest.approx([0, 0, 0.015, 0.075, 0.03])]
    screen, bezel = looks('monitor')
    assert screen == pytest.approx([0, 0, -0.001, 0.53, 0.298, 0.002])
    assert bezel == pytest.approx([0, 0, -0.022, 0.554, 0.322, 0.04])  # its front is the back of the screen


def test_every_inertia_is_that_of_a_body_that_can_be():
    """Positive moments that keep the triangle inequality, of the cylinders that Universal Robots names."""
    root = ElementTree.fromstring(robot_description())
    found = {
        link.get('name'): [float(link.find('inertial/inertia').get(f'i{axis}{axis}')) for axis in 'xyz']
        for link in root.findall('link')
        if link.find('inertial') is not None
    }
    assert found.keys() == {'base_link_inertia', *LINK_NAMES}
    for moments in found.values():
        least, middle, largest = sorted(moments)
        assert 0.0 < least and largest < least + middle
    for link, mass, radius, length in (
        ('base_link_inertia', 4.0, 0.06, 0.05),
        ('shoulder_link', 3.7, 0.075, 0.178),
        ('wrist_1_link', 1.219, 0.06, 0.095),
        ('wrist_2_link', 1.219, 0.06, 0.085),
        ('wrist_3_link', 0.1879, 0.0375, 0.0305),
    ):
        across = mass * (3 * radius**2 + length**2) / 12
        assert found[link] == pytest.approx([across, across, mass * radius**2 / 2])
    for link, mass, length in (('upper_arm_link', 8.393, 0.425), ('forearm_link', 2.33, 0.39225)):
        across = mass * (3 * 0.06**2 + length**2) / 12  # hardest to turn across its length, which is along x
        assert found[link] == pytest.approx([mass * 0.06**2 / 2, across, across])
