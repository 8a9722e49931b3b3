"""The configurations of a setting, by its name."""

from typing import Any, TypeVar

from buffer_sampler.config import BufferSamplerConfig
from sac_learner.agent_config import AgentConfig
from sac_learner.learner_config import LearnerConfig
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import settings

Config = TypeVar('Config')
_NODES = {
    AgentConfig: 'learner',
    LearnerConfig: 'learner',
    BufferSamplerConfig: 'buffer_sampler',
    TaskConfig: 'environment',
}


def configuration(config_type: type[Config], setting: str, **further: Any) -> Config:
    """Returns a node's configuration in a setting of config/settings, or of a YAML file.

    Raises:
        ValueError, OSError: there is no such setting, or a value in it is out of range.
    """
    nodes = run_parameters('async_sac_2', setting_file(setting), 'reaching')
    return settings.configuration(nodes, _NODES[config_type], config_type, **further)
