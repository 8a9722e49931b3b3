"""Each fault of a controller, fed to its check; and one controller, simulated, that is asked."""

import dataclasses
import math
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from commissioning import controller_checks, controller_reading, doctor
from commissioning.calibration_config import CalibrationConfig
from commissioning.controller_reading import Reading
from commissioning.finding import State, exit_code, run
from ur5_cell.controller_process import ControllerProcess
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.examination import Found
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.kinematics import Kinematics, rotation_vector
from ur5_rl_env.robot_models import UR5, UR5E

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'ur5_rl_env/test'))
from fake_controller import FakeController
from own_address import own_address

OK, WARNING, FAULT, ASK = State.OK, State.WARNING, State.FAULT, State.ASK
HOST = '192.168.1.10'


def pose_of(q, offset=(0.0,) * 3):
    pose = Kinematics(UR5).controller_from_tool0(q)
    return (*(pose[:3, :3] @ offset + pose[:3, 3]), *rotation_vector(pose[:3, :3].tolist()))


def values(**changed):
    return {
        'timestamp': (1.0,),
        'actual_q': UR5.home,
        'actual_TCP_pose': pose_of(UR5.home),
        'tcp_offset': (0.0,) * 6,
        'robot_mode': (7,),
        'safety_mode': (1,),
        'runtime_state': (1,),
        'speed_scaling': (1.0,),
        'target_speed_fraction': (1.0,),
        'payload': (0.4,),
        'payload_cog': (0.0, 0.0, 0.05),
    } | changed


GOOD = Reading(Found('UR5', (3, 15, 8, 1), ()), values(), 125.0, 0.009, {'is in remote control': 'true'})


def judged(reading, arm=None):
    return {f.name: f for f in controller_checks.judge(HOST, reading, GuardConfig(), arm or ArmConfig())}


def turned(joint, angle):
    return tuple(angle if i == joint else q for i, q in enumerate(UR5.home))


def test_a_controller_as_it_should_be_has_no_faults_and_leaves_two_questions():
    found = judged(GOOD)
    assert {name for name, f in found.items() if f.state is ASK} == {'payload', 'planes'}
    assert {f.state for f in found.values()} == {OK, ASK}


@pytest.mark.parametrize(
    ('changed', 'name', 'state', 'words'),
    [
        ({'found': Found('UR5', (5, 11, 0, 0), ())}, 'model', FAULT, '5.11.0'),
        ({'found': Found('UR10', (3, 15, 8, 0), ())}, 'model', FAULT, 'UR10'),
        ({'found': GOOD.found._replace(in_use=('input_int_register_0',))}, 'registers', FAULT, 'in use'),
        ({'rate_hz': 500.0}, 'stream', FAULT, '500.0 states'),
        ({'longest_gap_s': 0.025}, 'stream', WARNING, '25 ms apart'),
        ({'values': values(robot_mode=(3,))}, 'power', FAULT, 'POWER_OFF'),
        ({'values': values(robot_mode=(99,))}, 'power', FAULT, 'mode 99'),
        ({'values': values(safety_mode=(3,))}, 'safety', FAULT, 'PROTECTIVE_STOP'),
        ({'values': values(safety_mode=(2,))}, 'safety', WARNING, 'REDUCED'),
        ({'values': values(runtime_state=(2,))}, 'program', WARNING, 'your word'),
        ({'values': values(target_speed_fraction=(0.5,))}, 'slider', FAULT, '50 %'),
        ({'values': values(speed_scaling=(0.5,))}, 'slider', FAULT, '50 %'),
        ({'values': values(payload=(0.0,))}, 'payload', WARNING, 'weigh'),
        ({'values': values(actual_q=turned(5, 0.1))}, 'place', FAULT, 'turn it back'),
        ({'values': values(actual_q=turned(0, 0.5))}, 'place', WARNING, 'shoulder_pan_joint is outside'),
        ({'answers': {'is in remote control': 'false'}}, 'remote', FAULT, 'local'),
        ({'answers': {'is in remote control': 'could not understand'}}, 'remote', ASK, 'pendant'),
    ],
)
def test_what_a_check_makes_of_a_controller(changed, name, state, words):
    found = judged(GOOD._replace(**changed))[name]
    assert found.state is state and words in str(found) and '\n' not in str(found)


