"""The world of Gazebo against kinematics, URDF, room and camera; libsdformat reads it where it is there."""

import shutil
import subprocess
import sys
from math import pi
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from sdf_reader import Model, matrix

from ur5_cell.cell_config import SimulatedCameraConfig
from ur5_cell.room import disc_centre, monitor, pedestal
from ur5_rl_env import frames, kinematics
from ur5_rl_env.arm_shapes import Box, camera
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.scene_config import MONITOR_CENTRE
from ur5_rl_env.urdf import LINK_NAMES, robot_description
from ur5_rl_gazebo import names
from ur5_rl_gazebo.world import BEYOND_M, HIDDEN_M, STEP_S, WORLD, world_sdf
from ur5_rl_graph.data import JOINT_NAMES

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'ur5_rl_env/test'))
from dh_product import link_poses

LAB = SimulatedCameraConfig(
    monitor_y=1.1, screen_width=0.6, screen_height=0.35, target_radius=0.03, horizontal_fov=75.0
)
ANGLES = [UR5.home, (0.0,) * 6, *np.random.default_rng(1).uniform(-pi, pi, (30, 6))]


def world(config=LAB, period_s=0.04):
    return ElementTree.fromstring(world_sdf(config, period_s)).find('world')


@pytest.fixture(scope='module')
def lab():
    return world()


@pytest.fixture
def arm(lab):
    return Model(lab.find(f"model[@name='{names.ARM}']"))


def put(arm, q):
    arm.angles = {name: angle - home for name, angle, home in zip(JOINT_NAMES, q, UR5.home, strict=True)}


@pytest.mark.parametrize('q', ANGLES)
def test_links_and_frames_are_where_kinematics_has_them(arm, q):
    put(arm, q)
    poses = link_poses(UR5, q)
    origins = np.array([pose[:3, 3] for pose in poses])
    # Link i is Denavit-Hartenberg frame i-1 turned by q_i and shifted along its z.
    for i, link in enumerate(LINK_NAMES):
        pose = arm.pose(link)
        before = poses[i - 1] if i else kinematics.BASE_LINK_FROM_CONTROLLER
        assert pose[:3, 2] == pytest.approx(before[:3, 2], abs=1e-6)
        shifted = before @ np.array([0.0, 0.0, UR5.d[i], 1.0])
        assert pose[:3, 3] == pytest.approx(shifted[:3], abs=1e-6)
    assert arm.pose(frames.TOOL0) == pytest.approx(poses[5], abs=1e-6)
    assert arm.pose(frames.TOOL0)[:3, 3] == pytest.approx(origins[5], abs=1e-6)
    tool = Kinematics(UR5).base_link_from_tool0(q)
    assert arm.pose(frames.OPTICAL_FRAME)[:3, 2] == pytest.approx(tool[:3, 2], abs=1e-6)
    assert arm.pose(frames.BASE_LINK) == pytest.approx(np.eye(4), abs=1e-12)


@pytest.mark.parametrize('q', ANGLES[:6])
def test_the_camera_looks_out_of_the_flange_with_the_picture_upright(arm, q):
    put(arm, q)
    sensor = arm.element.find(".//sensor[@type='camera']")
    pose = arm.of_part('wrist_3_link', sensor)
    tool = Kinematics(UR5).base_link_from_tool0(q)
    assert pose[:3, 3] == pytest.approx(tool[:3, 3], abs=1e-6)
    assert pose[:3, 0] == pytest.approx(tool[:3, 2], abs=1e-6)  # Gazebo's camera looks along x, z is up
    assert pose[:3, 2] == pytest.approx(tool[:3, 1], abs=1e-6)


def test_the_sensor_is_on_the_last_link(arm):
    (carrier,) = [link for link in arm.element.findall('link') if link.find('sensor') is not None]
    assert carrier.get('name') == 'wrist_3_link'


@pytest.mark.parametrize(
    ('config', 'size'),
    [
        (LAB, (160, 90)),
        (SimulatedCameraConfig(image_width=320, image_height=180), (320, 180)),
        (SimulatedCameraConfig(strided=True), (640, 360)),
    ],
)
def test_the_camera_has_the_cells_size_view_and_rate(config, size):
    sensor = world(config, 0.05).find('.//sensor')
    image = sensor.find('camera/image')
    assert (int(image.findtext('width')), int(image.findtext('height'))) == size
    assert (image.findtext('format'), image.findtext('anti_aliasing')) == ('R8G8B8', '0')
    fov = float(sensor.findtext('camera/horizontal_fov'))
    assert fov == pytest.approx(config.horizontal_fov * pi / 180, abs=1e-9)
    assert float(sensor.findtext('update_rate')) == pytest.approx(20.0)
    assert sensor.findtext('topic') == names.IMAGE and sensor.findtext('always_on') == 'true'


