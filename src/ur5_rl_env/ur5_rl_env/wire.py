"""Between the messages of the graph and what the environment takes in and puts out.

The node and an exact replay use the same functions, so that a message can be compared with its replay.
"""

from collections.abc import Iterator
from typing import Any

from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float32

from ur5_rl_env import outputs
from ur5_rl_env.executed import Executed
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.observation import executed_from_report, frame_from_image, joints_from_state
from ur5_rl_env.sync import Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, topics
from ur5_rl_graph.data import JOINT_NAMES
from ur5_rl_interfaces import msg


def frame_of(message: Image, task: TaskConfig) -> Frame:
    """Returns the frame of an image; ValueError where it is not what the task expects."""
    stamp = messages.ns_from_time(message.header.stamp)
    return frame_from_image(messages.image_from_msg(message), stamp, task)


def joints_of(message: JointState) -> Joints:
    """Returns joint states; ValueError where they are not those of the arm."""
    stamp = messages.ns_from_time(message.header.stamp)
    return joints_from_state(message.name, message.position, message.velocity, stamp)


def executed_of(message: msg.ExecutedCommand) -> Executed:
    """Returns the arm driver's report; ValueError where it is not one on the arm's joints."""
    return executed_from_report(message.command_stamp, message.name, message.mean_velocity, message.changed)


def messages_of(output: outputs.Output, stamp_ns: int, commander: dict) -> Iterator[tuple[topics.Topic, Any]]:
    """Yields what an output publishes, the most urgent first, each made when it is asked for.

    Args:
        output: of the lifecycle.
        stamp_ns: time of the event that it answers.
        commander: fields `run` and `process` of velocity commands.
    """
    match output:
        case outputs.Move(velocity, stamp):
            command = msg.VelocityCommand(name=JOINT_NAMES, velocity=[*velocity.tolist(), 0.0], **commander)
            yield topics.VELOCITY_COMMAND, _stamped(command, stamp)
        case outputs.Observe(observation, timing):
            yield topics.OBSERVATION, messages.msg_from_observation(observation)
            if timing is not None:
                message = msg.CycleTiming(**timing._asdict())
                yield topics.CYCLE_TIMING, _stamped(message, observation.stamp_ns)
                yield topics.MONITOR_REWARD, Float32(data=observation.reward)
                yield topics.MONITOR_CYCLE, Float32(data=timing.cycle_ms)
        case outputs.Call('target', _, seed):  # once in each attempt to reset
            yield topics.TARGET_START, _stamped(msg.TargetStart(seed=seed), stamp_ns)
        case outputs.StartTarget(seed, start):
            yield topics.TARGET_START, _stamped(msg.TargetStart(seed=seed, start_stamp=start), stamp_ns)
        case outputs.Finish(summary, stamp):
            yield topics.EPISODE, _stamped(msg.Episode(**summary._asdict()), stamp)
            yield topics.MONITOR_RETURN, Float32(data=summary.episode_return)


def _stamped(message: Any, stamp_ns: int) -> Any:
    message.header.stamp = messages.time_from_ns(stamp_ns)
    return message
