"""Times of the four components of thesis table 5.2, each alone in this process.

Each function returns (n, 2) times [ms] as `stopwatch.times` does. Gradient update and sampling have files of
their own.
"""

import dataclasses
import itertools

import numpy as np
from rclpy.serialization import serialize_message

from cost_profile.stopwatch import now, since, times
from sac_learner.agent_config import AgentConfig
from sac_learner.policy import Policy
from ur5_rl_env.episode import Episode
from ur5_rl_env.frames import OPTICAL_FRAME
from ur5_rl_env.observation import frame_from_image, joints_from_state
from ur5_rl_env.reward import Reward
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.sync import Synchroniser
from ur5_rl_env.task import CONTROL_CYCLE_S, TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import JOINT_NAMES, JOINTS, PROPRIO, STACK, Action
from ur5_rl_graph.messages import image_from_msg, msg_from_image, msg_from_observation


def action_times(config: AgentConfig, repeats: int) -> np.ndarray:
    """Action computation: one observation to one action, on the CPU as in the actor."""
    policy, rng = Policy(config), np.random.default_rng(0)
    frames = rng.integers(0, 256, config.image_shape, np.uint8)
    proprio = rng.random(PROPRIO, np.float32)
    return times(lambda: policy.act(frames, proprio, rng), repeats)


def environment_times(config: TaskConfig, repeats: int) -> np.ndarray:
    """Environment computation: camera image and joint states to the bytes of an observation message."""
    task = dataclasses.replace(config, episode_s=(repeats + STACK + 1) * config.action_cycle_s)
    pixels = np.random.default_rng(0).integers(0, 256, task.image_shape, np.uint8)
    camera_ns, joints_ns = round(1e9 * task.camera_period_s), round(1e9 * CONTROL_CYCLE_S)
    stamps = itertools.count(10**18, camera_ns)
    cycles_s = itertools.count(0.0, task.action_cycle_s)
    sync = Synchroniser(task.camera_period_s)
    episode = Episode(task, 1, 0, Reward(task), sync, Clock(lambda: next(cycles_s), lambda: 0))
    episode.pacer.start(0.0)

    def sense() -> None:
        stamp = next(stamps)
        image = msg_from_image(pixels, stamp, OPTICAL_FRAME)
        began = now()
        sync.add_frame(frame_from_image(image_from_msg(image), stamp, task))
        for at in range(stamp - camera_ns, stamp, joints_ns):
            still = [0.0] * len(JOINT_NAMES)
            sync.add_joints(joints_from_state(JOINT_NAMES, UR5.home, still, at + joints_ns))
        observe = episode.observe()
        if observe is not None:
            serialize_message(msg_from_observation(observe.observation))
            measured.append(since(began))
            action = np.zeros(JOINTS, np.float32)
            episode.act(Action(1, episode.step, action, False, 0, 0, 0.0, 0.0, 0))

    measured: list[tuple[float, float]] = []
    while len(measured) <= repeats:
        sense()
    return 1e3 * np.array(measured[1:])  # the first one computes no reward
