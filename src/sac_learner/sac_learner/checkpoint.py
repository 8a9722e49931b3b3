"""Checkpoints: one safetensors file with the learner's whole state and the setting it belongs to."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from sac_learner.saved_setting import PACE_FIELDS, POLICY_FIELDS, differences
from sac_learner.weights import not_finite
from ur5_rl_graph.whole_file import write_bytes

ANYWAY = 'init_from_other_setting'
"""The argument that lets a run start from a checkpoint of another setting."""


def save_checkpoint(path: Path, state: dict[str, np.ndarray], setting: dict[str, Any]) -> None:
    """Write as a whole: after a crash at any moment `path` is the old file or the new one, never half.

    Args:
        path: file to write.
        state: of a learner.
        setting: that it belongs to (`saved_setting`).

    Raises:
        ValueError: a number of it is not finite; the former file stays.
        OSError: it cannot be written; the former file stays.
    """
    wrong = not_finite(state)
    if wrong:
        raise ValueError(f'{wrong} is not finite: the learner has diverged, and {path} is left as it was')
    write_bytes(path, safetensors.numpy.save(state, {'config': json.dumps(setting)}))


def load_checkpoint(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read the state and the setting it was saved with.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, of another format, or holds a number that is not finite.
    """
    try:
        with safetensors.safe_open(path, 'numpy') as file:
            setting = dict(json.loads((file.metadata() or {})['config']))
            keys = list(file.keys())
            state = {key: file.get_tensor(key) for key in keys}
    except FileNotFoundError:
        raise FileNotFoundError(f'no checkpoint at {path}') from None
    except OSError as error:  # of a folder, safetensors names neither path nor reason
        what = 'a folder' if path.is_dir() else f'not readable ({error})'
        raise OSError(f'{path} is {what}: name the checkpoint, a file .safetensors') from None
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f'{path} is not a checkpoint of this project ({error})') from None
    wrong = not_finite(state)
    if wrong:
        raise ValueError(
            f'{path}: {wrong} is not finite, its learner had diverged; take an earlier one, or begin anew'
        )
    return state, setting


def load_own(path: Path, setting: dict[str, Any]) -> dict[str, np.ndarray]:
    """Read the state that a run in this setting goes on from.

    Raises:
        FileNotFoundError, ValueError: as `load_checkpoint`, or it was saved in another setting.
    """
    state, saved = load_checkpoint(path)
    differing = differences(saved, setting)
    if differing:
        raise ValueError(
            f'{path} was saved in another setting: {differing}; go on with the parameters of that run, or '
            'start in another run folder'
        )
    return state


def load_start(path: Path, setting: dict[str, Any], anyway: bool) -> tuple[dict[str, np.ndarray], str]:
    """Read the state that a new run starts from.

    Args:
        path: of the checkpoint.
        setting: of the new run.
        anyway: take it in another setting, too.

    Returns:
        The state, and what differs in words, '' where nothing does.

    Raises:
        FileNotFoundError, ValueError: as `load_checkpoint`, or it was saved in another setting.
    """
    state, saved = load_checkpoint(path)
    differing = differences(saved, setting)
    if differing and not anyway:
        raise ValueError(
            f'{path} was saved in another setting: {differing}; choose its own setting, or {ANYWAY}:=true to '
            'start from it nevertheless'
        )
    return state, differing


def load_policy(path: Path, setting: dict[str, Any]) -> tuple[dict[str, np.ndarray], str]:
    """Read the weights that `Policy.load` takes; they act in this setting as in the one they were saved with.

    Args:
        path: of the checkpoint.
        setting: in which they are to act.

    Returns:
        The weights, and one line where they were trained at another pace, '' where not.

    Raises:
        FileNotFoundError, ValueError: as `load_checkpoint`, or it was saved in another setting.
    """
    state, saved = load_checkpoint(path)
    differing = differences(saved, setting, POLICY_FIELDS)
    if differing:
        raise ValueError(f'{path} was saved in another setting: {differing}; choose its own setting')
    other_pace = differences(saved, setting, PACE_FIELDS)
    return policy_part(state), other_pace and (
        f'{path} was trained at another pace: {other_pace}; a setting may hold both, launch evaluate takes '
        'action_cycle:='
    )


def policy_part(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights that `Policy.load` takes, out of a whole state."""
    return {key: value for key, value in state.items() if key.startswith(('encoder.', 'actor.'))}
