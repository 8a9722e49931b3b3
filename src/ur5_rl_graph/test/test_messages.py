"""Data survive the way through their messages, and a wrong size is refused with its numbers."""

import numpy as np
import pytest

pytest.importorskip('rclpy')

from rclpy.serialization import deserialize_message, serialize_message

from ur5_rl_graph import messages
from ur5_rl_graph.data import Action, Observation, Transition
from ur5_rl_graph.spans import Span

RNG = np.random.default_rng(3)


def pixels(count):
    return RNG.integers(0, 256, (count, 6, 8, 3), np.uint8)


def through_the_wire(message):
    return deserialize_message(serialize_message(message), type(message))


def assert_same(left, right):
    assert type(left) is type(right)
    for name, a, b in zip(left._fields, left, right, strict=True):
        np.testing.assert_allclose(a, b, err_msg=name, rtol=1e-6)


def test_observation():
    observation = Observation(
        7,
        3,
        612,
        pixels(3),
        np.array([1, 2, 3]),
        RNG.random(15, np.float32),
        RNG.random(5, np.float32),
        True,
        1.5,
        False,
        True,
        1_700_000_000_123_456_789,
    )
    message = through_the_wire(messages.msg_from_observation(observation))
    assert_same(messages.observation_from_msg(message), observation)
    found = messages.observation_from_msg(message).executed_action
    assert found.dtype == np.float32 and (found == observation.executed_action).all(), 'bit for bit'


def test_action():
    action = Action(7, 3, RNG.random(5, np.float32), True, 4, 900, 0.25, 1.75, 1_700_000_000_123_456_789)
    assert_same(messages.action_from_msg(through_the_wire(messages.msg_from_action(action))), action)


def test_transition_without_new_frames():
    transition = Transition(
        7,
        3,
        612,
        np.arange(6).reshape(2, 3),
        RNG.random((2, 15), np.float32),
        RNG.random(5, np.float32),
        RNG.random(5, np.float32),
        True,
        -0.5,
        False,
        False,
        np.empty(0, np.int64),
        pixels(0),
        5,
    )
    assert_same(
        messages.transition_from_msg(through_the_wire(messages.msg_from_transition(transition))), transition
    )


def test_image_of_either_channel_order():
    bgr = pixels(1)[0]
    message = through_the_wire(messages.msg_from_image(bgr, 12, 'camera_optical'))
    np.testing.assert_array_equal(messages.image_from_msg(message), bgr)
    message.encoding = 'rgb8'
    np.testing.assert_array_equal(messages.image_from_msg(message), bgr[:, :, ::-1])
    message.encoding = 'mono8'
    with pytest.raises(ValueError, match="'mono8'.*bgr8 or rgb8"):
        messages.image_from_msg(message)


@pytest.mark.parametrize(('height', 'width'), [(0, 0), (0, 4), (3, 0)])
def test_an_image_without_a_pixel_is_refused(height, width):
    message = messages.msg_from_image(np.zeros((height, width, 3), np.uint8), 12, 'camera_optical')
    with pytest.raises(ValueError, match=f'image is {width}x{height}, without a pixel'):
        messages.image_from_msg(message)


def test_spans():
    spans = [
        Span('act', 1_700_000_000_123_456_789, 2_000_000),
        Span('transition', 1_700_000_000_125_456_789, 9),
    ]
    message = through_the_wire(messages.msg_from_spans('actor', spans, 3))
    assert (message.component, message.dropped) == ('actor', 3)
    assert messages.spans_from_msg(message) == spans
    message.names = ['act']
    with pytest.raises(ValueError, match=r'spans of actor hold \(1, 2, 2\) names'):
        messages.spans_from_msg(message)


def test_wrong_size_is_refused_with_both_sizes():
    observation = Observation(
        1, 0, 0, pixels(3), np.zeros(3, np.int64), np.zeros(15), np.zeros(5), False, 0.0, False, False, 1
    )
    message = messages.msg_from_observation(observation)
    message.width = 9
    with pytest.raises(ValueError, match=r'observation.frames holds 432 bytes; \(3, 6, 9, 3\) needs 486'):
        messages.observation_from_msg(message)
