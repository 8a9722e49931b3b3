"""The real-time stream of port 30003: the state of the robot, sent to every client at each control step.

Layouts of a CB3 controller from 3.10 on, 1116 bytes, and of an e-Series from 5.10 on, 1220 bytes; big-endian:
the packet's size as int32, then doubles; bit fields and modes are doubles, too. The values are those of the
RTDE outputs of the same meaning.
Source: Universal Robots, "Realtime Client Interface".
"""

import struct

from ur5_cell.robot import Robot
from ur5_cell.rtde_outputs import OUTPUT_TYPES, make_sampler
from ur5_cell.rtde_protocol import TYPES
from ur5_rl_env.robot_models import MODELS

# RTDE output, or number of doubles whose use is not documented (sent as 0).
LAYOUT: tuple[str | int, ...] = (
    *('timestamp', 'target_q', 'target_qd', 'target_qdd', 'target_current', 'target_moment'),
    *('actual_q', 'actual_qd', 'actual_current', 'joint_control_output'),
    *('actual_TCP_pose', 'actual_TCP_speed', 'actual_TCP_force', 'target_TCP_pose', 'target_TCP_speed'),
    *('actual_digital_input_bits', 'joint_temperatures', 'actual_execution_time', 1),
    *('robot_mode', 'joint_mode', 'safety_mode', 6, 'actual_tool_accelerometer', 6),
    *('speed_scaling', 'actual_momentum', 2),
    *('actual_main_voltage', 'actual_robot_voltage', 'actual_robot_current', 'actual_joint_voltage'),
    *('actual_digital_output_bits', 'runtime_state', 'elbow_position', 'elbow_velocity', 'safety_status'),
)
E_SERIES: tuple[str | int, ...] = (*LAYOUT, 3, 'payload', 'payload_cog', 'payload_inertia')


class RealtimeStream:
    """Packets of one robot's state; the packet of a step is made once, for all clients.

    Args:
        robot: whose state it is.
    """

    def __init__(self, robot: Robot) -> None:
        self._robot = robot
        layout = E_SERIES if MODELS[robot.config.robot_model].polyscope >= 5 else LAYOUT
        self._sample = make_sampler([field for field in layout if isinstance(field, str)])
        self._layout = struct.Struct('>i' + ''.join(map(_code, layout)))
        self._step: int | None = None  # whose packet it is
        self._packet = b''

    def packet(self) -> bytes:
        """The packet of the present control step."""
        if self._step != self._robot.steps:
            self._step = self._robot.steps
            self._packet = self._layout.pack(self._layout.size, *self._sample(self._robot))
        return self._packet


def _code(field: str | int) -> str:
    if isinstance(field, str):
        return f'{TYPES[OUTPUT_TYPES[field]][1]}d'
    return f'{8 * field}x'
