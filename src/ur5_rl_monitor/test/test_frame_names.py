"""Every frame that a message of ours names is one of the tree, and its name stands in one place."""

import ast
from pathlib import Path

import numpy as np
import pytest

from ur5_rl_env import frames
from ur5_rl_env.urdf import robot_description
from ur5_rl_monitor import scene_shapes
from ur5_rl_monitor.motion_trace import Change, Place
from ur5_rl_monitor.robot_tree import RobotTree

SOURCES = Path(__file__).resolve().parents[2]
NAMES = {value for name, value in vars(frames).items() if name.isupper()}
PASSED_ON = {'frame_id', 'shape.frame', 'prefix + transform.parent', 'header.frame_id'}
"""What encoders take from whoever calls them, and a picture of an image from that."""


def named(tree):
    """What a module writes into `header.frame_id`, or gives an encoder for it, as source text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets = [target for target in node.targets if isinstance(target, ast.Attribute)]
            if any(ast.unparse(target).endswith('header.frame_id') for target in targets):
                yield ast.unparse(node.value)
        elif isinstance(node, ast.Call):
            yield from (ast.unparse(key.value) for key in node.keywords if key.arg == 'frame_id')
            if ast.unparse(node.func).split('.')[-1] in ('msg_from_image', '_encode') and len(node.args) > 2:
                yield ast.unparse(node.args[2])


def test_every_name_of_a_frame_in_a_message_comes_from_the_one_list():
    found = {}
    for path in SOURCES.glob('*/*/**/*.py'):
        if 'test' not in path.parts and 'ros2_standin' not in path.parts:
            for value in named(ast.parse(path.read_text(encoding='utf-8'))):
                found.setdefault(value, []).append(path.name)
    others = found.keys() - PASSED_ON
    assert {'BASE_LINK', 'OPTICAL_FRAME', 'MONITOR'} <= others, 'the scan finds those that are known'
    for value in others:
        assert value.rpartition('.')[2] in vars(frames), f'{value} in {found[value]}'


def test_the_names_in_the_list_are_frames_of_the_tree():
    assert NAMES <= RobotTree(robot_description()).frames


def test_camera_messages_name_the_optical_frame():
    pytest.importorskip('rclpy')
    from ur5_rl_env.devices.camera_info import pinhole_info
    from ur5_rl_env.devices.image_encoder import choose_encoder

    encode, _ = choose_encoder()
    assert encode(np.zeros((9, 16, 3), np.uint8), 1, frames.OPTICAL_FRAME).header.frame_id in NAMES
    assert pinhole_info(90, 160, 60.0).header.frame_id == frames.OPTICAL_FRAME


def test_markers_are_drawn_in_frames_of_the_tree():
    place = Place(0, (0.0, 0.0, 0.0), False)
    shapes = [
        scene_shapes.box((0, 0, 0), (1, 1, 1)),
        scene_shapes.screen(0.5, 0.3),
        scene_shapes.target(0.0, 0.0, 0.02),
        scene_shapes.camera_view(90, 160, (100, 0, 79.5, 0, 100, 44.5, 0, 0, 1)),
        *scene_shapes.path([place, place]),
        *scene_shapes.arrows([Change(0, 0, (0, 0, 0), (1, 0, 0), (1, 0, 0))]),
    ]
    assert len({shape.namespace for shape in shapes}) == 7
    assert {shape.frame for shape in shapes} <= NAMES
