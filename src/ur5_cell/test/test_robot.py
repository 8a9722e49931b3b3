"""The emulated control program on the pure robot: registers in, motion and registers out, no sockets."""

from math import pi

import pytest

from ur5_cell import dashboard, script_port
from ur5_cell.robot import PAUSED, PLAYING, STOPPED, Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.script_port import ScriptError, ScriptReader, Upload, parse_upload
from ur5_rl_env.robot_models import UR5

MOVE_J, SPEED_J, SPEED_STOP, PROTECTIVE_STOP, STOP_J, SET_WATCHDOG, IS_STEADY, STOP = (
    1,
    9,
    15,
    31,
    34,
    35,
    47,
    255,
)
READY, DONE = 1, 2


class Bench:
    """A robot with its program running, and the client's side of the registers."""

    def __init__(self, offset=0, **config):
        self.lines = []
        self.offset = offset
        self.robot = Robot(RobotConfig(**config), self.lines.append)
        assert self.robot.load(Upload(offset, offset))
        self.step(13)
        assert self.robot.runtime_state == PLAYING

    def step(self, count=1):
        for _ in range(count):
            self.robot.step()

    def write(self, command, doubles=(), flag=0):
        fields = {f'input_double_register_{self.offset + i}': float(value) for i, value in enumerate(doubles)}
        fields[f'input_int_register_{self.offset}'] = command
        fields[f'input_int_register_{self.offset + 1}'] = flag
        self.robot.write_inputs(fields)

    @property
    def status(self):
        return self.robot.output_integers[self.offset]

    def call(self, command, doubles=(), flag=0, limit=1000):
        """One blocking command, as the client does it; returns the steps until it was done."""
        self.write(command, doubles, flag)
        steps = 0
        while self.status != DONE:
            self.step()
            steps += 1
            assert steps < limit
        self.write(0)
        self.step()
        assert self.status == READY
        return steps


def shifted(by):
    return [UR5.home[0] + by, *UR5.home[1:]]


@pytest.mark.parametrize('offset', [0, 24])
def test_a_blocking_move_answers_on_arrival_and_once(offset):
    bench = Bench(offset)
    steps = bench.call(MOVE_J, [*shifted(-0.4), 1.05, 1.4])
    assert bench.robot.motion.q == shifted(-0.4)
    assert steps == pytest.approx(2 * (0.4 / 1.4) ** 0.5 / 0.008, abs=2)


def test_realtime_commands_never_keep_the_client_waiting():
    bench = Bench()
    bench.write(SPEED_J, [0.05, 0, 0, 0, 0, 0, 12.5, 0.008])
    bench.step()
    assert bench.status == READY
    assert bench.robot.motion.qd[0] == 0.0  # what was read at the end of this period acts in the next
    bench.step()
    assert bench.robot.motion.qd[0] == pytest.approx(0.05)


def test_speedj_goes_on_for_ever_until_it_is_stopped():
    bench = Bench()
    bench.write(SPEED_J, [0.05, 0, 0, 0, 0, 0, 10, 0.008])
    bench.step(500)
    assert bench.robot.motion.qd[0] == pytest.approx(0.05)
    bench.call(SPEED_STOP, [10])
    assert bench.robot.motion.at_rest


def test_a_speedj_with_a_long_time_keeps_its_target_for_that_time():
    bench = Bench()
    bench.write(SPEED_J, [0.05, 0, 0, 0, 0, 0, 40, 0.080])
    bench.step()
    bench.write(SPEED_J, [0.0, 0, 0, 0, 0, 0, 40, 0.080])
    bench.step(9)
    assert bench.robot.motion.qd[0] == pytest.approx(0.05)
    bench.step(2)
    assert bench.robot.motion.qd[0] == 0.0


@pytest.mark.parametrize('time', [0.0, 100.0])
def test_the_speed_slider_acts_during_a_speedj_of_any_time(time):
    bench = Bench()
    bench.write(SPEED_J, [0.4, 0, 0, 0, 0, 0, 0.05 / 0.008, time])
    bench.step(20)
    assert bench.robot.motion.qd[0] == pytest.approx(0.4)
    bench.robot.write_inputs({'speed_slider_mask': 1, 'speed_slider_fraction': 0.25})
    bench.step(10)
    assert bench.robot.motion.qd[0] == pytest.approx(0.1)
    bench.robot.write_inputs({'speed_slider_mask': 1, 'speed_slider_fraction': 1.0})
    bench.step(10)
    assert bench.robot.motion.qd[0] == pytest.approx(0.4)


