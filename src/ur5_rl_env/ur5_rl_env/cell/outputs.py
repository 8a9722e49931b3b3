"""RTDE output fields of the simulated robot: for each name a function of the robot's present state.

Quantities that an ideal, massless arm does not have (currents, torques, forces) are constant and say so here.
"""

from ur5_rl_env.cell.robot import IDLE, PLAYING, SAFETY_BITS
from ur5_rl_env.cell.rtde_protocol import OUTPUT_TYPES, REGISTERS, TYPES
from ur5_rl_env.kinematics import flange_velocity

_ZEROS = (0.0,) * 6
_JOINT_RUNNING, _JOINT_IDLE = 253, 255


def _tool_velocity(robot):
    return flange_velocity(robot.motion.q, robot.motion.qd)


def _status_bits(robot):
    return int(robot.robot_mode >= IDLE) | int(robot.runtime_state == PLAYING) << 1


# Scalars give a number, vectors a sequence of the type's length.
_FIELDS = {
    'timestamp': lambda robot: robot.time,
    'target_q': lambda robot: robot.motion.q,
    'target_qd': lambda robot: robot.motion.qd,
    'target_qdd': lambda robot: robot.motion.qdd,
    'target_current': lambda robot: _ZEROS,
    'target_moment': lambda robot: _ZEROS,
    'actual_q': lambda robot: robot.motion.q,
    'actual_qd': lambda robot: robot.motion.qd,
    'actual_current': lambda robot: _ZEROS,
    'joint_control_output': lambda robot: _ZEROS,
    'actual_TCP_pose': lambda robot: robot.tool_pose(),
    'actual_TCP_speed': _tool_velocity,
    'actual_TCP_force': lambda robot: _ZEROS,
    'target_TCP_pose': lambda robot: robot.tool_pose(),
    'target_TCP_speed': _tool_velocity,
    'actual_digital_input_bits': lambda robot: 0,
    'joint_temperatures': lambda robot: (25.0,) * 6,
    'actual_execution_time': lambda robot: 0.0,
    'robot_mode': lambda robot: robot.robot_mode,
    'joint_mode': lambda robot: (_JOINT_RUNNING if robot.robot_mode > IDLE else _JOINT_IDLE,) * 6,
    'safety_mode': lambda robot: robot.safety_mode,
    'actual_tool_accelerometer': lambda robot: (0.0, 0.0, 0.0),
    'speed_scaling': lambda robot: 1.0,  # of the trajectory limiter, which this arm never needs
    'target_speed_fraction': lambda robot: robot.speed_fraction,
    'actual_momentum': lambda robot: 0.0,
    'actual_main_voltage': lambda robot: 48.0,
    'actual_robot_voltage': lambda robot: 48.0 if robot.robot_mode >= IDLE else 0.0,
    'actual_robot_current': lambda robot: 0.0,
    'actual_joint_voltage': lambda robot: (48.0 if robot.robot_mode >= IDLE else 0.0,) * 6,
    'actual_digital_output_bits': lambda robot: robot.digital_outputs,
    'runtime_state': lambda robot: robot.runtime_state,
    'standard_analog_input0': lambda robot: 0.0,
    'standard_analog_input1': lambda robot: 0.0,
    'standard_analog_output0': lambda robot: robot.analog_outputs[0],
    'standard_analog_output1': lambda robot: robot.analog_outputs[1],
    'robot_status_bits': _status_bits,
    'safety_status_bits': lambda robot: SAFETY_BITS[robot.safety_mode],
    'payload': lambda robot: robot.payload,
    'payload_cog': lambda robot: robot.payload_cog,
    'payload_inertia': lambda robot: _ZEROS,
    **{f'output_int_register_{i}': lambda robot, i=i: robot.output_integers[i] for i in range(REGISTERS)},
    **{f'output_double_register_{i}': lambda robot, i=i: robot.output_doubles[i] for i in range(REGISTERS)},
}
assert _FIELDS.keys() == OUTPUT_TYPES.keys()


def make_sampler(names):
    """A function robot -> flat list of the values of `names`, in order, as `encode_data` wants them."""
    fields = [(_FIELDS[name], TYPES[OUTPUT_TYPES[name]][1] > 1) for name in names]

    def sample(robot):
        values = []
        for field, is_vector in fields:
            if is_vector:
                values.extend(field(robot))
            else:
                values.append(field(robot))
        return values

    return sample