def test_noise_is_that_of_the_cell_in_parts_of_white():
    assert world().find('.//sensor/camera/noise') is None
    noise = world(SimulatedCameraConfig(noise_sd=5.1)).find('.//sensor/camera/noise')
    assert float(noise.findtext('stddev')) == pytest.approx(0.02) and noise.findtext('type') == 'gaussian'


def test_the_camera_does_not_see_its_own_housing_and_all_else(lab):
    mask = int(lab.findtext('.//sensor/camera/visibility_mask'))
    every_bit = 2**32 - 1
    hidden = [
        visual.get('name')
        for visual in lab.iter('visual')
        if not mask & int(visual.findtext('visibility_flags', str(every_bit)))
    ]
    assert hidden == [f'tool0_{i}' for i in range(len(camera(UR5)))]


def test_joints_turn_about_z_within_the_limits_of_the_urdf(arm):
    urdf = ElementTree.fromstring(robot_description())
    for name, home in zip(JOINT_NAMES, UR5.home, strict=True):
        joint = arm.element.find(f"joint[@name='{name}']")
        told = {key: float(value) for key, value in urdf.find(f"joint[@name='{name}']/limit").items()}
        limit = {part.tag: float(part.text) for part in joint.find('axis/limit')}
        expected = told | {'lower': told['lower'] - home, 'upper': told['upper'] - home}
        assert limit == pytest.approx(expected, abs=1e-6)
        assert joint.get('type') == 'revolute' and joint.findtext('axis/xyz') == '0.0 0.0 1.0'
    assert {joint.get('name') for joint in arm.element.findall('joint')} - set(JOINT_NAMES) == {
        'base_link-base_link_inertia'
    }
    assert arm.element.find("joint[@type='fixed']/parent").text == 'world'


def test_masses_centres_and_inertias_are_those_of_the_urdf(arm):
    urdf = {link.get('name'): link for link in ElementTree.fromstring(robot_description()).iter('link')}
    links = arm.element.findall('link')
    assert [link.get('name') for link in links] == ['base_link_inertia', *LINK_NAMES]
    for link in links:
        found, told = link.find('inertial'), urdf[link.get('name')].find('inertial')
        assert float(found.findtext('mass')) == pytest.approx(float(told.find('mass').get('value')), abs=1e-9)
        centre = list(map(float, told.find('origin').get('xyz').split()))
        assert matrix(found.find('pose'))[:3, 3] == pytest.approx(centre, abs=1e-9)
        tensor = {part.tag: float(part.text) for part in found.find('inertia')}
        assert tensor == pytest.approx({k: float(v) for k, v in told.find('inertia').items()}, abs=1e-12)


def test_what_is_seen_of_the_arm_can_be_touched(arm):
    for link in arm.element.findall('link'):
        looks, solids = link.findall('visual'), link.findall('collision')
        assert len(looks) == len(solids) > 0
        for look, solid in zip(looks, solids, strict=True):
            name = link.get('name')
            assert arm.of_part(name, look) == pytest.approx(arm.of_part(name, solid), abs=1e-12)
            shapes = [
                [(part.tag, (part.text or '').strip()) for part in of.find('geometry').iter()]
                for of in (look, solid)
            ]
            assert shapes[0] == shapes[1]


def test_shapes_are_where_the_urdf_has_them(arm):
    """The camera's housing is told in a frame without a link; one of each other kind stands for the rest."""
    put(arm, UR5.home)
    tool = Kinematics(UR5).base_link_from_tool0(UR5.home)
    for i, shape in enumerate(camera(UR5)):
        middle = shape.centre if isinstance(shape, Box) else np.mean([shape.start, shape.end], axis=0)
        look = arm.element.find(f".//visual[@name='tool0_{i}']")
        expected = tool @ (*np.array(middle) - (0, 0, UR5.d6), 1.0)
        assert arm.of_part('wrist_3_link', look)[:3, 3] == pytest.approx(expected[:3], abs=1e-6)


@pytest.mark.parametrize(
    ('model', 'shapes', 'solid'), [('monitor', monitor(LAB), True), ('room', pedestal(), False)]
)
def test_the_room_stands_where_the_simulated_cell_has_it(lab, model, shapes, solid):
    found = Model(lab.find(f"model[@name='{model}']"))
    assert found.element.findtext('static') == 'true'
    link = found.element.find('link')
    for name, shape in shapes.items():
        look = link.find(f"visual[@name='{name}']")
        pose = found.of_part('link', look)
        assert (link.find(f"collision[@name='{name}_solid']") is not None) is solid
        if isinstance(shape, Box):
            assert pose[:3, 3] == pytest.approx(shape.centre, abs=1e-9)
            assert list(map(float, look.findtext('geometry/box/size').split())) == list(shape.size)
        else:
            ends = [
                (pose @ (0.0, 0.0, s * float(look.findtext('geometry/cylinder/length')) / 2, 1.0))[:3]
                for s in (-1, 1)
            ]
            assert np.array(ends) == pytest.approx(np.array([shape.start, shape.end]), abs=1e-9)
            assert float(look.findtext('geometry/cylinder/radius')) == shape.radius


