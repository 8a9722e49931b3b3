"""Transforms as messages of tf2_msgs, and back."""

from collections.abc import Iterable

from builtin_interfaces.msg import Time
from geometry_msgs.msg import TransformStamped
from tf2_msgs.msg import TFMessage

from ur5_rl_monitor.robot_tree import Transform


def message_of(transforms: Iterable[Transform], stamp: Time, prefix: str = '') -> TFMessage:
    """Returns the message of transforms that hold at one time.

    Args:
        transforms: of a robot.
        stamp: when they hold.
        prefix: put before the name of every frame.
    """
    return TFMessage(transforms=[_stamped(transform, stamp, prefix) for transform in transforms])


def _stamped(transform: Transform, stamp: Time, prefix: str) -> TransformStamped:
    message = TransformStamped(child_frame_id=prefix + transform.child)
    message.header.stamp = stamp
    message.header.frame_id = prefix + transform.parent
    place, turn = message.transform.translation, message.transform.rotation
    place.x, place.y, place.z = transform.translation
    turn.x, turn.y, turn.z, turn.w = transform.rotation
    return message


def transforms_of(message: TFMessage) -> tuple[Transform, ...]:
    """Returns the transforms of a message."""
    return tuple(_transform(stamped) for stamped in message.transforms)


def _transform(stamped: TransformStamped) -> Transform:
    place, turn = stamped.transform.translation, stamped.transform.rotation
    return Transform(
        stamped.header.frame_id,
        stamped.child_frame_id,
        (place.x, place.y, place.z),
        (turn.x, turn.y, turn.z, turn.w),
    )
