"""What is asked of a controller before anything is done to it."""

import socket
import sys
from pathlib import Path

import pytest

from ur5_cell import rtde_protocol
from ur5_cell.controller_process import ControllerProcess
from ur5_rl_env.devices.examination import (
    DASHBOARD_PORT,
    RTDE_PORT,
    TAKEN,
    Found,
    LinkLostError,
    NobodyThereError,
    UnfitControllerError,
    check_free,
    check_model,
    examine,
)

sys.path.insert(0, str(Path(__file__).parent))
from fake_controller import FakeController
from own_address import own_address

CB3 = Found('UR5', (3, 15, 8, 106339), ())


def test_a_controller_says_who_it_is_and_nothing_else_is_asked():
    message = rtde_protocol.encode(ord('M'), b'\x02hi\x01x\x03')
    with FakeController(own_address('examination', 0), before=message) as fake:
        assert examine(fake.host) == Found('UR5', (3, 15, 8, 1), ())
        kinds = [heard[0] if isinstance(heard, tuple) else heard for heard in fake.heard]
        assert kinds == [b'V', b'v', b'I', b'get robot model\n']
        assert fake.heard[2][1].decode().split(',') == list(TAKEN)


@pytest.mark.parametrize(
    'found, name',
    [
        (Found('UR5', (5, 11, 0, 0), ()), 'is a UR5 with PolyScope 5.11.0'),
        (Found('UR10', (3, 15, 8, 0), ()), 'is a UR10 with PolyScope 3.15.8'),
        (Found('', (3, 15, 8, 0), ()), 'is a model without name'),
    ],
)
def test_every_robot_but_a_ur5_of_the_cb_series_is_refused(found, name):
    check_model(CB3, '10.0.0.1', 'ur5')
    with pytest.raises(UnfitControllerError, match=rf'the robot at 10.0.0.1 {name}.*robot_model is ur5 '):
        check_model(found, '10.0.0.1', 'ur5')


def test_registers_in_use_are_refused_by_name():
    check_free(CB3, '10.0.0.1')
    with pytest.raises(LinkLostError, match='another program holds input_int_register_3 and 1 more.*touched'):
        check_free(CB3._replace(in_use=('input_int_register_3', 'input_double_register_0')), '10.0.0.1')


def test_a_simulated_controller_passes_and_its_registers_are_free_again():
    with ControllerProcess(own_address('examination', 1)) as controller:
        found = examine(controller.host)
        check_model(found, controller.host, 'ur5')
        assert found.in_use == examine(controller.host).in_use == ()
        with socket.create_connection((controller.host, RTDE_PORT)) as other:
            other.settimeout(10.0)
            other.sendall(rtde_protocol.encode(ord('V'), b'\x00\x02'))
            other.recv(100)
            other.sendall(rtde_protocol.encode(ord('I'), b'input_double_register_2,input_int_register_7,'))
            other.recv(100)
            assert examine(controller.host).in_use == ('input_int_register_7', 'input_double_register_2')
        assert examine(controller.host).in_use == ()


def test_what_is_not_there_is_named():
    host = own_address('examination', 2)
    with pytest.raises(
        NobodyThereError, match=rf'no controller at {host}:30004 \(connection refused\); is the'
    ):
        examine(host)
    with FakeController(host, ports=[RTDE_PORT]) as fake:
        with pytest.raises(LinkLostError, match=rf'no dashboard server at {host}:29999 \(connection refused'):
            examine(fake.host)
    with FakeController(host, ports=[RTDE_PORT, DASHBOARD_PORT]) as fake:
        with pytest.raises(
            LinkLostError, match=rf'no real-time interface, .* at {host}:30003 \(con'
        ) as caught:
            examine(fake.host)
        assert 'port 30004 answers, so the robot is on: is port 30003 closed?' in str(caught.value)
        assert not isinstance(caught.value, NobodyThereError)


def test_a_real_controller_that_refuses_may_have_its_services_switched_off(monkeypatch):
    def refuse(*_):
        raise ConnectionRefusedError(111, 'Connection refused')

    monkeypatch.setattr(socket, 'create_connection', refuse)
    with pytest.raises(LinkLostError, match='services enabled .* remote control'):
        examine('192.168.1.10')


def test_who_accepts_and_says_nothing_is_not_waited_for():
    with socket.create_server((own_address('examination', 3), RTDE_PORT)):
        with pytest.raises(LinkLostError, match=r'no controller at .*:30004 \(no answer\)'):
            examine(own_address('examination', 3), timeout=0.05)


def test_a_dashboard_that_hangs_up_is_a_lost_link():
    with FakeController(own_address('examination', 4), model=None) as fake:
        with pytest.raises(LinkLostError, match=rf'no dashboard server at {fake.host}:29999 '):
            examine(fake.host)


def test_who_speaks_otherwise_is_no_controller():
    with FakeController(own_address('examination', 4), before=rtde_protocol.encode(ord('X'))) as fake:
        with pytest.raises(LinkLostError, match='does not speak RTDE version 2'):
            examine(fake.host)


def test_a_refused_model_comes_with_the_name_to_give_or_with_those_there_are():
    with pytest.raises(UnfitControllerError, match='is a UR5e with PolyScope 5.11.0, .* robot_model:=ur5e$'):
        check_model(Found('UR5e', (5, 11, 0, 0), ()), '10.0.0.1', 'ur5')
    with pytest.raises(UnfitControllerError, match='is a UR5 with .* is ur5e .* robot_model:=ur5$'):
        check_model(CB3, '10.0.0.1', 'ur5e')
    with pytest.raises(UnfitControllerError, match='is a UR10 .* there is none for it among ur5, ur5e$'):
        check_model(Found('UR10', (3, 15, 8, 0), ()), '10.0.0.1', 'ur5e')


def test_a_controller_that_is_too_old_to_tell_its_model_is_to_be_updated():
    answer = 'could not understand: "get robot model"'
    with pytest.raises(UnfitControllerError, match='from PolyScope 3.12 on .* has 3.9.1: update it'):
        check_model(Found(answer, (3, 9, 1, 0), ()), '10.0.0.1', 'ur5')


def test_an_e_series_controller_may_leave_out_its_e():
    for says in ('UR5', 'UR5e'):
        check_model(Found(says, (5, 11, 0, 0), ()), '10.0.0.1', 'ur5e')
    with pytest.raises(UnfitControllerError, match='is a UR5 with PolyScope 5.11.0, .* robot_model:=ur5e$'):
        check_model(Found('UR5', (5, 11, 0, 0), ()), '10.0.0.1', 'ur5')
    with pytest.raises(UnfitControllerError, match='is a UR5e with PolyScope 3.15.8, .* none for it'):
        check_model(Found('UR5e', (3, 15, 8, 0), ()), '10.0.0.1', 'ur5')


def test_a_dashboard_that_does_not_know_its_robot_yet_is_asked_again():
    with FakeController(own_address('examination', 4), model=b'\n') as fake:
        with pytest.raises(LinkLostError, match=rf'at {fake.host}:29999 names no model: .* still starting'):
            examine(fake.host)
