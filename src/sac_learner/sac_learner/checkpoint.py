"""Checkpoints: one safetensors file with the learner's whole state and the setting it belongs to."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from sac_learner.config import AgentConfig
from ur5_rl_graph.whole_file import write_bytes


def save_checkpoint(path: Path, state: dict[str, np.ndarray], config: AgentConfig) -> None:
    """Write as a whole: after a crash at any moment `path` is the old file or the new one, never half."""
    write_bytes(path, safetensors.numpy.save(state, {'config': json.dumps(asdict(config))}))


def load_checkpoint(path: Path) -> tuple[dict[str, np.ndarray], dict]:
    """Read the state and the setting (as plain values) it was saved with.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged or of another format.
    """
    try:
        with safetensors.safe_open(path, 'numpy') as file:
            config = json.loads((file.metadata() or {})['config'])
            keys = list(file.keys())
            return {key: file.get_tensor(key) for key in keys}, config
    except FileNotFoundError:
        raise FileNotFoundError(f'no checkpoint at {path}') from None
    except (safetensors.SafetensorError, KeyError) as error:
        raise ValueError(f'{path} is not a checkpoint of this project ({error})') from None


POLICY_FIELDS = (
    *('crop_width', 'crop_height', 'channels', 'strides', 'softmax_temperature'),
    *('hidden_width', 'joint_centre', 'joint_scale'),
)
"""What of a setting changes the actions of given weights."""


def load_policy(path: Path, config: AgentConfig) -> dict[str, np.ndarray]:
    """Read the weights that `Policy.load` takes; they act in this setting as in the one they were saved with.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, of another format or of another setting.
    """
    state, saved = load_checkpoint(path)
    for name in POLICY_FIELDS:
        found, wanted = saved.get(name), getattr(config, name)
        if (tuple(found) if isinstance(found, list) else found) != wanted:
            raise ValueError(
                f'{path} was saved with {name} {found}, this setting has {wanted}; choose its own setting'
            )
    return policy_part(state)


def policy_part(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights that `Policy.load` takes, out of a whole state."""
    return {key: value for key, value in state.items() if key.startswith(('encoder.', 'actor.'))}