def test_a_linear_stop_takes_its_time_where_the_joints_outrun_the_tool():
    bench = Bench()
    bench.call(MOVE_J, [UR5.home[0] + 0.001, *UR5.home[1:5], UR5.home[5] - 2.0, 3.0, 40.0], flag=1)
    bench.step(30)
    before = bench.robot.motion.qd
    assert before[5] == pytest.approx(-3.0)
    bench.write(STOP_J, [20.0], flag=1)  # every asynchronous stop is a stopl; the flange hardly moves
    bench.step()
    while any(bench.robot.motion.qd):
        bench.step()
        change = max(abs(b - a) for a, b in zip(before, bench.robot.motion.qd, strict=True))
        assert change <= 40.0 * 0.008 + 1e-9
        before = bench.robot.motion.qd


@pytest.mark.parametrize('command', [MOVE_J, STOP_J])
def test_motion_beside_a_running_speedj_ends_the_program(command):
    bench = Bench()
    bench.write(SPEED_J, [0.05, 0, 0, 0, 0, 0, 10, 0.008])
    bench.step(10)
    bench.write(command, [2.0] * 6 + [1.0, 1.0])
    bench.step()
    assert bench.robot.runtime_state == STOPPED
    assert 'another thread (speed) is already controlling the robot' in bench.lines[-1]
    bench.step(10)
    assert bench.robot.motion.at_rest


def test_an_asynchronous_move_reports_its_progress_and_can_be_stopped():
    bench = Bench()
    bench.call(MOVE_J, [*shifted(-0.4), 1.05, 1.4], flag=1)
    assert bench.robot.output_integers[2] & 0x8000
    bench.step(20)
    bench.call(STOP_J, [5.0])
    assert not bench.robot.output_integers[2] & 0x8000
    assert bench.robot.motion.at_rest and bench.robot.motion.q != shifted(-0.4)
    bench.call(MOVE_J, [*UR5.home, 1.05, 1.4])
    assert bench.robot.motion.q == list(UR5.home)


def test_steady_after_half_a_second_at_rest():
    bench = Bench()
    bench.call(MOVE_J, [*shifted(0.01), 1.0, 1.4])
    bench.call(IS_STEADY)
    assert bench.robot.output_integers[1] == 0
    bench.step(63)
    bench.call(IS_STEADY)
    assert bench.robot.output_integers[1] == 1


@pytest.mark.parametrize(('action', 'mode'), [('stop', 1), ('protective_stop', 3)])
def test_the_watchdog_acts_when_the_command_register_is_not_written(action, mode):
    bench = Bench(watchdog_action=action)
    bench.call(SET_WATCHDOG, [10.0])
    for _ in range(50):
        bench.write(SPEED_J, [0.05, 0, 0, 0, 0, 0, 10, 0.008])
        bench.step()
    assert bench.robot.runtime_state == PLAYING
    bench.step(12)
    assert bench.robot.runtime_state == PLAYING
    bench.step(1)
    assert (bench.robot.runtime_state, bench.robot.safety_mode) == (STOPPED, mode)
    bench.step(3)
    assert bench.robot.motion.at_rest


def test_a_protective_stop_ends_the_program_and_is_released_after_five_seconds():
    bench = Bench()
    bench.write(SPEED_J, [0.5, 0, 0, 0, 0, 0, 10, 0.008])
    bench.step(20)
    bench.robot.protective_stop('test')
    assert bench.robot.runtime_state == STOPPED
    bench.step(7)
    assert not any(bench.robot.motion.qd)
    assert not bench.robot.load(Upload(0, 0))
    bench.step(600)
    assert dashboard.answer(bench.robot, 'unlock protective stop').startswith('Cannot unlock')
    bench.step(20)
    assert dashboard.answer(bench.robot, 'unlock protective stop') == 'Protective stop releasing'
    rest = list(bench.robot.motion.q)
    bench.step(20)
    assert bench.robot.motion.q == rest
    assert bench.robot.load(Upload(0, 0))


def test_a_paused_program_goes_on_with_its_old_target():
    bench = Bench(program_after_protective_stop='paused')
    bench.write(SPEED_J, [0.5, 0, 0, 0, 0, 0, 10, 0.008])
    bench.step(20)
    bench.robot.protective_stop('test')
    bench.step(630)
    assert bench.robot.runtime_state == PAUSED and not any(bench.robot.motion.qd)
    assert dashboard.answer(bench.robot, 'play') == 'Failed to execute: play'
    dashboard.answer(bench.robot, 'unlock protective stop')
    assert dashboard.answer(bench.robot, 'play') == 'Starting program'
    bench.step(20)
    assert bench.robot.motion.qd[0] == 0.5