def test_a_tool_offset_of_the_pendant_does_not_look_like_other_links():
    offset = (0.02, -0.03, 0.15)
    pose = values(actual_TCP_pose=pose_of(UR5.home, offset), tcp_offset=(*offset, 0.0, 0.0, 0.0))
    assert judged(GOOD._replace(values=pose))['kinematics'].state is OK
    forgotten = values(actual_TCP_pose=pose_of(UR5.home, offset))
    assert judged(GOOD._replace(values=forgotten))['kinematics'].state is FAULT


def test_a_tool_that_is_turned_does_not_either():
    flange = Kinematics(UR5).controller_from_tool0(UR5.home)
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    tool = flange[:3, :3] @ turn
    pose = (*(flange[:3, :3] @ (0.1, 0.0, 0.0) + flange[:3, 3]), *rotation_vector(tool.tolist()))
    said = values(actual_TCP_pose=pose, tcp_offset=(0.1, 0.0, 0.0, 0.0, 0.0, math.pi / 2))
    assert judged(GOOD._replace(values=said))['kinematics'].state is OK


@pytest.mark.parametrize(('apart', 'state'), [(0.001, OK), (0.005, WARNING), (0.084, FAULT)])
def test_other_link_lengths_are_seen(apart, state):
    x, *rest = pose_of(UR5.home)
    assert (
        judged(GOOD._replace(values=values(actual_TCP_pose=(x + apart, *rest))))['kinematics'].state is state
    )


def test_what_the_controller_does_not_tell_is_asked_and_never_called_good():
    silent = {
        name: value
        for name, value in values().items()
        if name not in ('payload', 'payload_cog', 'tcp_offset')
    }
    found = judged(GOOD._replace(values=silent))
    assert {found[name].state for name in ('payload', 'kinematics', 'planes')} == {ASK}


def test_a_payload_of_the_setting_is_what_counts():
    assert '0.7 kg' in judged(GOOD, ArmConfig(payload_mass=0.7))['payload'].text


def test_the_planes_are_the_guards_box_in_the_frame_of_the_pendant():
    guard = GuardConfig(box_low=(-0.4, 0.1, 0.1), box_high=(0.3, 0.8, 0.7))
    lines = controller_checks.safety_limits(guard, ArmConfig())
    assert lines[:4] == [
        'plane x -300 to 400 mm',
        'plane y -800 to -100 mm',
        'plane z 100 to 700 mm',
        'base 55 to 125 deg',
    ]
    assert lines[-1] == 'joint speeds 61 deg/s'  # of the way home
    assert controller_checks.safety_limits(guard, ArmConfig(home_velocity=0.1))[-1] == 'joint speeds 41 deg/s'
    assert not any('TCP' in line for line in lines)
    longer = dataclasses.replace(guard, tool_offset=(0.0, 0.0, 0.1))
    assert 'TCP 0, 0, 100 mm' in controller_checks.safety_limits(longer, ArmConfig())


def test_a_simulated_controller_is_asked_and_has_nothing_done_to_it(monkeypatch):
    monkeypatch.setattr(controller_reading, 'LOOKED_AT_S', 0.048)
    host = own_address('doctor', 0)
    with ControllerProcess(host):
        before = controller_reading.read(host, 0.008)
        for _ in range(3):  # one that the machine keeps for 24 ms leaves control steps out, as a fault would
            found = list(run(doctor.device_checks(doctor.parameters('small'), host, '', '')))
            assert len(found) == 13
            assert exit_code([finding for finding in found if finding.name != 'stream']) == 0, found
            if exit_code(found) == 0:
                break
        assert exit_code(found) == 0, found
        after = controller_reading.read(host, 0.008)
        assert after.found.in_use == () and after.values['runtime_state'] == (1,)
        assert after.values | {'timestamp': 0} == before.values | {'timestamp': 0}


