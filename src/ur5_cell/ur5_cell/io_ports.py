"""Digital and analogue outputs of the controller and of the tool, as RTDE inputs set them."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from ur5_cell.registers import InputFields


class AnalogOutput(NamedTuple):
    """One of the two analogue outputs.

    Attributes:
        voltage: True for 0 to 10 V, False for 4 to 20 mA.
        fraction: of that range, 0 to 1.
    """

    voltage: bool = False
    fraction: float = 0.0

    @property
    def value(self) -> float:
        """What a meter shows, in V or A."""
        return 10.0 * self.fraction if self.voltage else 0.004 + 0.016 * self.fraction


class IoPorts:
    """The outputs' present state.

    Args:
        inputs: that set them.

    Attributes:
        digital: bits 0-7 standard, 8-15 configurable, 16-17 tool.
        analog: two AnalogOutput.
    """

    def __init__(self, inputs: InputFields) -> None:
        self._inputs = inputs
        self.digital = 0
        self.analog = [AnalogOutput(), AnalogOutput()]

    def write(self, fields: Mapping[str, Any]) -> None:
        """Follow the inputs just written (name -> value).

        A mask acts when it is written, on the values of its packet or, where that has none, on the last ones.

        Raises:
            ValueError: an analogue value is no number; that output stays as it is.
        """
        for prefix, shift, bits in (('standard', 0, 0xFF), ('configurable', 8, 0xFF), ('tool', 16, 0x03)):
            if mask := fields.get(f'{prefix}_digital_output_mask', 0) & bits:
                value = self._inputs.value(f'{prefix}_digital_output')
                self.digital = (self.digital & ~(mask << shift)) | ((value & mask) << shift)
        for i in range(2):
            if fields.get('standard_analog_output_mask', 0) & (1 << i):
                voltage = bool(self._inputs.value('standard_analog_output_type') & (1 << i))
                self.analog[i] = AnalogOutput(voltage, fraction(self._inputs, f'standard_analog_output_{i}'))


def fraction(inputs: InputFields, name: str) -> float:
    """The input `name`, limited to 0 to 1.

    Raises:
        ValueError: it is no number.
    """
    value = inputs.value(name)
    if not isfinite(value):
        raise ValueError(f'RTDE input {name} is {value}; ignored')
    return min(max(value, 0.0), 1.0)