def test_after_an_emergency_stop_the_arm_needs_power():
    bench = Bench()
    bench.robot.emergency_stop()
    assert dashboard.answer(bench.robot, 'safetymode') == 'Safetymode: ROBOT_EMERGENCY_STOP'
    assert dashboard.answer(bench.robot, 'power on') == 'Failed to execute: power on'
    bench.robot.release_emergency_stop()
    assert dashboard.answer(bench.robot, 'robotmode') == 'Robotmode: POWER_OFF'
    assert not bench.robot.load(Upload(0, 0))
    dashboard.answer(bench.robot, 'power on')
    assert dashboard.answer(bench.robot, 'robotmode') == 'Robotmode: IDLE'
    dashboard.answer(bench.robot, 'brake release')
    assert bench.robot.load(Upload(0, 0))


def test_the_joint_limit_is_a_protective_stop_that_can_be_left_again():
    bench = Bench(start_joints=(2 * pi - 0.01, -1.5, 0, 0, 0, 0))
    bench.write(SPEED_J, [0.5, 0, 0, 0, 0, 0, 10, 0.008])
    bench.step(20)
    assert bench.robot.safety_mode == 3
    bench.step(625)
    assert bench.robot.release_protective_stop() == 0.0
    bench.robot.load(Upload(0, 0))
    bench.write(SPEED_J, [-0.5, 0, 0, 0, 0, 0, 10, 0.008])
    bench.step(50)
    assert bench.robot.safety_mode == 1 and bench.robot.motion.qd[0] == -0.5


@pytest.mark.parametrize(
    ('command', 'doubles', 'why'),
    [
        (SPEED_J, [float('nan')] * 8, 'not finite'),
        (SPEED_J, [0.0] * 8, 'acceleration is 0.0; it must be greater than 0'),
        (
            SPEED_J,
            [0.0] * 6 + [40.1, 0.0],
            'acceleration is 40.1; it must be greater than 0 and at most 40.0',
        ),
        (SPEED_STOP, [1e9], 'stop: deceleration is 1000000000.0; it must be greater than 0 and at most 40.0'),
        (MOVE_J, [*UR5.home, 1.0, 1e300], 'movej: acceleration is 1e+300'),
        (MOVE_J, [0.0, 0, 0, 0, 0, 7.0, 1.0, 1.4], 'is beyond the joint limit of 6.283 rad'),
        (MOVE_J, [*UR5.home, 0.0, 1.4], 'speed of a joint move is 0.0; it must be greater than 0'),
        (3, [], 'command 3 is not emulated'),
    ],
)
def test_what_cannot_be_done_ends_the_program_with_one_line(command, doubles, why):
    bench = Bench()
    bench.write(command, doubles)
    bench.step(2)
    assert bench.robot.runtime_state == STOPPED and bench.robot.motion.at_rest
    assert why in bench.lines[-1]


def test_the_client_stops_the_program():
    bench = Bench()
    bench.write(STOP)
    bench.step()
    assert bench.robot.runtime_state == STOPPED


def test_programs_are_cut_at_an_end_in_column_0_and_their_offset_is_read():
    text = (
        b'def rtde_control():\n    global a = # float register offset\n24\n'
        b'    global b = # int register offset\n24\n    if b:\n    end\nend\n'
    )
    reader = ScriptReader()
    assert reader.feed(text[:40]) == []
    first, second = reader.feed(text[40:] + text)
    assert parse_upload(first) == parse_upload(second) == Upload(24, 24)


def test_another_program_is_refused():
    with pytest.raises(ScriptError, match='program "drill" was uploaded'):
        parse_upload('def drill():\nend\n')
    with pytest.raises(ScriptError, match='int register offset in the uploaded program is none'):
        parse_upload('def rtde_control():\nend\n')
    with pytest.raises(ScriptError, match='without an "end"'):
        ScriptReader().feed(b'x' * (script_port.LARGEST_PROGRAM + 1))


def test_bad_configuration_is_refused():
    with pytest.raises(ValueError, match='start_joints is'):
        RobotConfig(start_joints=(0.0, 7.0, 0, 0, 0, 0))
    with pytest.raises(ValueError, match='watchdog_action is "bark"; choose one of stop, protective_stop'):
        RobotConfig(watchdog_action='bark')
