"""RTDE on the wire: packets however they are cut, names, values, and what is refused."""

import struct

import pytest

from ur5_rl_env.cell import outputs, rtde_protocol
from ur5_rl_env.cell.registers import InputFields
from ur5_rl_env.cell.robot import Robot
from ur5_rl_env.cell.robot_config import RobotConfig
from ur5_rl_env.cell.rtde_protocol import INPUT_TYPES, OUTPUT_TYPES, ProtocolError


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
    packet = rtde_protocol.encode_data(1, recipe, outputs.make_sampler(names)(robot))
    ((kind, payload),) = rtde_protocol.take_packets(bytearray(packet))
    assert (kind, payload[0]) == (ord('U'), 1)
    assert struct.unpack('>d', payload[-8:]) == (1.0,)


def test_an_input_belongs_to_one_connection_until_it_closes():
    inputs = InputFields()
    assert inputs.claim('first', ['input_int_register_0', 'tool_offset']) == ['INT32', 'NOT_FOUND']
    assert inputs.claim('first', ['input_int_register_0']) == ['INT32']
    assert inputs.claim('second', ['input_int_register_0', 'input_int_register_1']) == ['IN_USE', 'INT32']
    inputs.write({'input_int_register_0': 5}, step=3)
    inputs.free('first')
    assert inputs.claim('second', ['input_int_register_0']) == ['INT32']
    assert (inputs.integer(0), inputs.written('input_int_register_0')) == (5, 3)
