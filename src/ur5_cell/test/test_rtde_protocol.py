"""RTDE on the wire: packets however they are cut, names, values, and what is refused."""

import struct

import pytest

from ur5_cell import rtde_outputs, rtde_protocol
from ur5_cell.registers import INPUT_TYPES, InputFields
from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.rtde_outputs import OUTPUT_TYPES, output_types
from ur5_cell.rtde_protocol import ProtocolError


def test_a_packet_by_hand():
    assert rtde_protocol.encode(ord('V'), b'\x00\x02') == b'\x00\x05V\x00\x02'


def test_packets_come_out_however_the_stream_is_cut():
    stream = rtde_protocol.encode(ord('v')) + rtde_protocol.encode(ord('U'), b'abc')
    for cut in range(len(stream) + 1):
        buffer = bytearray(stream[:cut])
        packets = rtde_protocol.take_packets(buffer)
        buffer += stream[cut:]
        assert packets + rtde_protocol.take_packets(buffer) == [(ord('v'), b''), (ord('U'), b'abc')]
        assert not buffer


def test_what_cannot_be_rtde_is_refused():
    with pytest.raises(ProtocolError, match='packet size 2 is smaller than its header'):
        rtde_protocol.take_packets(bytearray(b'\x00\x02V'))
    with pytest.raises(ProtocolError, match='limit 2048'):
        rtde_protocol.split_names(b'a' * 2049)
    with pytest.raises(ProtocolError, match='not ASCII'):
        rtde_protocol.split_names(b'\xff')


def test_names_may_end_in_a_comma():
    assert rtde_protocol.split_names(b'timestamp,actual_q,') == ['timestamp', 'actual_q']


def test_inputs_are_unpacked_by_name():
    recipe = rtde_protocol.make_recipe(['input_int_register_0', 'external_force_torque'], INPUT_TYPES)
    fields = rtde_protocol.decode_data(recipe, struct.pack('>i6d', -7, 1, 2, 3, 4, 5, 6))
    assert fields == {'input_int_register_0': -7, 'external_force_torque': (1, 2, 3, 4, 5, 6)}


def test_every_output_packs_and_keeps_its_place():
    names = [*OUTPUT_TYPES, 'timestamp']
    recipe = rtde_protocol.make_recipe(names, OUTPUT_TYPES)
    robot = Robot(RobotConfig(), print)
    for _ in range(125):
        robot.step()
    packet = rtde_protocol.encode_data(b'\x01', recipe, rtde_outputs.make_sampler(names)(robot))
    ((kind, payload),) = rtde_protocol.take_packets(bytearray(packet))
    assert (kind, payload[0]) == (ord('U'), 1)
    assert struct.unpack('>d', payload[-8:]) == (1.0,)


# The output recipes of Universal Robots' ROS 2 driver and of the recorder of their Python client, with the
# types of their RTDE guide; ur_rtde's are in the contract test.
ROS_DRIVER = """
timestamp:DOUBLE actual_q:VECTOR6D actual_qd:VECTOR6D speed_scaling:DOUBLE target_speed_fraction:DOUBLE
runtime_state:UINT32 actual_TCP_force:VECTOR6D actual_TCP_pose:VECTOR6D target_TCP_pose:VECTOR6D
actual_digital_input_bits:UINT64 actual_digital_output_bits:UINT64 standard_analog_input0:DOUBLE
standard_analog_input1:DOUBLE standard_analog_output0:DOUBLE standard_analog_output1:DOUBLE
analog_io_types:UINT32 tool_mode:UINT32 tool_analog_input_types:UINT32 tool_analog_input0:DOUBLE
tool_analog_input1:DOUBLE tool_output_voltage:INT32 tool_output_current:DOUBLE tool_temperature:DOUBLE
robot_mode:INT32 safety_mode:INT32 robot_status_bits:UINT32 safety_status_bits:UINT32 actual_current:VECTOR6D
tcp_offset:VECTOR6D payload:DOUBLE payload_cog:VECTOR3D payload_inertia:VECTOR6D
"""
RECORDER = """
timestamp:DOUBLE target_q:VECTOR6D target_qd:VECTOR6D target_qdd:VECTOR6D target_current:VECTOR6D
target_moment:VECTOR6D actual_q:VECTOR6D actual_qd:VECTOR6D actual_current:VECTOR6D
joint_control_output:VECTOR6D actual_TCP_pose:VECTOR6D actual_TCP_speed:VECTOR6D actual_TCP_force:VECTOR6D
target_TCP_pose:VECTOR6D target_TCP_speed:VECTOR6D actual_digital_input_bits:UINT64
joint_temperatures:VECTOR6D actual_execution_time:DOUBLE robot_mode:INT32 joint_mode:VECTOR6INT32
safety_status:INT32 actual_tool_accelerometer:VECTOR3D speed_scaling:DOUBLE target_speed_fraction:DOUBLE
actual_momentum:DOUBLE actual_main_voltage:DOUBLE actual_robot_voltage:DOUBLE actual_robot_current:DOUBLE
actual_joint_voltage:VECTOR6D actual_digital_output_bits:UINT64 runtime_state:UINT32
joint_position_deviation_ratio:DOUBLE
"""
OTHERS = """
elbow_position:VECTOR3D elbow_velocity:VECTOR3D io_current:DOUBLE tcp_force_scalar:DOUBLE
euromap67_input_bits:UINT32 euromap67_output_bits:UINT32 euromap67_24V_voltage:DOUBLE
euromap67_24V_current:DOUBLE output_bit_registers0_to_31:UINT32 output_bit_registers32_to_63:UINT32
output_bit_register_64:BOOL output_bit_register_127:BOOL output_int_register_47:INT32
output_double_register_47:DOUBLE input_bit_registers0_to_31:UINT32 input_bit_registers32_to_63:UINT32
input_bit_register_64:BOOL input_bit_register_127:BOOL input_int_register_47:INT32
input_double_register_47:DOUBLE
"""


