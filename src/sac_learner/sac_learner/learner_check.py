"""Whether a learner can begin with its parameters and its checkpoint, asked before anything is written."""

from pathlib import Path
from typing import Any

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_start
from sac_learner.learner_config import LearnerConfig
from sac_learner.saved_setting import saved_setting
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.settings import configuration


def check_learner(nodes: dict[str, dict[str, Any]], init: str, anyway: bool) -> None:
    """Raises what keeps a learner from beginning.

    Args:
        nodes: parameters by the name of the node.
        init: checkpoint to start from, '' = none.
        anyway: also where it was saved in another setting.

    Raises:
        ValueError, OSError: a device that this machine lacks; no such checkpoint, or one of another setting.
    """
    learner = configuration(nodes, 'learner', LearnerConfig)
    if learner.device == 'cuda':
        _ = learner.chosen_device  # asking loads torch: a second
    if init:
        agent, task = (configuration(nodes, 'learner', kind) for kind in (AgentConfig, TaskConfig))
        load_start(Path(init), saved_setting(agent, task), anyway)
