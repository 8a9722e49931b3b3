"""RTDE output fields of the simulated robot: for each name its type and a function of the robot's state.

The fields are those of a CB3 controller 3.15, and for a UR5e what an e-Series 5.11 has beside them. What an
ideal, massless arm in an empty cell does not have (currents, torques, forces, tool) is constant.
Source of names and types: Universal Robots, "Real-Time Data Exchange (RTDE) Guide".
"""

from collections.abc import Callable, Sequence

from ur5_cell.registers import BIT_REGISTERS, INPUT_TYPES, REGISTERS
from ur5_cell.robot import IDLE, PLAYING, POWER_OFF, SAFETY_BITS, Robot
from ur5_rl_env.robot_models import MODELS

Field = Callable[[Robot], float | Sequence[float]]
"""What a field shows of a robot: a scalar a number, a vector a sequence of its type's length."""
Sampler = Callable[[Robot], list[float]]
"""Values of several fields, vectors laid flat."""

_ZEROS = (0.0,) * 6
_POWERED_OFF, _RUNNING, _IDLE = 239, 253, 255  # mode of a joint, and of the tool
_INPUT_DOMAINS = 0b11  # both analogue inputs, of the controller and of the tool, are set to voltage


def _status_bits(robot: Robot) -> int:
    return int(robot.robot_mode >= IDLE) | int(robot.runtime_state == PLAYING) << 1


def _joint_mode(robot: Robot) -> int:
    if robot.robot_mode == POWER_OFF:
        return _POWERED_OFF
    return _RUNNING if robot.robot_mode > IDLE else _IDLE


def _analog_types(robot: Robot) -> int:
    return _INPUT_DOMAINS | robot.io.analog[0].voltage << 2 | robot.io.analog[1].voltage << 3


def _supply(robot: Robot) -> float:
    return 48.0 if robot.robot_mode >= IDLE else 0.0


def _constant(value: float | Sequence[float]) -> Field:
    return lambda robot: value


def _output_integer(register: int) -> Field:
    return lambda robot: robot.output_integers[register]


def _output_double(register: int) -> Field:
    return lambda robot: robot.output_doubles[register]


def _input(name: str) -> Field:
    return lambda robot: robot.inputs.value(name)