@pytest.mark.parametrize('recipe', [ROS_DRIVER, RECORDER, OTHERS])
def test_what_others_ask_for_is_there_with_the_type_of_the_guide(recipe):
    wanted = dict(entry.split(':') for entry in recipe.split())
    assert {name: OUTPUT_TYPES.get(name) for name in wanted} == wanted


def test_what_only_an_e_series_has_is_there_for_a_ur5e_alone():
    later = {'actual_current_as_torque', 'collision_detection_ratio'}  # than the version that we say
    more = {'ft_raw_wrench': 'VECTOR6D', 'tool_output_mode': 'UINT8'}
    more |= {f'tool_digital_output{i}_mode': 'UINT8' for i in (0, 1)}
    assert not (more.keys() | later) & OUTPUT_TYPES.keys() and output_types('ur5') == OUTPUT_TYPES
    assert output_types('ur5e') == OUTPUT_TYPES | more
    assert len(rtde_outputs.make_sampler(list(more))(Robot(RobotConfig(robot_model='ur5e'), print))) == 9


def test_the_input_recipe_of_the_ros_driver():
    for name in ('standard_digital_output', 'configurable_digital_output', 'tool_digital_output'):
        assert INPUT_TYPES[name] == INPUT_TYPES[f'{name}_mask'] == 'UINT8'
    assert INPUT_TYPES['standard_analog_output_type'] == INPUT_TYPES['standard_analog_output_mask'] == 'UINT8'
    assert (
        INPUT_TYPES['input_bit_registers0_to_31'] == 'UINT32'
        and INPUT_TYPES['input_bit_register_64'] == 'BOOL'
    )


def values(robot, *names):
    return dict(zip(names, rtde_outputs.make_sampler(names)(robot), strict=True))


def test_modes_follow_power_and_safety():
    robot = Robot(RobotConfig(), print)
    names = ('tool_mode', 'safety_status', 'safety_mode', 'actual_robot_voltage')
    assert values(robot, *names) == dict(zip(names, (253, 1, 1, 48.0), strict=True))
    robot.protective_stop('test')
    assert values(robot, *names)['safety_status'] == 3
    robot.emergency_stop()
    assert values(robot, *names) == dict(zip(names, (239, 7, 7, 0.0), strict=True))


def test_analogue_outputs_have_the_unit_of_their_domain():
    robot = Robot(RobotConfig(), print)
    names = ('analog_io_types', 'standard_analog_output0', 'standard_analog_output1')
    assert values(robot, *names) == pytest.approx(dict(zip(names, (0b0011, 0.004, 0.004), strict=True)))
    robot.write_inputs(
        {
            'standard_analog_output_mask': 0b11,
            'standard_analog_output_type': 0b10,
            'standard_analog_output_0': 0.5,
            'standard_analog_output_1': 0.25,
        }
    )
    assert values(robot, *names) == pytest.approx(dict(zip(names, (0b1011, 0.012, 2.5), strict=True)))


def test_elbow_position_and_velocity_agree():
    robot = Robot(RobotConfig(start_joints=(0.3, -1.2, 0.7, 0.1, 0.2, 0.3)), print)
    rates = [0.2, -0.1, 0.3, 0.1, 0.0, 0.0]
    robot.motion.qd = robot.qd = list(rates)
    robot.motion.speed(rates, 1.0)
    sample = rtde_outputs.make_sampler(['elbow_position', 'elbow_velocity'])
    before = sample(robot)
    assert before[:3] == pytest.approx([-0.147, -0.0455, 0.4853], abs=1e-3)
    robot.step()
    after = sample(robot)
    mean = [(a + b) / 2 for a, b in zip(before[3:], after[3:], strict=True)]
    assert [(b - a) / 0.008 for a, b in zip(before[:3], after[:3], strict=True)] == pytest.approx(
        mean, abs=1e-6
    )


def test_a_refused_set_up_of_inputs_claims_nothing():
    inputs = InputFields()
    assert inputs.claim('first', ['input_int_register_0']) == ['INT32']
    assert inputs.claim('second', ['input_int_register_1', 'input_int_register_0']) == ['INT32', 'IN_USE']
    assert inputs.claim('second', ['input_int_register_2', 'nonsense']) == ['INT32', 'NOT_FOUND']
    assert inputs.claim('third', ['input_int_register_1', 'input_int_register_2']) == ['INT32', 'INT32']


def test_an_input_belongs_to_one_connection_until_it_closes():
    inputs = InputFields()
    assert inputs.claim('first', ['input_int_register_0', 'tool_offset']) == ['INT32', 'NOT_FOUND']
    assert inputs.claim('first', ['input_int_register_0']) == ['INT32']
    assert inputs.claim('second', ['input_int_register_0', 'input_int_register_1']) == ['IN_USE', 'INT32']
    assert inputs.claim('second', ['input_int_register_1']) == ['INT32']
    inputs.write({'input_int_register_0': 5}, step=3)
    inputs.free('first')
    assert inputs.claim('second', ['input_int_register_0']) == ['INT32']
    assert (inputs.integer(0), inputs.written('input_int_register_0')) == (5, 3)
