"""The end of the simulated controller: after its control clients, whatever they do, in a stated order."""

import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from ur5_cell import controller as controller_module
from ur5_cell.controller import RobotController
from ur5_cell.controller_process import ControllerProcess
from ur5_cell.loopback import RTDE_PORT

sys.path.insert(0, str(Path(__file__).parent))
from own_address import own_address

HOST = own_address('end')
LEFT_OUT = 'left out after a delay'  # it says so of a machine that stood still


def client(controls):
    """An RTDE connection; one that controls writes inputs."""
    connection = socket.create_connection((HOST, RTDE_PORT), 5.0)
    if controls:
        names = b'input_int_register_0'
        connection.sendall(struct.pack('>HB', 3 + len(names), ord('I')) + names)
        assert connection.recv(100)
    return connection


def lines(process):
    said = [line.removeprefix('robot controller: ') for line in process.stdout.read().splitlines()]
    return [line for line in said if LEFT_OUT not in line]


@pytest.fixture
def controller():
    with ControllerProcess(HOST, stdout=subprocess.PIPE, text=True) as process:
        yield process


def test_it_ends_after_its_control_client(controller):
    connection = client(controls=True)
    os.kill(controller.pid, signal.SIGTERM)
    connection.sendall(struct.pack('>HBH', 5, ord('V'), 2))
    assert connection.recv(100).endswith(b'V\x01')  # it still serves
    connection.close()
    assert controller._process.wait(20) == 0
    said = lines(controller._process)
    closed, ended = said.index('control client closed its connection'), len(said) - 1
    assert said[ended].startswith('ended; ') and closed == ended - 1


def test_a_client_that_only_listens_keeps_nothing_up():
    controller = RobotController(HOST, log=lambda line: None)
    with client(controls=False):
        while not controller._clients._connections:
            controller._serve(0.1, until=0)
        controller.end()
        assert controller._over
    controller.close()


@pytest.fixture
def alone():
    """A controller in this process, with a control client that stays."""
    said = []
    controller = RobotController(HOST, log=said.append)
    controller.said = said
    waiting = socket.create_connection((HOST, RTDE_PORT), 5.0)
    names = b'input_int_register_0'
    waiting.sendall(struct.pack('>HB', 3 + len(names), ord('I')) + names)
    while not controller._clients.controlling:
        controller._serve(0.1, until=0)
    yield controller
    controller.close()
    waiting.close()


def test_a_client_that_stays_has_a_limit(alone, monkeypatch):
    monkeypatch.setattr(controller_module, 'END_S', 0.05)
    alone.end()
    alone.run()  # comes back
    alone.close()
    said = [line for line in alone.said if LEFT_OUT not in line]
    assert said == ['1 clients still control the arm: their connections are closed']


def test_a_second_signal_ends_it_at_once(alone):
    alone.end()
    assert not alone._over
    alone.end()
    assert alone._over


def test_it_ends_at_once_when_its_parent_has_gone():
    controller = RobotController(HOST, log=lambda line: None)
    controller.run(parent=os.getppid() + 1)  # comes back
    controller.close()