_FIELDS: dict[str, tuple[str, Field]] = {
    'timestamp': ('DOUBLE', lambda robot: robot.time),
    'target_q': ('VECTOR6D', lambda robot: robot.motion.q),
    'target_qd': ('VECTOR6D', lambda robot: robot.motion.qd),
    'target_qdd': ('VECTOR6D', lambda robot: robot.motion.qdd),
    'target_current': ('VECTOR6D', _constant(_ZEROS)),
    'target_moment': ('VECTOR6D', _constant(_ZEROS)),
    'actual_q': ('VECTOR6D', lambda robot: robot.q),
    'actual_qd': ('VECTOR6D', lambda robot: robot.qd),
    'actual_current': ('VECTOR6D', _constant(_ZEROS)),
    'joint_control_output': ('VECTOR6D', _constant(_ZEROS)),
    'actual_TCP_pose': ('VECTOR6D', lambda robot: robot.tool_pose()),
    'actual_TCP_speed': ('VECTOR6D', lambda robot: robot.tool_velocity()),
    'actual_TCP_force': ('VECTOR6D', _constant(_ZEROS)),
    'target_TCP_pose': ('VECTOR6D', lambda robot: robot.target_tool_pose()),
    'target_TCP_speed': ('VECTOR6D', lambda robot: robot.target_tool_velocity()),
    'actual_digital_input_bits': ('UINT64', _constant(0)),
    'joint_temperatures': ('VECTOR6D', _constant((25.0,) * 6)),
    'actual_execution_time': ('DOUBLE', _constant(0.0)),
    'robot_mode': ('INT32', lambda robot: robot.robot_mode),
    'joint_mode': ('VECTOR6INT32', lambda robot: (_joint_mode(robot),) * 6),
    'safety_mode': ('INT32', lambda robot: robot.safety_mode),
    'safety_status': ('INT32', lambda robot: robot.safety_mode),  # the same numbers for the modes there are
    'actual_tool_accelerometer': ('VECTOR3D', _constant((0.0,) * 3)),
    'speed_scaling': ('DOUBLE', _constant(1.0)),  # of the trajectory limiter, which this arm never needs
    'target_speed_fraction': ('DOUBLE', lambda robot: robot.speed_fraction),
    'actual_momentum': ('DOUBLE', _constant(0.0)),
    'actual_main_voltage': ('DOUBLE', _constant(48.0)),
    'actual_robot_voltage': ('DOUBLE', _supply),
    'actual_robot_current': ('DOUBLE', _constant(0.0)),
    'actual_joint_voltage': ('VECTOR6D', lambda robot: (_supply(robot),) * 6),
    'actual_digital_output_bits': ('UINT64', lambda robot: robot.io.digital),
    'runtime_state': ('UINT32', lambda robot: robot.runtime_state),
    'elbow_position': ('VECTOR3D', lambda robot: robot.elbow()[:3]),
    'elbow_velocity': ('VECTOR3D', lambda robot: robot.elbow()[3:]),
    'robot_status_bits': ('UINT32', _status_bits),
    'safety_status_bits': ('UINT32', lambda robot: SAFETY_BITS[robot.safety_mode]),
    'analog_io_types': ('UINT32', _analog_types),
    'standard_analog_input0': ('DOUBLE', _constant(0.0)),
    'standard_analog_input1': ('DOUBLE', _constant(0.0)),
    'standard_analog_output0': ('DOUBLE', lambda robot: robot.io.analog[0].value),
    'standard_analog_output1': ('DOUBLE', lambda robot: robot.io.analog[1].value),
    'io_current': ('DOUBLE', _constant(0.0)),
    'euromap67_input_bits': ('UINT32', _constant(0)),
    'euromap67_output_bits': ('UINT32', _constant(0)),
    'euromap67_24V_voltage': ('DOUBLE', _constant(0.0)),
    'euromap67_24V_current': ('DOUBLE', _constant(0.0)),
    'tool_mode': ('UINT32', _joint_mode),
    'tool_analog_input_types': ('UINT32', _constant(_INPUT_DOMAINS)),
    'tool_analog_input0': ('DOUBLE', _constant(0.0)),
    'tool_analog_input1': ('DOUBLE', _constant(0.0)),
    'tool_output_voltage': ('INT32', _constant(0)),
    'tool_output_current': ('DOUBLE', _constant(0.0)),
    'tool_temperature': ('DOUBLE', _constant(25.0)),
    'tcp_force_scalar': ('DOUBLE', _constant(0.0)),
    'tcp_offset': ('VECTOR6D', _constant(_ZEROS)),
    'joint_position_deviation_ratio': ('DOUBLE', _constant(0.0)),
    'payload': ('DOUBLE', lambda robot: robot.payload),
    'payload_cog': ('VECTOR3D', lambda robot: robot.payload_cog),
    'payload_inertia': ('VECTOR6D', _constant(_ZEROS)),
    'output_bit_registers0_to_31': ('UINT32', _constant(0)),
    'output_bit_registers32_to_63': ('UINT32', _constant(0)),
    **{f'output_bit_register_{i}': ('BOOL', _constant(False)) for i in BIT_REGISTERS},
    **{f'output_int_register_{i}': ('INT32', _output_integer(i)) for i in range(REGISTERS)},
    **{f'output_double_register_{i}': ('DOUBLE', _output_double(i)) for i in range(REGISTERS)},
    **{  # input registers can be read back
        name: (kind, _input(name)) for name, kind in INPUT_TYPES.items() if '_register' in name
    },
}
_E_SERIES: dict[str, tuple[str, Field]] = {
    'ft_raw_wrench': ('VECTOR6D', _constant(_ZEROS)),
    'tool_output_mode': ('UINT8', _constant(0)),
    'tool_digital_output0_mode': ('UINT8', _constant(0)),
    'tool_digital_output1_mode': ('UINT8', _constant(0)),
}
_ALL = _FIELDS | _E_SERIES
OUTPUT_TYPES = {name: kind for name, (kind, _) in _FIELDS.items()}
"""Of the fields that every model has."""
_MORE_TYPES = {name: kind for name, (kind, _) in _ALL.items()}


def output_types(robot_model: str) -> dict[str, str]:
    """The type of each field that the controller of a model has, by name."""
    return _MORE_TYPES if MODELS[robot_model].polyscope >= 5 else OUTPUT_TYPES


def make_sampler(names: Sequence[str]) -> Sampler:
    """A function robot -> flat list of the values of `names`, in order, as `encode_data` wants them."""
    fields = [_ALL[name][1] for name in names]

    def sample(robot: Robot) -> list[float]:
        values: list[float] = []
        for field in fields:
            value = field(robot)
            if isinstance(value, (float, int)):
                values.append(value)
            else:
                values.extend(value)
        return values

    return sample
