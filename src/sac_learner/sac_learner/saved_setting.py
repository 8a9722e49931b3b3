"""What a checkpoint remembers of the setting it was made in, and how another setting differs from it.

Networks of equal shapes take each other's weights without complaint, and then act and learn wrongly.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sac_learner.agent_config import AgentConfig
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import TaskConfig

TASK_FIELDS = (
    *('robot_model', 'action_cycle_s', 'camera_period_s', 'max_joint_velocity', 'reward'),
    'action_feedback',
)
"""What of the task decides what weights mean, beside the size of observations. Not which task it is: a policy
that reaches is a start for one that tracks."""
ALWAYS_SO = {'robot_model': UR5.name}
"""What is not said where it could not be otherwise yet."""

POLICY_FIELDS = (
    *('crop_width', 'crop_height', 'channels', 'strides', 'softmax_temperature'),
    *('hidden_width', 'joint_centre', 'joint_scale'),
    *('observation_width', 'observation_height', 'max_joint_velocity', 'robot_model', 'action_feedback'),
)
"""What of a setting changes the actions of given weights, or the arm that they move."""
PACE_FIELDS = ('action_cycle_s', 'camera_period_s')
"""What changes no action of given weights, but what comes of it."""


def saved_setting(agent: AgentConfig, task: TaskConfig) -> dict[str, Any]:
    """Returns what a checkpoint of a run with these parameters remembers, as JSON gives it back."""
    height, width, _ = task.observation_shape
    values = asdict(agent) | {name: getattr(task, name) for name in TASK_FIELDS}
    return json.loads(json.dumps(values | {'observation_width': width, 'observation_height': height}))


def differences(saved: dict[str, Any], here: dict[str, Any], names: Iterable[str] | None = None) -> str:
    """Returns what differs, '' where nothing does: 'discount 0.99 there, 0.95 here; ...'.

    Args:
        saved: of a checkpoint. What an older one does not say is not compared, but for ALWAYS_SO.
        here: of this run.
        names: what is compared; all where not given.
    """
    saved = ALWAYS_SO | saved
    return '; '.join(
        f'{name} {saved[name]} there, {here[name]} here'
        for name in (here if names is None else names)
        if name in saved and saved[name] != here[name]
    )
