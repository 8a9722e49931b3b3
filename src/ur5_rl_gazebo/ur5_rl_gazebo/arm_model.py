"""The arm as a model of Gazebo: its URDF, element by element.

A link of the URDF that has a mass is a link here; one that has none is a frame of the link that carries it.
Joints count from the home position, because Gazebo begins with all of them at zero: the model's
home is added to what it measures. All else is at the places and in the directions of the URDF.
"""

from math import pi
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ur5_cell.cell_config import NATIVE, SimulatedCameraConfig
from ur5_rl_env import frames
from ur5_rl_env.robot_models import MODELS
from ur5_rl_env.urdf import robot_description
from ur5_rl_gazebo import names
from ur5_rl_gazebo.sdf import element, look, numbers, plugin, pose, solid_part
from ur5_rl_graph.data import JOINT_NAMES

HIDDEN = 256
"""Bit of visibility of what the wrist camera does not see: its own housing. Gazebo uses the lowest."""
ALL_BITS = 2**32 - 1
RADIANS = pi / 180.0


def arm_model(config: SimulatedCameraConfig, camera_period_s: float) -> Element:
    """Returns the arm with its wrist camera, on its foot at the origin of the world."""
    robot = ElementTree.fromstring(robot_description(config))
    home = dict(zip(JOINT_NAMES, MODELS[config.robot_model].home, strict=True))
    model = element('model', name=names.ARM)
    links = {_word(link, 'name'): link for link in robot.iter('link')}
    bodies: dict[str, Element] = {}
    carriers = {frames.BASE_LINK: ''}  # which body carries a frame; the world carries the root
    model.append(element('frame', pose(), name=frames.BASE_LINK))
    for joint in robot.iter('joint'):  # parents come before their children
        child = _word(_part(joint, 'child'), 'link')
        if child == frames.MONITOR:
            continue  # it stands in the room, not on the arm
        parent = _word(_part(joint, 'parent'), 'link')
        has_mass = links[child].find('inertial') is not None
        carrier = carriers[child] = child if has_mass else carriers[parent]
        if has_mass:
            bodies[child] = element('link', _link_pose(joint, home), _inertial(links[child]), name=child)
            model.append(bodies[child])
            model.append(_joint(joint, parent, home))
        else:
            model.append(element('frame', _pose(joint, parent), name=child))
        if links[child].find('visual') is not None:
            bodies[carrier].extend(_shapes(links[child], '' if carrier == child else child))
    bodies[carriers[frames.CAMERA_FRAME]].append(_camera(config, camera_period_s))
    model.extend(_systems())
    return model


def _part(whole: Element, tag: str) -> Element:
    part = whole.find(tag)
    if part is None:
        raise ValueError(f'robot_description: {whole.tag} {whole.get("name", "")} lacks its {tag}')
    return part


def _word(part: Element, name: str) -> str:
    word = part.get(name)
    if word is None:
        raise ValueError(f'robot_description: {part.tag} lacks its {name}')
    return word


def _pose(joint: Element, relative_to: str) -> Element:
    return _origin(_part(joint, 'origin'), relative_to)


def _origin(origin: Element, relative_to: str = '') -> Element:
    xyz, rpy = ([float(word) for word in _word(origin, name).split()] for name in ('xyz', 'rpy'))
    return pose(tuple(xyz), tuple(rpy), relative_to)


def _link_pose(joint: Element, home: dict[str, float]) -> Element:
    name = _word(joint, 'name')
    return pose(rpy=(0.0, 0.0, home.get(name, 0.0)), relative_to=name)


def _joint(joint: Element, parent: str, home: dict[str, float]) -> Element:
    name, child = _word(joint, 'name'), _word(_part(joint, 'child'), 'link')
    if joint.get('type') == 'fixed':
        ends = [element('parent', 'world'), element('child', child)]
        return element('joint', _pose(joint, parent), *ends, name=name, type='fixed')
    limit = {key: float(value) for key, value in _part(joint, 'limit').items()}
    axis = element(
        'axis',
        element('xyz', numbers(*map(float, _word(_part(joint, 'axis'), 'xyz').split()))),
        element(
            'limit',
            element('lower', numbers(limit['lower'] - home[name])),
            element('upper', numbers(limit['upper'] - home[name])),
            element('effort', numbers(limit['effort'])),
            element('velocity', numbers(limit['velocity'])),
        ),
    )
    ends = [element('parent', parent), element('child', child)]
    return element('joint', _pose(joint, parent), *ends, axis, name=name, type='revolute')


def _inertial(link: Element) -> Element:
    found = _part(link, 'inertial')
    tensor = _part(found, 'inertia')
    return element(
        'inertial',
        _origin(_part(found, 'origin')),
        element('mass', numbers(float(_word(_part(found, 'mass'), 'value')))),
        element('inertia', *(element(key, numbers(float(value))) for key, value in tensor.items())),
    )


def _shapes(link: Element, frame: str) -> list[Element]:
    """Visuals and collisions of a link of the URDF; those of a frame are placed in it."""
    found = []
    hidden = [element('visibility_flags', HIDDEN)] if link.get('name') == frames.TOOL0 else []
    for i, (visual, collision) in enumerate(
        zip(link.findall('visual'), link.findall('collision'), strict=True)
    ):
        name = f'{link.get("name")}_{i}'
        colour = _word(_part(visual, 'material'), 'name')
        found.append(
            look(name, [_origin(_part(visual, 'origin'), frame), _geometry(visual)], colour, *hidden)
        )
        parts = [_origin(_part(collision, 'origin'), frame), _geometry(collision)]
        found.append(solid_part(name, parts))
    return found


def _geometry(shape: Element) -> Element:
    body = _part(shape, 'geometry')[0]
    sizes = [element(key, numbers(*map(float, value.split()))) for key, value in body.items()]
    return element('geometry', element(body.tag, *sizes))


def _camera(config: SimulatedCameraConfig, period_s: float) -> Element:
    height, width = NATIVE if config.strided else (config.image_height, config.image_width)
    image = element(
        'image',
        element('width', width),
        element('height', height),
        element('format', 'R8G8B8'),  # gz-sensors has no B8G8R8
        element('anti_aliasing', 0),  # the reward's mask takes no mixed colours
    )
    noise = element(
        'noise',
        element('type', 'gaussian'),
        element('mean', numbers(0.0)),
        element('stddev', numbers(config.noise_sd / 255.0)),
    )
    camera = element(
        'camera',
        element('horizontal_fov', numbers(config.horizontal_fov * RADIANS)),
        image,
        element('clip', element('near', numbers(0.01)), element('far', numbers(10.0))),
        *([noise] if config.noise_sd else []),
        element('visibility_mask', ALL_BITS - HIDDEN),
    )
    return element(
        'sensor',
        pose(relative_to=frames.CAMERA_FRAME),
        element('topic', names.IMAGE),
        element('update_rate', numbers(1.0 / period_s)),
        element('always_on', True),
        camera,
        name='wrist_camera',
        type='camera',
    )


def _systems() -> list[Element]:
    """Joint velocities in, joint states out."""
    joints = [element('joint_name', name) for name in JOINT_NAMES]
    return [
        plugin('joint-state-publisher', 'JointStatePublisher', element('topic', names.JOINT_STATES), *joints),
        *(
            plugin(
                'joint-controller',
                'JointController',
                element('joint_name', name),
                element('topic', names.velocity(name)),
            )
            for name in JOINT_NAMES
        ),
    ]
