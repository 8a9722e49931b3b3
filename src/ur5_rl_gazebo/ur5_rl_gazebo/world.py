"""The world of Gazebo: arm, camera, room, monitor and disc, as text of SDF.

python -m ur5_rl_gazebo.world > world.sdf
"""

import sys
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ur5_cell.cell_config import CellConfig, SimulatedCameraConfig
from ur5_cell.room import DISC_THICKNESS, FLOOR, disc_centre, monitor, pedestal
from ur5_rl_env.arm_shapes import Box
from ur5_rl_gazebo import names
from ur5_rl_gazebo.arm_model import arm_model
from ur5_rl_gazebo.sdf import (
    VERSION,
    element,
    look,
    numbers,
    plugin,
    pose,
    standing_disc,
    static_model,
)

FILE_NAME = 'gazebo.sdf'
"""In the folder of a run."""
WORLD = 'ur5_cell'
STEP_S = 0.004
"""Of the physics: two a control period."""
HIDDEN_M = -2.0
"""Height at which the disc waits for its first target: under the floor."""
BEYOND_M = 0.5
"""The disc's joints reach so much farther than it goes: in DART one that is at its limit is stuck."""
DISC_SPEED = 5.0
"""Largest speed of the disc [m/s]: a new target is at its place within 0.1 s."""


def world_sdf(config: SimulatedCameraConfig, camera_period_s: float) -> str:
    """Returns the whole file; `config` says where the monitor stands, and size and quality of the picture."""
    world = element(
        'world',
        element(
            'physics',
            element('max_step_size', numbers(STEP_S)),
            element('real_time_factor', numbers(1.0)),  # the graph lives in real time
            name='two_a_control_period',
            type='dart',
        ),
        plugin('physics', 'Physics'),
        plugin('sensors', 'Sensors', element('render_engine', 'ogre2')),
        plugin('scene-broadcaster', 'SceneBroadcaster'),  # for the window
        element(
            'scene',
            element('ambient', numbers(0.65, 0.65, 0.65, 1.0)),
            element('background', numbers(0.0, 0.0, 0.0, 1.0)),
            element('shadows', False),
            element('grid', False),
        ),
        _light(),
        static_model('room', {**pedestal(), 'floor': _floor()}, solid=False),
        static_model('monitor', monitor(config), solid=True),
        _disc(config),
        arm_model(config, camera_period_s),
        name=WORLD,
    )
    root = element('sdf', world, version=VERSION)
    ElementTree.indent(root)
    return '<?xml version="1.0"?>\n' + ElementTree.tostring(root, encoding='unicode') + '\n'


def _light() -> Element:
    return element(
        'light',
        pose((0.0, 0.0, 3.0)),
        element('diffuse', numbers(0.5, 0.5, 0.5, 1.0)),
        element('specular', numbers(0.0, 0.0, 0.0, 1.0)),
        element('direction', numbers(0.3, 0.5, -1.0)),
        element('cast_shadows', False),
        name='sun',
        type='directional',
    )


def _floor() -> Box:
    return Box((0.0, 0.0, FLOOR - 0.01), (8.0, 8.0, 0.02), 'floor')


def _disc(config: SimulatedCameraConfig) -> Element:
    """The red disc on two sliding joints, right and up as seen by the arm; each goes where it is told."""
    half_x, half_y = config.half_range
    looks = look('disc', standing_disc(config.target_radius, DISC_THICKNESS), 'target')
    return element(
        'model',
        pose(disc_centre(config, 0.0, 0.0)),
        element('link', _small_mass(), name='carriage'),
        element('link', _small_mass(), looks, name='disc'),
        _slide('right', 'world', 'carriage', (1.0, 0.0, 0.0), (-half_x, half_x)),
        _slide('up', 'carriage', 'disc', (0.0, 0.0, 1.0), (HIDDEN_M, half_y)),
        _placed('right', names.DISC_RIGHT, 0.0),
        _placed('up', names.DISC_UP, HIDDEN_M),
        name=names.DISC,
    )


def _small_mass() -> Element:
    inertia = element('inertia', *(element(key, numbers(1e-4)) for key in ('ixx', 'iyy', 'izz')))
    return element('inertial', element('mass', numbers(0.1)), inertia)


def _slide(name: str, parent: str, child: str, axis: tuple, reach: tuple[float, float]) -> Element:
    ends = element('lower', numbers(reach[0] - BEYOND_M)), element('upper', numbers(reach[1] + BEYOND_M))
    return element(
        'joint',
        element('parent', parent),
        element('child', child),
        element('axis', element('xyz', numbers(*axis)), element('limit', *ends)),
        name=name,
        type='prismatic',
    )


def _placed(joint: str, topic: str, begin: float) -> Element:
    """The position controller without a PID: it is there in one step, or as fast as DISC_SPEED lets it."""
    return plugin(
        'joint-position-controller',
        'JointPositionController',
        element('joint_name', joint),
        element('topic', topic),
        element('use_velocity_commands', True),
        element('cmd_max', numbers(DISC_SPEED)),
        element('initial_position', numbers(begin)),
    )


if __name__ == '__main__':
    sys.stdout.write(world_sdf(SimulatedCameraConfig(), CellConfig().camera_period_s))