def test_nobody_at_the_address_is_one_fault():
    found = list(run(doctor.device_checks(doctor.parameters('small'), own_address('doctor', 1), '', '')))
    assert [f.state for f in found] == [FAULT] and 'no controller at' in found[0].text


class Telling(FakeController):
    """A controller that streams a few states once it is started, and notes whatever else it is told."""

    KINDS = [
        'DOUBLE',
        *['VECTOR6D'] * 3,
        'INT32',
        'INT32',
        'UINT32',
        'DOUBLE',
        'DOUBLE',
        'NOT_FOUND',
        'VECTOR3D',
    ]

    def _rtde(self, connection):
        while header := connection.recv(3):
            size, kind = struct.unpack('>Hc', header)
            body = connection.recv(size - 3) if size > 3 else b''
            self.heard.append(kind)
            found = [kind for kind in self.KINDS if b'payload,' in body or kind != 'NOT_FOUND']
            answers = self._answers | {b'O': b'\x01' + ','.join(found).encode(), b'S': b'\x01'}
            connection.sendall(struct.pack('>Hc', 3 + len(answers[kind]), kind) + answers[kind])
            for step in range(6 * (kind == b'S')):
                values = [0.008 * step, *UR5.home, *(0.0,) * 12, 7, 1, 1, 1.0, 1.0, 0.0, 0.0, 0.1]
                data = b'\x01' + struct.pack('>19diiI2d3d', *values)
                connection.sendall(struct.pack('>Hc', 3 + len(data), b'U') + data)


def test_a_controller_is_told_nothing_and_what_it_does_not_have_is_left_out(monkeypatch):
    monkeypatch.setattr(controller_reading, 'LOOKED_AT_S', 0.048)
    with Telling(own_address('doctor', 2), model=b'UR5\n') as fake:
        reading = controller_reading.read(fake.host, 0.008)
        heard = list(fake.heard)
    assert set(heard) == {b'V', b'v', b'I', b'O', b'S', b'get robot model\n', b'is in remote control\n'}
    assert reading.values['actual_q'] == UR5.home and reading.values['payload_cog'] == (0.0, 0.0, 0.1)
    assert 'payload' not in reading.values and reading.rate_hz == pytest.approx(125.0)
    assert reading.answers == {'is in remote control': 'UR5'}


def test_the_arm_that_is_asked_for_is_looked_at_or_refused_as_a_launch_refuses_it(tmp_path, capsys):
    nodes = doctor.parameters('small', 'ur5e')
    assert nodes['/**']['robot_model'] == 'ur5e' and 'robot_model' not in doctor.parameters('small')['/**']
    own = tmp_path / 'own.yaml'
    own.write_text('/arm_driver: {ros__parameters: {robot_model: ur5}}')
    assert doctor.main([f'setting:={own}', 'robot_model:=ur5e']) == 2
    assert 'robot_model of /arm_driver is ur5, that of every node ur5e' in capsys.readouterr().err
    assert doctor.main(['robot_model:=ur10']) == 2
    assert capsys.readouterr().err == "error: arm_driver: robot_model is 'ur10'; choose one of: ur5, ur5e\n"


def test_the_states_of_an_e_series_are_expected_500_times_a_second():
    guard = GuardConfig(robot_model='ur5e')
    for rate_hz, gap_s, state in (
        (500.0, 0.017, State.OK),
        (500.0, 0.019, State.WARNING),
        (125.0, 0.009, State.FAULT),
    ):
        reading = GOOD._replace(rate_hz=rate_hz, longest_gap_s=gap_s)
        assert controller_checks.stream(reading, guard).state is state


def test_the_calibration_begins_at_the_home_of_its_arm():
    assert CalibrationConfig(robot_model='ur5e').home == UR5E.home and CalibrationConfig().home == UR5.home
