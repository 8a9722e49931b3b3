"""What goes out with each picture of the wrist camera."""

import numpy as np
import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')

from ur5_rl_env.devices.picture_publisher import PicturePublisher
from ur5_rl_env.frames import OPTICAL_FRAME
from ur5_rl_graph import topics
from ur5_rl_graph.messages import image_from_msg, msg_from_image, ns_from_time

PICTURE = np.random.default_rng(0).integers(0, 256, (9, 16, 3), dtype=np.uint8)


class Node:
    def __init__(self):
        self.published = []

    def create_publisher(self, kind, name, qos, **words):
        return type('Publisher', (), {'publish': lambda _, message: self.published.append((name, message))})()


def test_a_picture_and_its_camera_info_have_one_stamp_and_frame_whatever_encodes():
    node, encoded = Node(), []

    def encode(*words):
        encoded.append(words)
        return msg_from_image(*words)

    PicturePublisher(node, 9, 16, 60.0, encode).publish(PICTURE, 5_000_000_007)
    PicturePublisher(node, 9, 16, 60.0).publish(PICTURE, 5_000_000_007)
    names, messages = zip(*node.published, strict=True)
    assert names == (topics.IMAGE.name, topics.CAMERA_INFO.name) * 2 and len(encoded) == 1
    assert {ns_from_time(message.header.stamp) for message in messages} == {5_000_000_007}
    assert {message.header.frame_id for message in messages} == {OPTICAL_FRAME}
    assert (image_from_msg(messages[0]) == PICTURE).all() and (messages[1].height, messages[1].width) == (
        9,
        16,
    )
