"""Message packages that ROS 2 has and PyPI lacks: built where there is no ROS 2, left out beside it."""

import pytest

from tools import workspace
from tools.layout import SOURCES, STANDIN_PACKAGES
from tools.ros_kind import SYSTEM, WHEELS


def test_they_are_built_without_ros_and_left_out_beside_it():
    assert workspace.packages_in(WHEELS) == [SOURCES, STANDIN_PACKAGES]
    assert workspace.packages_in(SYSTEM) == [SOURCES]


def test_a_colcon_of_ones_own_does_not_see_them():
    assert (
        SOURCES / 'ros2_standin/COLCON_IGNORE'
    ).is_file() and STANDIN_PACKAGES.parent.name == 'ros2_standin'


def test_an_edit_of_one_builds_the_workspace_again():
    assert STANDIN_PACKAGES / 'tf2_msgs/msg/TFMessage.msg' in workspace.built_from()


def test_a_transform_message_is_that_of_ros():
    message = pytest.importorskip(
        'tf2_msgs.msg', reason='the workspace is not built: run ./ur5rl test'
    ).TFMessage
    assert message.get_fields_and_field_types() == {'transforms': 'sequence<geometry_msgs/TransformStamped>'}
