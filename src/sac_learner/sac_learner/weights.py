"""Named arrays <-> bytes in the safetensors format, which can hold nothing but arrays."""

from typing import NamedTuple

import numpy as np
import safetensors
import safetensors.numpy


class PolicyWeights(NamedTuple):
    """What the policy needs, as of an update."""

    arrays: dict[str, np.ndarray]  # float32, by name
    version: int  # grows with each publication
    updates: int  # gradient updates since the beginning of the run


def weights_to_bytes(weights: dict[str, np.ndarray]) -> bytes:
    """Serialise named arrays."""
    return safetensors.numpy.save(weights)


def weights_from_bytes(data: bytes) -> dict[str, np.ndarray]:
    """Read named arrays.

    Raises:
        ValueError: the bytes are damaged or of another format.
    """
    try:
        return safetensors.numpy.load(bytes(data))
    except (safetensors.SafetensorError, KeyError) as error:  # KeyError: of a type that numpy has not
        raise ValueError(f'{len(data)} bytes of weights cannot be read as safetensors ({error})') from None


def not_finite(arrays: dict[str, np.ndarray]) -> str:
    """Returns the name of the first array with a number that is not finite, '' where there is none."""
    return next((name for name, array in arrays.items() if not np.isfinite(array).all()), '')


def check_weights(weights: dict[str, np.ndarray], layout: dict[str, tuple[int, ...]]) -> None:
    """See that the arrays are those of the layout, and finite.

    Raises:
        ValueError: naming the first array that is missing, unknown, of another shape or not finite.
    """
    for name in sorted(weights.keys() | layout.keys()):
        if name not in weights:
            raise ValueError(f'weights lack {name} {layout[name]}; were they saved by another setting?')
        if name not in layout:
            raise ValueError(
                f'weights hold {name}, which this setting does not have; choose their own setting'
            )
        if weights[name].shape != layout[name]:
            raise ValueError(
                f'weights {name} are {weights[name].shape}, this setting needs {layout[name]};'
                ' choose their own setting'
            )
        if not np.isfinite(weights[name]).all():
            raise ValueError(
                f'weights {name} are not finite; the learner has diverged, and they are not used'
            )
