"""Between the plain data of `data.py` and the messages of the graph. No arithmetic, no copies but one.

A message whose arrays do not have the shape that it states raises ValueError: name, value, expected.
"""

import array
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image

from ur5_rl_graph.data import PROPRIO, STACK, Action, Observation, Transition
from ur5_rl_graph.spans import Span
from ur5_rl_interfaces import msg


def time_from_ns(stamp_ns: int) -> Time:
    """Returns a Time message of nanoseconds since the epoch."""
    seconds, nanoseconds = divmod(int(stamp_ns), 1_000_000_000)
    return Time(sec=seconds, nanosec=nanoseconds)


def ns_from_time(time: Time) -> int:
    """Returns nanoseconds since the epoch."""
    return time.sec * 1_000_000_000 + time.nanosec


def deserialised(data: bytes, kind: type) -> Any:
    """Returns the message of this type whose CDR this is; ValueError where it is none."""
    try:
        return deserialize_message(data, kind)
    except RuntimeError:
        raise ValueError(f'its {len(data)} bytes are no {kind.__name__}') from None


def bytes_field(values: np.ndarray | bytes) -> array.array:
    """Returns the bytes of an array for a `uint8[]` field (anything but array.array costs far more)."""
    out = array.array('B')
    out.frombytes(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
    return out


def image_from_msg(image: Image) -> np.ndarray:
    """Returns the (H, W, 3) uint8 BGR view of a bgr8 or rgb8 image message."""
    if image.encoding not in ('bgr8', 'rgb8'):
        raise ValueError(f'image encoding is {image.encoding!r}; the camera must publish bgr8 or rgb8')
    if not (image.height and image.width):
        raise ValueError(f'image is {image.width}x{image.height}, without a pixel; look at the camera')
    if len(image.data) != image.height * image.step or image.step < 3 * image.width:
        raise ValueError(
            f'image holds {len(image.data)} bytes; {image.height} rows of {image.step} bytes were announced'
        )
    rows = np.frombuffer(image.data, np.uint8).reshape(image.height, image.step)
    pixels = rows[:, : 3 * image.width].reshape(image.height, image.width, 3)
    return pixels if image.encoding == 'bgr8' else pixels[:, :, ::-1]


def msg_from_image(pixels: np.ndarray, stamp_ns: int, frame_id: str) -> Image:
    """Returns a bgr8 image message of (H, W, 3) uint8 BGR pixels captured at `stamp_ns`."""
    height, width, _ = pixels.shape
    image = Image(height=height, width=width, encoding='bgr8', step=3 * width, data=bytes_field(pixels))
    image.header.stamp = time_from_ns(stamp_ns)
    image.header.frame_id = frame_id
    return image


def msg_from_observation(observation: Observation) -> msg.Observation:
    """Returns the message of an observation."""
    _, height, width, _ = observation.frames.shape
    out = msg.Observation(
        episode=observation.episode,
        step=observation.step,
        total_steps=observation.total_steps,
        height=height,
        width=width,
        frame_ids=observation.frame_ids,
        frames=bytes_field(observation.frames),
        proprio=observation.proprio,
        executed_action=observation.executed_action,
        action_changed=bool(observation.action_changed),
        reward=float(observation.reward),
        terminated=bool(observation.terminated),
        truncated=bool(observation.truncated),
    )
    out.header.stamp = time_from_ns(observation.stamp_ns)
    return out


def observation_from_msg(message: msg.Observation) -> Observation:
    """Returns the observation of a message; its arrays are views of the message."""
    return Observation(
        episode=message.episode,
        step=message.step,
        total_steps=message.total_steps,
        frames=_pixels('observation.frames', message.frames, STACK, message.height, message.width),
        frame_ids=np.asarray(message.frame_ids, np.int64),
        proprio=np.asarray(message.proprio, np.float32),
        executed_action=np.asarray(message.executed_action, np.float32),
        action_changed=message.action_changed,
        reward=message.reward,
        terminated=message.terminated,
        truncated=message.truncated,
        stamp_ns=ns_from_time(message.header.stamp),
    )


def msg_from_action(action: Action) -> msg.Action:
    """Returns the message of an action."""
    out = msg.Action(
        episode=action.episode,
        step=action.step,
        action=np.asarray(action.action, np.float32),
        random=action.random,
        weights_version=action.weights_version,
        weights_updates=action.weights_updates,
        weights_age_s=float(action.weights_age_s),
        inference_ms=float(action.inference_ms),
    )
    out.header.stamp = time_from_ns(action.stamp_ns)
    return out


def action_from_msg(message: msg.Action) -> Action:
    """Returns the action of a message."""
    return Action(
        episode=message.episode,
        step=message.step,
        action=np.asarray(message.action, np.float32),
        random=message.random,
        weights_version=message.weights_version,
        weights_updates=message.weights_updates,
        weights_age_s=message.weights_age_s,
        inference_ms=message.inference_ms,
        stamp_ns=ns_from_time(message.header.stamp),
    )


def msg_from_transition(transition: Transition) -> msg.Transition:
    """Returns the message of a transition."""
    _, height, width, _ = transition.new_frames.shape
    out = msg.Transition(
        episode=transition.episode,
        step=transition.step,
        total_steps=transition.total_steps,
        height=height,
        width=width,
        frame_ids=transition.frame_ids.reshape(-1),
        proprio=transition.proprio.reshape(-1),
        action=transition.action,
        executed_action=transition.executed_action,
        action_changed=bool(transition.action_changed),
        reward=float(transition.reward),
        terminated=bool(transition.terminated),
        truncated=bool(transition.truncated),
        new_frame_ids=array.array('q', transition.new_frame_ids.tolist()),
        new_frames=bytes_field(transition.new_frames),
    )
    out.header.stamp = time_from_ns(transition.stamp_ns)
    return out


def transition_from_msg(message: msg.Transition) -> Transition:
    """Returns the transition of a message; its arrays are views of the message."""
    new_ids = np.asarray(message.new_frame_ids, np.int64)
    return Transition(
        episode=message.episode,
        step=message.step,
        total_steps=message.total_steps,
        frame_ids=np.asarray(message.frame_ids, np.int64).reshape(2, STACK),
        proprio=np.asarray(message.proprio, np.float32).reshape(2, PROPRIO),
        action=np.asarray(message.action, np.float32),
        executed_action=np.asarray(message.executed_action, np.float32),
        action_changed=message.action_changed,
        reward=message.reward,
        terminated=message.terminated,
        truncated=message.truncated,
        new_frame_ids=new_ids,
        new_frames=_pixels(
            'transition.new_frames', message.new_frames, len(new_ids), message.height, message.width
        ),
        stamp_ns=ns_from_time(message.header.stamp),
    )


def msg_from_spans(component: str, spans: list[Span], dropped: int) -> msg.Spans:
    """Returns the message of a component's spans; the caller stamps it."""
    return msg.Spans(
        component=component,
        names=[span.name for span in spans],
        starts_ns=array.array('q', [span.start_ns for span in spans]),
        durations_ns=array.array('q', [span.duration_ns for span in spans]),
        dropped=dropped,
    )


def spans_from_msg(message: msg.Spans) -> list[Span]:
    """Returns the spans of a message.

    Raises:
        ValueError: the arrays are not of one length.
    """
    lengths = len(message.names), len(message.starts_ns), len(message.durations_ns)
    if len(set(lengths)) > 1:
        raise ValueError(f'spans of {message.component} hold {lengths} names, starts and durations')
    return [Span(*span) for span in zip(message.names, message.starts_ns, message.durations_ns, strict=True)]


def _pixels(name: str, data: array.array, count: int, height: int, width: int) -> np.ndarray:
    expected = count * height * width * 3
    if len(data) != expected:
        raise ValueError(f'{name} holds {len(data)} bytes; ({count}, {height}, {width}, 3) needs {expected}')
    return np.frombuffer(data, np.uint8).reshape(count, height, width, 3)
