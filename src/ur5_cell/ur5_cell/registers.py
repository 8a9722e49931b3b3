"""The controller's RTDE input fields: types, values, who may write them, and when that last happened."""

from collections.abc import Mapping, Sequence
from typing import Any

from ur5_cell.rtde_protocol import IN_USE, NOT_FOUND, TYPES

REGISTERS = 48  # integers and doubles, of inputs and of outputs; 0-23 is the lower range, 24-47 the upper
BIT_REGISTERS = range(64, 128)  # those with a name of their own

INPUT_TYPES = {
    **{f'input_int_register_{i}': 'INT32' for i in range(REGISTERS)},
    **{f'input_double_register_{i}': 'DOUBLE' for i in range(REGISTERS)},
    'input_bit_registers0_to_31': 'UINT32',
    'input_bit_registers32_to_63': 'UINT32',
    **{f'input_bit_register_{i}': 'BOOL' for i in BIT_REGISTERS},
    'external_force_torque': 'VECTOR6D',
    'speed_slider_mask': 'UINT32',
    'speed_slider_fraction': 'DOUBLE',
    'standard_digital_output_mask': 'UINT8',
    'standard_digital_output': 'UINT8',
    'configurable_digital_output_mask': 'UINT8',
    'configurable_digital_output': 'UINT8',
    'tool_digital_output_mask': 'UINT8',
    'tool_digital_output': 'UINT8',
    'standard_analog_output_mask': 'UINT8',
    'standard_analog_output_type': 'UINT8',
    'standard_analog_output_0': 'DOUBLE',
    'standard_analog_output_1': 'DOUBLE',
}


class InputFields:
    """Values of all RTDE inputs.

    A field belongs to the first connection that gets it, until that connection closes. Values stay until
    they are overwritten, also after their connection has gone.
    """

    def __init__(self) -> None:
        self._values = {name: _zero(kind) for name, kind in INPUT_TYPES.items()}
        self._owners: dict[str, Any] = {}
        self._written: dict[str, int] = {}

    def claim(self, owner: object, names: Sequence[str]) -> list[str]:
        """Reserve fields for `owner` (any hashable): all of them, or none where one cannot be had.

        Returns:
            For each name its type, or NOT_FOUND, or IN_USE where it belongs to another owner.
        """
        answers = []
        for name in names:
            if name not in INPUT_TYPES:
                answers.append(NOT_FOUND)
            elif self._owners.get(name, owner) != owner:
                answers.append(IN_USE)
            else:
                answers.append(INPUT_TYPES[name])
        if not {NOT_FOUND, IN_USE} & set(answers):
            self._owners.update(dict.fromkeys(names, owner))
        return answers

    def free(self, owner: object) -> None:
        """Give back everything that belongs to `owner`."""
        self._owners = {name: holder for name, holder in self._owners.items() if holder != owner}

    def write(self, fields: Mapping[str, Any], step: int) -> None:
        """Set several fields at once; `step` (control step) is remembered as the time of writing."""
        self._values.update(fields)
        self._written.update(dict.fromkeys(fields, step))

    def written(self, name: str) -> int:
        """Control step at which `name` was last written, -1 if never."""
        return self._written.get(name, -1)

    def value(self, name: str) -> Any:
        """Present value of a field, a number or a tuple of numbers."""
        return self._values[name]

    def integer(self, register: int) -> int:
        """Value of input integer register 0 to 47."""
        return self._values[f'input_int_register_{register}']

    def doubles(self, register: int, count: int) -> list[float]:
        """Values of `count` consecutive input double registers, a list."""
        return [self._values[f'input_double_register_{i}'] for i in range(register, register + count)]


def _zero(kind: str) -> Any:
    count = TYPES[kind][1]
    return 0 if count == 1 else (0,) * count