@pytest.mark.parametrize('place', [(0.0, 0.0), (0.2, -0.1), (-0.25, 0.14)])
def test_the_disc_goes_where_it_is_told(lab, place):
    disc = Model(lab.find(f"model[@name='{names.DISC}']"))
    disc.angles = dict(zip(('right', 'up'), place, strict=True))
    look = disc.element.find('.//visual')
    pose = disc.of_part('disc', look)
    assert pose[:3, 3] == pytest.approx(disc_centre(LAB, *place), abs=1e-9)
    assert abs(pose[:3, 2]) == pytest.approx((0, 1, 0), abs=1e-9)  # it faces the arm
    assert float(look.findtext('geometry/cylinder/radius')) == LAB.target_radius
    assert disc.element.find('.//collision') is None


def test_the_disc_reaches_all_of_the_screen_and_waits_under_the_floor(lab):
    limits = {
        joint.get('name'): tuple(float(joint.findtext(f'axis/limit/{end}')) for end in ('lower', 'upper'))
        for joint in lab.findall(f"model[@name='{names.DISC}']/joint")
    }
    half_x, half_y = LAB.half_range
    for name, low, high in (('right', -half_x, half_x), ('up', HIDDEN_M, half_y)):
        assert limits[name] == pytest.approx((low - BEYOND_M, high + BEYOND_M))
    assert BEYOND_M > 0.1  # a joint at its limit is stuck
    assert MONITOR_CENTRE[2] + HIDDEN_M < -0.72 - LAB.target_radius
    begins = {
        plugin.findtext('joint_name'): float(plugin.findtext('initial_position'))
        for plugin in lab.findall(f"model[@name='{names.DISC}']/plugin")
    }
    assert begins == {'right': 0.0, 'up': HIDDEN_M}


def test_what_gives_light_of_its_own_is_not_lit(lab):
    for visual in lab.iter('visual'):
        shines = visual.get('name') in ('screen', 'disc')
        own, lit = (visual.findtext(f'material/{part}') for part in ('emissive', 'diffuse'))
        assert (own != '0.0 0.0 0.0 1.0') is shines is (lit == '0.0 0.0 0.0 1.0')
    assert lab.findtext(".//visual[@name='disc']/material/emissive") == '1.0 0.0 0.0 1.0'


def test_two_steps_of_physics_are_a_control_period_in_real_time(lab):
    assert float(lab.findtext('physics/max_step_size')) == STEP_S == 0.004
    assert float(lab.findtext('physics/real_time_factor')) == 1.0


SYSTEMS = {
    ('gz-sim-physics-system', 'gz::sim::systems::Physics'): 1,
    ('gz-sim-sensors-system', 'gz::sim::systems::Sensors'): 1,
    ('gz-sim-scene-broadcaster-system', 'gz::sim::systems::SceneBroadcaster'): 1,
    ('gz-sim-joint-state-publisher-system', 'gz::sim::systems::JointStatePublisher'): 1,
    ('gz-sim-joint-controller-system', 'gz::sim::systems::JointController'): 6,
    ('gz-sim-joint-position-controller-system', 'gz::sim::systems::JointPositionController'): 2,
}
"""Files and names of Gazebo Harmonic's own systems."""


def test_the_systems_are_those_of_harmonic(lab):
    found = [(plugin.get('filename'), plugin.get('name')) for plugin in lab.iter('plugin')]
    assert {key: found.count(key) for key in found} == SYSTEMS
    states = lab.find(".//plugin[@name='gz::sim::systems::JointStatePublisher']")
    assert [joint.text for joint in states.findall('joint_name')] == list(JOINT_NAMES)


def test_names_are_told_once_in_each_scope(lab):
    """SDF forbids two siblings of one name, whatever their kinds."""
    for scope in lab.iter():
        siblings = [part.get('name') for part in scope if part.get('name') and part.tag != 'plugin']
        assert len(siblings) == len(set(siblings)), scope.get('name')
    assert lab.get('name') == WORLD


def test_libsdformat_reads_it(tmp_path):
    if shutil.which('ign') is None:
        pytest.skip('libsdformat is not installed: apt install ignition-tools libsdformat-dev')
    for i, config in enumerate((SimulatedCameraConfig(noise_sd=3.0), LAB)):
        path = tmp_path / f'{i}.sdf'
        path.write_text(world_sdf(config, 0.04), encoding='utf-8')
        told = subprocess.run(['ign', 'sdf', '-k', path], capture_output=True, text=True, timeout=60)
        assert told.stdout.splitlines()[-1:] == ['Valid.'], told.stdout + told.stderr
        assert 'Warning' not in told.stderr and 'Error' not in told.stderr, told.stderr
