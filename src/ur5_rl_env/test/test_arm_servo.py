"""The servo against a link made by hand, and its process against the simulated controller."""

import dataclasses
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ur5_cell import rtde_protocol
from ur5_cell.controller_process import ControllerProcess, child_environment
from ur5_cell.motion import JointMotion
from ur5_rl_env.bounds import TOLERANCE
from ur5_rl_env.devices import arm_link
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import ArmLink, LinkLostError, Reading, checked
from ur5_rl_env.devices.arm_packets import (
    HOPELESS,
    AnswerPacket,
    ExecutedPacket,
    Request,
    RequestPacket,
    StatePacket,
    TextPacket,
    VelocityPacket,
    pack,
    unpack,
)
from ur5_rl_env.devices.arm_servo import Servo
from ur5_rl_env.devices.arm_session import ArmSession
from ur5_rl_env.devices.examination import Found
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import MOVABLE, ArmState
from ur5_rl_env.robot_models import UR5, UR5E
from ur5_rl_env.tool_point import ToolPoint
from ur5_rl_env.watchdog import CommandWatchdog, WatchdogConfig

sys.path.insert(0, str(Path(__file__).parent))
from fake_controller import FakeController
from own_address import own_address

FLANGE = ToolPoint(Kinematics(UR5))

DRIVER = Path(__file__).with_name('arm_scenarios.py')
FAULT_PORT = 30099
HOME = ArmConfig().home
GUARD = GuardConfig()
STEP_NS = 8_000_000


def settings(host, servo_watchdog_s=0.2):
    """Of a session; by default as patient with the servo as can be, for machines with much else to do."""
    guard = GuardConfig(servo_watchdog_s=servo_watchdog_s)
    configs = {'arm': ArmConfig(robot_ip=host), 'guard': guard, 'watchdog': WatchdogConfig()}
    return {name: dataclasses.asdict(config) for name, config in configs.items()}


class FakeLink:
    """What ArmLink offers, over the motion of the simulated controller, without a network or a clock."""

    def __init__(self):
        self.motion = JointMotion(HOME, 0.008)
        self.has_program = False
        self.speeding = False  # the controller's speed thread runs
        self.watchdog_s = None  # of a speed motion
        self.blocked = False  # something is in the way of a move

    def start_program(self):
        self.has_program = True

    def begin_speed(self, watchdog_s):
        assert self.motion.at_rest, 'nothing is written for a few control steps'
        self.watchdog_s = watchdog_s

    def speed(self, velocity, acceleration):
        assert self.watchdog_s == GUARD.servo_watchdog_s, 'a speed that nothing would stop'
        self.speeding = True
        self.motion.speed(velocity, acceleration)

    def keep_alive(self):
        pass

    def unlock(self):
        pass

    def end_speed(self):
        assert self.motion.at_rest, 'speedStop blocks for as long as the arm brakes: longer than the watchdog'
        self.speeding, self.watchdog_s = False, None

    def start_move(self, q, velocity, acceleration):
        assert not self.speeding, 'a move on top of a speed motion is a program error'
        if not self.blocked:
            self.motion.move(q, velocity, acceleration)
        return True

    def stop_move(self):
        self.motion.brake(1.4)

    def moving(self):
        return not self.motion.at_rest


class Rig:
    """A servo on a fake link and a clock made by hand."""

    def __init__(self, word=None, guard=GUARD, **arm):
        self.now, self.delay_s, self.step_ns = 10**12, 0.0, round(1e9 * guard.control_period_s)
        self.aside = '', 0  # after which clock's reading the servo is set aside next, for how long [ns]
        self.link = FakeLink()
        self.said = []
        self.slew = 0.0  # by which the monotonic clock is fast
        clocks = (lambda: self.read('monotonic')), (lambda: self.read('system'))
        config = ArmConfig(**arm)
        watchdog = CommandWatchdog(WatchdogConfig(), config.action_cycle_s)
        self.servo = Servo(
            self.link, Guard(guard), watchdog, config, self.said.append, *clocks, word, lambda: self.now
        )

    def read(self, clock):
        read = self.now
        if self.aside[0] == clock:
            self.now, self.aside = self.now + self.aside[1], ('', 0)
        return read if clock == 'system' else round(read + self.slew * (read - 10**12))

    def step(self, steps=1, **changes):
        for _ in range(steps):
            self.now += self.step_ns
            self.link.motion.step()
            q, qd = tuple(self.link.motion.q), tuple(self.link.motion.qd)
            reading = Reading(
                self.now,
                self.now * 1e-9 - self.delay_s,
                q,
                qd,
                q,
                qd,
                7,
                1,
                self.link.has_program,
                False,
                False,
            )
            self.servo.tick(reading._replace(**changes))
            self.servo.check()

    def command(self, *velocity, age_ms=0):
        self.servo.velocity(VelocityPacket(self.now - age_ms * 10**6, velocity))

    def last(self, kind):
        return next((packet for packet in reversed(self.said) if isinstance(packet, kind)), None)


SLOW = (0.0, 0.1, 0.0, 0.0, 0.0, 0.0)


def test_an_e_series_is_commanded_each_2_ms_and_the_nodes_hear_of_it_each_8():
    rig = Rig(guard=GuardConfig(robot_model='ur5e'))
    rig.link.motion = JointMotion(UR5E.home, 0.002)
    rig.step(4)
    rig.said.clear()
    sent = []
    rig.link.speed = lambda velocity, acceleration: sent.append(velocity[1])
    rig.command(*SLOW)
    assert len(sent) == 1 and rig.last(ExecutedPacket).velocity == SLOW  # the first one is told at once
    for _ in range(40):
        rig.step()
        rig.command(*SLOW)
    rig.said.clear()
    rig.step(40)
    assert len(sent) >= 81 and set(sent) == {0.1}
    for kind in (StatePacket, ExecutedPacket):
        assert len([packet for packet in rig.said if isinstance(packet, kind)]) == 10
    rig.said.clear()
    rig.command(*SLOW)
    rig.step(4)
    count = len([packet for packet in rig.said if isinstance(packet, ExecutedPacket)])
    rig.step(speed_scaling=0.5)  # one more than in four steps: that a command is changed is told in the step
    told = [packet for packet in rig.said if isinstance(packet, ExecutedPacket)]
    assert len(told) == count + 1 and told[-1].changed and not told[-2].changed
    rig.step(2, speed_scaling=0.5)
    assert len([packet for packet in rig.said if isinstance(packet, ExecutedPacket)]) == count + 1
    rig.said.clear()
    rig.step(safety_mode=3, protective_stop=True)  # is told at once, whenever it comes
    rig.step()
    rig.step(safety_mode=1)
    assert [p.state for p in rig.said if isinstance(p, StatePacket)].count(ArmState.PROTECTIVE_STOP) >= 1
    assert len([p for p in rig.said if isinstance(p, TextPacket)]) == 2


def test_a_command_is_sent_when_it_arrives_and_repeated_each_step():
    rig = Rig()
    rig.step()
    rig.command(*SLOW)
    assert rig.last(ExecutedPacket) == ExecutedPacket(rig.now, rig.now, SLOW, SLOW, 1.0, False)
    count = len([p for p in rig.said if isinstance(p, ExecutedPacket)])
    rig.step(5)
    assert len([p for p in rig.said if isinstance(p, ExecutedPacket)]) == count + 5
    assert rig.last(StatePacket).state == ArmState.READY


def test_without_commands_the_arm_ramps_to_zero_and_holds():
    rig = Rig()
    rig.step()
    rig.command(*SLOW)
    rig.step(25)  # 0.2 s: still fresh
    assert rig.link.motion.qd[1] == pytest.approx(0.1)
    rig.step(2)
    assert rig.link.motion.qd[1] == pytest.approx(0.1 - 1.4 * 0.008)
    rig.step(10)
    state = rig.last(StatePacket)
    assert rig.link.motion.qd == [0.0] * 6 and state.state == ArmState.HOLDING and state.trips == 1
    rig.command(*SLOW)
    rig.step(10)
    assert rig.link.motion.qd[1] > 0.08 and rig.last(StatePacket).trips == 1


@pytest.mark.parametrize(
    'clock, steps',
    [('system', 15), ('monotonic', 5)],  # until 0.2 s after its stamp; the time aside counts twice
)
def test_a_command_grows_old_while_the_servo_is_set_aside_between_its_two_clocks(clock, steps):
    rig = Rig()
    rig.step()
    rig.aside = clock, 80_000_000
    rig.command(*SLOW)
    rig.step(steps - 1)
    before = rig.link.motion.qd[1]
    rig.step(2)  # the controller takes up a command at its next step
    fresh = rig.link.motion.qd[1]
    assert fresh >= before > 0.0
    rig.step()
    assert rig.link.motion.qd[1] < fresh


def test_an_arm_that_waits_for_a_first_command_says_so_and_one_that_the_watchdog_holds_too():
    idle = TextPacket(ArmState.HOLDING, 'idle: waits for a first velocity command')
    rig = Rig()
    rig.step(40)
    assert rig.last(TextPacket) == idle
    rig.command(*SLOW)
    rig.step(40)
    text = 'held by the watchdog: no velocity command younger than 0.2 s'
    assert rig.last(TextPacket) == TextPacket(ArmState.HOLDING, text)
    for request in (Request.STOP, Request.HOME):  # with which an episode ends
        rig.command(*SLOW)
        rig.step()
        assert rig.last(TextPacket).state == ArmState.READY
        rig.servo.request(RequestPacket(request, 7))
        rig.step(200)
        assert rig.last(AnswerPacket).ok and rig.last(TextPacket) == idle, request


def executed(rig):
    packet = rig.last(ExecutedPacket)
    return packet.stamp_ns, packet.mean_velocity[1], packet.changed


def test_what_was_sent_is_averaged_over_the_steps_of_its_command():
    rig = Rig()
    rig.step()
    for velocity in (0.1, 0.2):
        rig.command(0.0, velocity, 0.0, 0.0, 0.0, 0.0)
        stamp = rig.now
        rig.step(4)
        assert executed(rig) == (stamp, pytest.approx(velocity, rel=1e-12), False), 'each command anew'


def test_a_watchdog_that_brakes_changes_its_command():
    rig = Rig()
    rig.step()
    rig.command(*SLOW)
    stamp = rig.now
    rig.step(25)
    assert executed(rig) == (stamp, pytest.approx(0.1), False)
    rig.step(26)
    assert executed(rig) == (stamp, pytest.approx(0.1 * 26 / 52), True)
    rig.command(*SLOW)
    assert executed(rig) == (rig.now, pytest.approx(0.1), False)


def test_a_command_to_rest_is_not_changed_by_braking():
    rig = Rig()
    rig.step()
    rig.command(*[0.0] * 6)
    rig.step(40)
    assert executed(rig)[1:] == (0.0, False)


def test_the_guard_changes_a_command_for_good():
    rig = Rig()
    rig.step()
    rig.command(0.0, 5.0, 0.0, 0.0, 0.0, 0.0)  # more than the largest velocity
    assert executed(rig) == (rig.now, pytest.approx(GUARD.max_velocity), True)
    rig.step(2)
    assert executed(rig)[2]


def test_the_speed_scaling_counts_step_by_step_and_marks_its_command():
    rig = Rig()
    rig.step()
    rig.command(*SLOW)
    rig.step(2)
    assert executed(rig)[2] is False
    rig.step(1, speed_scaling=0.2)
    assert executed(rig)[1:] == (pytest.approx(0.1 * (3 + 0.2) / 4), True)
    assert rig.last(ExecutedPacket).velocity == SLOW and rig.last(ExecutedPacket).speed_scaling == 0.2
    rig.step(1)
    assert executed(rig)[1:] == (pytest.approx(0.1 * (4 + 0.2) / 5), True), 'slowed once, marked to its end'
    rig.command(*SLOW)
    assert executed(rig)[2] is False
    assert rig.last(StatePacket).speed_scaling == 1.0


SLOWED = (
    'the controller runs at 20 % of its speed; set the speed slider on the pendant to 100 % (arm/status '
    'tells the present value)'
)


def test_a_speed_below_100_percent_for_longer_than_a_cycle_is_a_state_of_its_own_and_told_once():
    rig = Rig()
    rig.step()
    rig.command(*SLOW)
    rig.step(6, speed_scaling=0.2)  # 0.04 s after the first of them
    assert rig.last(StatePacket).state == ArmState.READY
    rig.step(1, speed_scaling=0.2)
    rig.step(3, speed_scaling=0.35)
    assert rig.last(StatePacket).state == ArmState.SPEED_REDUCED
    assert rig.last(StatePacket).speed_scaling == 0.35
    assert [p for p in rig.said if isinstance(p, TextPacket)][-1] == TextPacket(
        ArmState.SPEED_REDUCED, SLOWED
    )
    assert len([p for p in rig.said if isinstance(p, TextPacket) and p.text == SLOWED]) == 1
    rig.step(1)
    assert rig.last(StatePacket).state == ArmState.READY
    rig.step(6, speed_scaling=0.2)
    assert rig.last(StatePacket).state == ArmState.READY, 'counted from the beginning'


def test_the_scaling_of_a_controller_without_our_program_means_nothing():
    rig = Rig()
    rig.step()
    rig.step(3, playing=False, protective_stop=True, safety_mode=3, speed_scaling=0.0)
    rig.step(20, speed_scaling=0.0)
    assert rig.last(StatePacket).state == ArmState.SPEED_REDUCED
    rig.step(1, playing=False, protective_stop=True, safety_mode=3, speed_scaling=0.0)
    rig.step(6, speed_scaling=0.2)
    assert rig.last(StatePacket).state == ArmState.HOLDING


@pytest.fixture
def word(tmp_path):
    return PersonsWord(True, str(tmp_path), 'run_1')


def test_before_a_persons_word_nothing_is_started_on_the_controller(word):
    rig = Rig(word)
    rig.step(3, playing=True)  # the program of somebody else
    rig.command(*SLOW)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    assert not rig.link.has_program and not rig.link.speeding
    assert rig.last(StatePacket).state == ArmState.DISCONNECTED
    text = "waits for a person's word (environment/start); until then the controller is only read"
    assert rig.last(TextPacket).text == f'{text}; the program that runs on it is stopped then'
    assert rig.last(AnswerPacket) == AnswerPacket(
        1, False, f'the arm cannot move: {rig.last(TextPacket).text}'
    )
    rig.step(1, playing=False)
    assert rig.last(TextPacket).text == text
    word.give()
    rig.step()
    assert rig.link.has_program and rig.last(StatePacket).state == ArmState.HOLDING


def test_an_emergency_stop_takes_the_word_back(word):
    word.give()
    rig = Rig(word)
    rig.step(2)
    assert word.given
    rig.step(playing=False, emergency_stop=True, safety_mode=7)
    assert not word.given
    assert rig.last(TextPacket).state == ArmState.EMERGENCY_STOP


def test_an_emergency_stop_is_told_and_kept_in_mind_where_no_file_can_be_removed(word, monkeypatch, capfd):
    word.give()
    rig = Rig(word)
    rig.step(2)
    for name in ('ur5_rl_env.persons_word.write_json', 'pathlib.Path.write_bytes'):
        monkeypatch.setattr(name, lambda *_, **__: os.remove('/proc/no_such_file'))
    rig.step(playing=False, emergency_stop=True, safety_mode=7)
    assert rig.last(TextPacket).state == ArmState.EMERGENCY_STOP and not word.given
    assert 'does not know that the arm must rest' in capfd.readouterr().err


def stopped_and_normal_again(word, **changes):
    """The servo of the next connection, after this one has seen an arm that was stopped, and then normal."""
    rig = Rig(word)
    rig.step(2)
    assert rig.link.has_program
    rig.step(playing=False, **changes)
    assert not word.given
    with pytest.raises(LinkLostError, match='has ended; environment/start starts it again'):
        rig.step(playing=False)
    after = Rig(word)
    after.step(3, playing=False)
    return after


SWITCHED_OFF = {'robot_mode': 3}
SAFEGUARD_STOP = {'safety_mode': 5}  # a door, a light curtain


@pytest.mark.parametrize(
    'changes', [{'protective_stop': True, 'safety_mode': 3}, SWITCHED_OFF, SAFEGUARD_STOP]
)
def test_who_releases_a_stop_on_the_pendant_or_switches_the_arm_off_and_on_is_asked_again(word, changes):
    word.give()
    after = stopped_and_normal_again(word, **changes)
    assert not after.link.has_program and "waits for a person's word" in after.last(TextPacket).text
    word.give()
    after.step(playing=False)
    assert after.link.has_program


@pytest.mark.parametrize('changes', [SWITCHED_OFF, SAFEGUARD_STOP])
def test_a_word_that_was_given_beforehand_holds_until_a_real_arm_was_stopped(tmp_path, changes):
    word = PersonsWord(False, str(tmp_path), 'run_1')
    after = stopped_and_normal_again(word, **changes)
    assert not after.link.has_program
    word.give()
    after.step(playing=False)
    assert after.link.has_program


def test_who_unlocks_a_protective_stop_has_said_nothing_of_a_safeguard_that_came_to_it(word):
    rig = in_a_protective_stop(word)
    assert word.by_servo
    rig.step(playing=False, protective_stop=True, **SAFEGUARD_STOP)
    rig.step(playing=False, protective_stop=True, safety_mode=3)
    rig.servo.request(RequestPacket(Request.UNLOCK, 5))
    assert rig.last(AnswerPacket).ok and not word.given


def test_a_simulated_arm_and_one_that_was_started_by_hand_are_not_asked_about(tmp_path):
    for word, cell_run in ((PersonsWord(False, str(tmp_path), 'run_1'), 'run_1'), (PersonsWord(), '')):
        rig = Rig(word, cell_run=cell_run)
        rig.step(2)
        rig.step(playing=False, **SWITCHED_OFF)
        assert word.given


def test_after_environment_stop_neither_commands_nor_a_way_home_move_the_arm_before_the_word(word):
    word.give()
    rig = Rig(word)
    rig.step(2)
    rig.command(*SLOW)
    rig.step(10)
    word.take_back()  # environment/stop
    rig.servo.request(RequestPacket(Request.STOP, 3))
    rig.step(20)
    assert rig.last(AnswerPacket) == AnswerPacket(3, True, 'the arm is at rest')
    before = list(rig.link.motion.q)
    assert 'idle' in rig.last(TextPacket).text
    rig.servo.request(RequestPacket(Request.HOME, 4))
    text = "the arm cannot move: waits for a person's word (environment/start)"
    assert rig.last(AnswerPacket) == AnswerPacket(4, False, text)
    for _ in range(20):
        rig.command(*SLOW)
        rig.step()
    assert rig.link.motion.q == before and rig.last(StatePacket).rejected == 20
    assert rig.last(TextPacket).text == "waits for a person's word (environment/start)"
    word.give()
    rig.command(*SLOW)
    rig.step(3)
    assert rig.link.motion.q != before and rig.last(TextPacket).text == 'ready'


def test_a_word_that_is_taken_back_without_a_stop_counts_after_a_pause(word):
    word.give()
    rig = Rig(word)
    rig.step(2)
    rig.command(*SLOW)
    rig.step(100)
    word.take_back()
    rig.step(700)
    before = list(rig.link.motion.q)
    for _ in range(5):
        rig.command(*SLOW)
        rig.step()
    assert rig.link.motion.q == before and "waits for a person's word" in rig.last(TextPacket).text


def test_no_file_is_read_in_motion_nor_at_the_beginning_of_an_episode(word, monkeypatch):
    word.give()
    rig = Rig(word)
    rig.step(2)
    for request in (Request.STOP, Request.HOME):  # a reset
        rig.servo.request(RequestPacket(request, 1))
        rig.step(100)
    monkeypatch.setattr(Path, 'read_text', lambda *_, **__: pytest.fail('a disk may keep the servo waiting'))
    rig.step(100)
    for _ in range(30):
        rig.command(*SLOW)
        rig.step()


def in_a_protective_stop(word):
    word.give()
    rig = Rig(word)
    rig.step(2)
    rig.step(playing=False, protective_stop=True, safety_mode=3)
    return rig


def test_who_calls_arm_unlock_after_a_protective_stop_is_not_asked_again(word):
    rig = in_a_protective_stop(word)
    rig.servo.request(RequestPacket(Request.UNLOCK, 5))
    assert rig.last(AnswerPacket) == AnswerPacket(5, True, 'protective stop released') and word.given
    rig = Rig(word)
    rig.step(playing=False)
    assert rig.link.has_program


def test_a_person_who_has_stopped_the_environment_is_asked_after_a_protective_stop_too(word):
    rig = in_a_protective_stop(word)
    word.take_back()  # environment/stop
    rig.servo.request(RequestPacket(Request.UNLOCK, 5))
    text = 'protective stop released; environment/start lets the arm move'
    assert rig.last(AnswerPacket) == AnswerPacket(5, True, text) and not word.given


def test_an_arm_that_was_switched_off_before_the_connection_came_back_is_asked_about(word):
    word.give()
    rig = Rig(word)
    rig.step(playing=False, robot_mode=3)
    rig.step(playing=False)
    assert not rig.link.has_program and not word.given


def test_without_the_word_nothing_moves_whatever_program_plays(word):
    word.give()
    rig = Rig(word)
    rig.step(2)
    rig.step(playing=True, protective_stop=True, safety_mode=3)
    rig.link.motion.q[1] += 0.2
    before = list(rig.link.motion.q)
    rig.step(2, playing=True)
    rig.command(*SLOW)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(20, playing=True)
    assert rig.link.motion.q == before and "waits for a person's word" in rig.last(TextPacket).text
    assert not rig.last(AnswerPacket).ok
    word.give()
    rig.step(playing=True)
    rig.servo.request(RequestPacket(Request.HOME, 2))
    rig.step(100, playing=True)
    assert rig.last(AnswerPacket).ok


def test_a_way_home_that_is_asked_for_while_the_arm_is_stopped_is_refused():
    rig = Rig()
    rig.step(2)
    rig.command(*SLOW)
    rig.step(10)
    rig.servo.request(RequestPacket(Request.STOP, 3))
    rig.servo.request(RequestPacket(Request.HOME, 4))
    assert rig.last(AnswerPacket) == AnswerPacket(4, False, 'the arm is being stopped')
    rig.step(20)
    assert rig.last(AnswerPacket).identity == 3


def test_a_protective_stop_that_is_there_at_the_first_reading_is_asked_about_as_well(word):
    word.give()
    Rig(word).step(playing=False, protective_stop=True, safety_mode=3)
    assert not word.given


def test_arm_unlock_says_no_word_that_nobody_has_given(word):
    rig = Rig(word)
    rig.step(2, playing=False, protective_stop=True, safety_mode=3)
    rig.servo.request(RequestPacket(Request.UNLOCK, 5))
    assert rig.last(AnswerPacket).ok and not word.given


def test_a_protective_stop_is_released_though_the_dashboard_of_the_beginning_is_gone(monkeypatch):
    said, refusal = [], []

    class Dashboard:
        def __init__(self, host):
            said.append(host)

        def __getattr__(self, name):
            return lambda *_: said.append(name)

        def unlockProtectiveStop(self):
            if refusal:
                raise RuntimeError(refusal[0])
            said.append('unlock')

    monkeypatch.setattr(arm_link, 'DashboardClient', Dashboard)
    link = object.__new__(arm_link.ArmLink)
    link.host = 'robot'
    link.unlock()
    assert said == ['robot', 'connect', 'closeSafetyPopup', 'unlock', 'disconnect']
    refusal.append('Cannot unlock protective stop until 5s after occurrence.')
    with pytest.raises(ValueError, match='until 5s after'):
        link.unlock()


def test_a_simulated_arm_goes_on_by_itself_after_any_stop():
    rig = Rig()
    rig.step(2)
    with pytest.raises(LinkLostError, match='has ended; starting it again'):
        rig.step(playing=False, robot_mode=3)
        rig.step(playing=False)


def test_what_was_commanded_before_arm_stop_does_not_act_after_it():
    rig = Rig()
    rig.step(2)
    rig.servo.request(RequestPacket(Request.STOP, 3))
    rig.command(*SLOW)  # on the line before it, but of the velocities only the newest is handed on, last
    rig.step(20)
    assert rig.link.motion.at_rest and rig.link.motion.q == list(HOME)
    assert rig.last(AnswerPacket) == AnswerPacket(3, True, 'the arm is at rest')


def test_arm_stop_stops_an_arm_that_somebody_goes_on_commanding():
    rig = Rig()
    rig.step(2)
    for _ in range(5):
        rig.command(*SLOW)
        rig.step(5)
    assert rig.link.motion.qd[1] == pytest.approx(0.1)
    rig.servo.request(RequestPacket(Request.STOP, 3))
    speeds = []
    while rig.last(AnswerPacket) is None:
        rig.command(*SLOW)
        rig.command(*6 * [0.0])
        rig.step()
        speeds.append(rig.link.motion.qd[1])
    assert len(speeds) < 25 and speeds == sorted(speeds, reverse=True) and speeds[-1] == 0.0
    rejected = rig.last(StatePacket).rejected
    assert rejected == len(speeds), 'the environment tells it to rest as well, which is no refusal'
    rig.command(*SLOW)
    rig.step(5)
    assert rig.link.motion.qd[1] > 0.0 and rig.last(StatePacket).rejected == rejected


@pytest.mark.parametrize('ppm', [-83_000, 5_000, 83_000])
def test_a_host_clock_that_is_slewed_makes_no_reading_late(ppm):
    rig = Rig()
    rig.step(2)
    rig.slew = 1e-6 * ppm
    rig.step(2000)
    assert not rig.servo._age.overdue_s


def test_before_the_first_command_the_arm_is_told_to_rest_under_the_servos_own_watchdog():
    rig = Rig()
    rig.step(5)
    assert rig.link.speeding and rig.link.motion.at_rest
    assert rig.link.watchdog_s == GUARD.servo_watchdog_s < WatchdogConfig().watchdog_s


def test_joints_that_come_late_from_the_controller_are_stamped_as_what_they_are():
    rig = Rig()
    rig.step(5)
    assert rig.last(StatePacket).capture_ns == rig.now
    rig.delay_s = 0.3
    rig.step(5)
    assert abs(rig.last(StatePacket).capture_ns - (rig.now - 300_000_000)) < 1_100_000


def test_stamps_never_go_back_however_late_joints_come():
    rig, stamps = Rig(), []
    rig.step(5)
    for delay_ms in (0.5, 4.0, 8.0, 12.0, 15.5, 16.5, 15.5, 16.5, 9.0, 0.0):  # they keep their order
        rig.delay_s = 1e-3 * delay_ms
        rig.step()
        stamps.append(rig.last(StatePacket).capture_ns)
    assert stamps == sorted(stamps)


def test_a_way_home_is_planned_to_brake_no_harder_than_an_arm_does_whose_program_ends():
    planned = []
    for stop_deceleration in (1.0, 5.0):
        rig = Rig(guard=GuardConfig(stop_deceleration=stop_deceleration))
        rig.link.motion.q[1] += 0.2
        rig.link.start_move = lambda q, velocity, acceleration: planned.append(acceleration) or False
        rig.step(2)
        rig.servo.request(RequestPacket(Request.HOME, 1))
        rig.step(20)
    assert planned == [1.0, ArmConfig().home_acceleration]
    with pytest.raises(ValueError, match='home_acceleration'):
        ArmConfig(home_acceleration=2.0)  # stopped on the way, it would be past the end of it


def test_a_late_reading_is_answered_by_braking_for_one_step():
    rig = Rig()
    rig.step(2)
    rig.command(*SLOW)
    rig.step(10)
    rig.now += 2 * STEP_NS
    rig.step()
    assert rig.last(ExecutedPacket).velocity == (0.0,) * 6
    rig.step()
    assert rig.last(ExecutedPacket).velocity == SLOW and rig.last(StatePacket).trips == 0


def test_a_command_in_the_step_of_a_late_reading_does_not_undo_its_braking():
    rig = Rig()
    rig.step(2)
    rig.command(*SLOW)
    rig.step(10)
    rig.now += 2 * STEP_NS
    rig.step()
    rig.command(*SLOW)
    assert rig.last(ExecutedPacket).velocity == (0.0,) * 6


def test_readings_that_come_regularly_but_late_are_answered_by_braking_and_then_by_a_new_connection():
    rig = Rig()
    rig.step(2)
    rig.command(*SLOW)
    rig.step(2)
    assert rig.last(ExecutedPacket).velocity == SLOW
    rig.delay_s = 0.030
    with pytest.raises(LinkLostError, match=r'30 ms late \(limit 16\) for 0.5 s; connecting again'):
        for _ in range(100):
            rig.command(*SLOW)
            rig.step()
            assert rig.last(ExecutedPacket).velocity == (0.0,) * 6


@pytest.mark.parametrize('field', ['q', 'qd', 'target_q', 'target_qd'])
def test_joints_that_are_no_numbers_end_the_connection(field):
    reading = Reading(1, 0.1, HOME, HOME, HOME, HOME, 7, 1, True, False, False)
    assert checked(reading, 'robot') is reading
    with pytest.raises(LinkLostError, match='no numbers'):
        checked(reading._replace(**{field: (*HOME[:5], float('nan'))}), 'robot')


def test_a_command_waits_for_the_next_reading_where_the_last_is_old_or_has_been_acted_on_twice():
    rig = Rig()
    rig.step(2)
    fast = (0.0, 0.2, 0.0, 0.0, 0.0, 0.0)
    rig.command(*SLOW)
    rig.command(*fast)
    assert rig.last(ExecutedPacket).velocity == SLOW
    rig.step()
    assert rig.last(ExecutedPacket).velocity == fast
    rig.now += 2 * STEP_NS + 1
    rig.command(*SLOW)
    assert rig.last(ExecutedPacket).velocity == fast


def test_stale_and_senseless_commands_are_counted_and_not_executed():
    rig = Rig()
    rig.step()
    rig.command(*SLOW, age_ms=201)
    rig.command(*SLOW[:5], float('nan'))
    rig.command(*SLOW[:5])
    rig.step(3)
    assert rig.last(StatePacket).rejected == 3 and rig.last(ExecutedPacket) is None


def test_home_first_rests_then_moves_then_answers():
    rig = Rig()
    rig.step()
    for _ in range(10):
        rig.command(0.0, 0.2, -0.1, 0.0, 0.0, 0.0)
        rig.step(5)
    assert max(map(abs, rig.link.motion.qd)) > 0.19
    rig.servo.request(RequestPacket(Request.HOME, 7))
    for _ in range(100):
        rig.command(*SLOW)  # ignored on the way
        rig.step()
        if rig.last(AnswerPacket):
            break
    answer = rig.last(AnswerPacket)
    assert answer.identity == 7 and answer.ok and answer.text.startswith('at home after')
    assert rig.link.motion.q == list(HOME) and not rig.link.speeding
    rig.step(20)
    assert rig.link.motion.q == list(HOME)  # the commands of the way are forgotten


def test_stop_ends_the_way_home_and_both_are_answered():
    rig = Rig()
    rig.link.motion.q[1] += 0.5
    rig.step()
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(40)
    rig.servo.request(RequestPacket(Request.STOP, 2))
    rig.step(100)
    home, stop = (p for p in rig.said if isinstance(p, AnswerPacket))
    assert (home.identity, home.ok) == (1, False) and 'before its end' in home.text
    assert stop == AnswerPacket(2, True, 'the arm is at rest')
    assert rig.servo.resting


@pytest.mark.parametrize('steps', [0, 1, 2])
def test_an_arm_that_has_just_been_told_to_move_does_not_rest(steps):
    """Its readings, and the controller's program, are some steps behind: they show it at rest."""
    rig = Rig()
    rig.step()
    rest = Reading(rig.now, rig.now * 1e-9, HOME, (0.0,) * 6, HOME, (0.0,) * 6, 7, 1, True, False, False)
    rig.command(*SLOW)
    rig.servo.stop()
    assert not rig.servo.resting
    for _ in range(steps):
        rig.servo.tick(rest)
        assert not rig.servo.resting
    rig.step(10)
    assert rig.servo.resting and rig.link.motion.at_rest


def test_an_arm_that_has_just_been_told_to_move_brakes_before_it_moves_home():
    rig = Rig()
    rig.step()
    rig.command(*SLOW)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    still = (0.0,) * 6
    rig.servo.tick(Reading(rig.now, rig.now * 1e-9, HOME, still, HOME, still, 7, 1, True, False, False))
    assert rig.link.speeding, 'it brakes'
    rig.step(10)
    assert rig.last(AnswerPacket).ok


def test_home_from_outside_first_comes_back_inside_and_never_moves_by_movej_there():
    rig = Rig()
    rig.link.motion.q[1] = GUARD.joint_low[1] - 0.05
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    for _ in range(200):
        if not rig.link.speeding:
            break
        assert max(map(abs, rig.link.motion.qd)) <= GUARD.return_velocity + 1e-9
        rig.step()
    assert not rig.link.speeding and rig.link.motion.q[1] > GUARD.joint_low[1]
    rig.said.clear()
    rig.step(200)
    assert rig.last(AnswerPacket).ok and rig.link.motion.q == list(HOME)
    assert {p.state for p in rig.said if isinstance(p, StatePacket)} == {
        ArmState.MOVING_HOME,
        ArmState.HOLDING,
    }


EDGES = {
    'above the box': (1.27800259, -0.93138, 0.08885568, -3.73664669, -2.21984391, 1.23011605),
    'above the box of a UR5e': (1.3029245, -0.70960879, 0.00687705, -3.74736003, -1.01597584, 2.72663737),
}


@pytest.mark.parametrize(('place', 'model'), [('above the box', 'ur5'), ('above the box of a UR5e', 'ur5e')])
def test_home_from_half_a_millimetre_outside_does_not_leave_the_box_on_the_way(place, model):
    guard = GuardConfig(robot_model=model)
    bounds, rig = Guard(guard).bounds, Rig(guard=guard, robot_model=model)
    rig.link.motion = JointMotion(EDGES[place], guard.control_period_s)
    assert not bounds.inside(bounds.place(EDGES[place]), 0.0) and bounds.inside(
        bounds.place(EDGES[place]), -TOLERANCE
    )
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    for _ in range(3000):
        rig.step()
        assert bounds.inside(bounds.place(rig.link.motion.q), -TOLERANCE)
        if rig.last(AnswerPacket):
            break
    assert rig.last(AnswerPacket).ok, rig.last(AnswerPacket)


def test_velocities_that_are_measured_of_an_arm_at_rest_keep_it_from_nothing():
    rig = Rig()
    rig.link.motion.q[1] += 0.2
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    for _ in range(300):
        rig.step(qd=(0.005,) * 6)
    assert rig.last(AnswerPacket).ok and rig.last(StatePacket).state == ArmState.HOLDING


def test_an_arm_that_does_not_come_to_rest_is_said_and_not_awaited_for_ever():
    rig = Rig()
    rig.link.motion.q[1] += 0.2
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(20)
    rig.servo.request(RequestPacket(Request.STOP, 2))
    for _ in range(500):
        rig.step(qd=(0.05,) * 6)
    home = next(packet for packet in rig.said if isinstance(packet, AnswerPacket) and packet.identity == 1)
    assert not home.ok and home.text == 'stopped on the way home, but it still moves, at 0.050 rad/s'
    assert rig.last(AnswerPacket).identity == 2


def test_where_no_way_home_is_inside_the_arm_stays(monkeypatch):
    monkeypatch.setattr('ur5_rl_env.devices.arm_servo.route', lambda *_: [])
    rig = Rig()
    rig.link.motion.q[1] += 0.3
    before = list(rig.link.motion.q)
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(60)
    text = 'no way home inside the bounds is found from here: use the pendant'
    assert rig.last(AnswerPacket) == AnswerPacket(1, False, text)
    assert rig.link.motion.q == before and rig.last(StatePacket).state in MOVABLE


def test_a_way_home_that_is_stopped_outside_says_that_it_was_stopped():
    rig = Rig()
    rig.link.motion.q[1] = GUARD.joint_low[1] - 0.05
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(20)
    rig.servo.request(RequestPacket(Request.STOP, 2))
    rig.step(60)
    home = next(packet for packet in rig.said if isinstance(packet, AnswerPacket) and packet.identity == 1)
    assert home == AnswerPacket(1, False, 'stopped before the move began')


def test_a_last_wrist_joint_that_is_hardly_outside_keeps_the_arm_from_home_and_not_from_its_commands():
    rig = Rig()
    rig.link.motion.q[5] = GUARD.joint_high[5] + 5e-4
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(60)
    assert 'use the pendant' in rig.last(AnswerPacket).text
    rig.command(*SLOW)
    rig.step(10)
    assert rig.link.motion.qd[1] > 0.08


@pytest.mark.parametrize('cycle_s', [0.2, 0.4, 1.0])
def test_a_long_action_cycle_is_no_silence_and_half_a_cycle_more_is(cycle_s):
    rig = Rig(action_cycle_s=cycle_s)
    rig.step()
    steps = round(cycle_s / 0.008)
    for late in (0, 3, -3, 5, 0):  # answers to observations in step with the cycle, never equally late
        rig.command(*SLOW)
        rig.step(steps + late)
        assert not executed(rig)[2]
    assert rig.last(StatePacket).trips == 0
    rig.command(*SLOW)
    rig.step(int(1.5 * steps))
    assert not executed(rig)[2]
    rig.step(2)
    assert executed(rig)[2] and rig.last(StatePacket).trips == 1


def test_stop_ends_the_way_back_inside_too():
    rig = Rig()
    rig.link.motion.q[1] = GUARD.joint_low[1] - 0.05
    rig.step(2)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(20)
    assert any(rig.link.motion.qd)
    rig.servo.request(RequestPacket(Request.STOP, 2))
    rig.step(60)
    assert not any(rig.link.motion.qd)
    assert [p.ok for p in rig.said if isinstance(p, AnswerPacket)] == [False, True]


def test_with_the_last_wrist_joint_outside_nothing_moves_and_a_line_says_what_to_do():
    rig = Rig()
    rig.link.motion.q[5] = GUARD.joint_high[5] + 0.01
    rig.step(2)
    rig.command(*SLOW)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(20)
    assert rig.last(StatePacket).state == ArmState.WRIST_OUT_OF_BOUNDS not in MOVABLE
    assert rig.last(TextPacket).text == (
        'wrist_3_joint is at 3.326 rad, out of its bounds 0.873 to 3.316, and no command moves it: '
        'turn it back with the pendant'
    )
    assert rig.last(AnswerPacket) == AnswerPacket(
        1, False, f'the arm cannot move: {rig.last(TextPacket).text}'
    )
    assert rig.link.motion.at_rest and rig.last(StatePacket).interventions > 0


def test_a_move_that_does_not_arrive_is_reported():
    rig = Rig()
    rig.link.motion.q[1] += 0.3
    rig.link.blocked = True
    rig.step()
    rig.servo.request(RequestPacket(Request.HOME, 1))
    rig.step(140)
    assert rig.last(AnswerPacket).text == 'at rest 0.300 rad from home (limit 0.01); what is in the way?'


def test_a_long_way_home_at_the_slowest_velocity_is_not_broken_off():
    rig = Rig(home_velocity=0.05)
    rig.link.motion.q[5] = GUARD.joint_low[5] + 0.01
    rig.step()
    rig.servo.request(RequestPacket(Request.HOME, 1))
    while not (answer := rig.last(AnswerPacket)):
        rig.step()
    assert answer.ok and answer.text.startswith('at home after 45.'), answer


def test_a_way_home_that_takes_too_long_is_broken_off_and_says_the_limit():
    rig = Rig()
    rig.link.motion.q[5] = GUARD.joint_low[5] + 0.01
    rig.link.start_move = lambda q, velocity, acceleration: (
        rig.link.motion.move(q, 0.05, acceleration) or True
    )
    rig.step()
    rig.servo.request(RequestPacket(Request.HOME, 1))
    while not rig.last(AnswerPacket):
        rig.step(speed_scaling=0.05)
    assert rig.last(AnswerPacket) == AnswerPacket(
        1,
        False,
        'not at home within 32 s (home_velocity 1.05 rad/s, 5 % granted); is the speed slider at 100 %? '
        'stopped, 0.651 rad before its end',
    )


def test_a_silent_controller_and_an_ended_program_end_the_connection():
    rig = Rig()
    rig.step()
    rig.now += 1_100_000_000
    with pytest.raises(LinkLostError, match='silent for 1.1 s'):
        rig.servo.check()
    with pytest.raises(LinkLostError, match='program on the controller has ended'):
        rig.step(playing=False)


def test_a_program_that_takes_its_time_to_start_is_no_silence_and_commands_wait_for_a_new_reading():
    rig = Rig()

    def start():
        rig.now += 5 * 10**9
        rig.link.has_program = True

    rig.link.start_program = start
    rig.step()
    rig.command(*SLOW)
    assert rig.link.motion.at_rest and rig.last(StatePacket).state == ArmState.HOLDING
    rig.step(3)
    assert rig.link.speeding and rig.last(StatePacket).state == ArmState.READY
    rig.now += 1_100_000_000
    with pytest.raises(LinkLostError, match='silent for 1.1 s'):
        rig.servo.check()


def test_protective_and_emergency_stops_are_seen_counted_and_refuse_motion():
    rig = Rig()
    rig.step()
    rig.command(*SLOW)
    for _ in range(3):
        rig.step(playing=False, protective_stop=True, safety_mode=3)
        rig.command(*SLOW)
    rig.servo.request(RequestPacket(Request.HOME, 1))
    assert (
        rig.last(StatePacket).state == ArmState.PROTECTIVE_STOP
        and rig.last(StatePacket).protective_stops == 1
    )
    assert rig.last(AnswerPacket).text.startswith('the arm cannot move: protective stop')
    rig.step(playing=False, emergency_stop=True, safety_mode=7)
    assert rig.last(StatePacket).state == ArmState.EMERGENCY_STOP
    assert rig.last(TextPacket).text.startswith('emergency stop')


@pytest.mark.parametrize(
    'packet',
    [
        VelocityPacket(5, SLOW),
        StatePacket(2**62, HOME, SLOW, 3, -1, 1, 1, 2, 3, 4, 0.2),
        ExecutedPacket(6, 5, SLOW, HOME, 0.2, True),
        TextPacket(4, 'protective stop'),
        AnswerPacket(9, True, 'at home'),
        RequestPacket(Request.HOME, 9),
    ],
)
def test_packets_survive_the_socket(packet):
    assert unpack(pack(packet)) == packet


def until(condition, told=lambda: ''):
    end = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.01)


class Arm:
    """A session and what it was told."""

    def __init__(self, host, **arm):
        self.states, self.texts, self.codes, self.executed = [], [], [], []
        configured = settings(host)
        configured['word'] = arm.pop('word', {})
        configured['arm'] |= arm
        self.session = ArmSession(configured, self._heard, self.codes.append, retry_s=0.2)

    def _heard(self, packet):
        if isinstance(packet, StatePacket):
            self.states.append(packet)
        elif isinstance(packet, TextPacket):
            self.texts.append(packet.text)
        elif isinstance(packet, ExecutedPacket):
            self.executed.append(packet)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    @property
    def state(self):
        return self.states[-1].state if self.states else ArmState.DISCONNECTED

    def until(self, condition):
        until(condition, lambda: (self.texts, self.states[-1:]))

    def ready(self):
        self.until(lambda: self.state == ArmState.HOLDING)

    def drive(self, seconds, velocity=lambda: SLOW):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.session.velocity(time.time_ns(), velocity())
            time.sleep(0.02)

    def drive_until(self, condition):
        def driven():
            self.session.velocity(time.time_ns(), SLOW)
            return condition()

        self.until(driven)

    def ask(self, request):
        answered, answer = threading.Event(), []
        self.session.request(request, lambda *told: (answer.extend(told), answered.set()))
        assert answered.wait(60.0), self.texts
        return answer

    def go_home(self):
        """Asks until it is there: a starved machine may stall the servo, whose program then ends."""
        self.until(lambda: self.ask(Request.HOME)[0])


def overshoot(states):
    """How far the arm was beyond its bounds [rad] or [m] in any of the states, negative inside."""
    values = np.array([[*s.q, *FLANGE.position(s.q)] for s in states])
    low, high = (*GUARD.joint_low, *GUARD.box_low), (*GUARD.joint_high, *GUARD.box_high)
    return max((low - values).max(), (values - high).max())


def runs(process_id):
    """True unless the process has ended (nobody may be there to take note of an orphan's end)."""
    try:
        return Path(f'/proc/{process_id}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


@pytest.fixture(scope='module')
def controller():
    with ControllerProcess(own_address('servo', 0), fault_port=FAULT_PORT) as process:
        yield process


@pytest.fixture(scope='module', autouse=True)
def protective_stop():
    """An arm in a protective stop, which lasts 5 s: long enough for all other tests."""
    with (
        ControllerProcess(own_address('servo', 1), fault_port=FAULT_PORT) as process,
        Arm(process.host) as arm,
    ):
        arm.ready()
        arm.drive(0.1)
        process.fault('protective_stop')
        yield arm


def test_random_commands_stay_inside_and_home_is_reached(controller):
    rng = np.random.default_rng(4)
    with Arm(controller.host) as arm:
        arm.ready()
        corner = rng.choice([-0.7, 0.7], 6)
        arm.drive(1.5, lambda: corner)
        arm.drive(1.0, lambda: rng.uniform(-0.7, 0.7, 6))
        arm.go_home()
        assert max(abs(a - b) for a, b in zip(arm.states[-1].q, HOME, strict=True)) < 0.01
        assert overshoot(arm.states) <= 1e-3
        assert any(state.interventions for state in arm.states)
        stamps = [state.capture_ns for state in arm.states]
        assert stamps == sorted(stamps)
        arm.until(lambda: arm.ask(Request.UNLOCK) == [False, 'there is no protective stop to release'])


def test_the_speed_slider_is_read_and_told_and_marks_what_was_executed(controller):
    with Arm(controller.host) as arm:
        arm.ready()
        try:
            controller.fault('speed_slider 0.2')
            slowed = pytest.approx(0.02)
            arm.drive_until(
                lambda: (s := arm.states[-1]).state == ArmState.SPEED_REDUCED and s.qd[1] == slowed
            )
            assert SLOWED in arm.texts
            assert {state.speed_scaling for state in arm.states if state.qd[1]} == {0.2}
            executed = [packet for packet in arm.executed if packet.velocity == SLOW][-1]
            assert executed.changed and executed.mean_velocity[1] == slowed
        finally:
            controller.fault('speed_slider 1')
        arm.drive_until(lambda: arm.states[-1].speed_scaling == 1.0)
        arm.until(lambda: arm.state != ArmState.SPEED_REDUCED)


PROGRAM = b'def rtde_control():\n  # int register offset\n0\n  # float register offset\n0\nend\n'


@pytest.fixture
def robot_at_work():
    """A controller whose program somebody else has started; yields it and that client's RTDE connection."""
    with (
        ControllerProcess(own_address('servo', 5)) as process,
        socket.create_connection((process.host, 30004)) as rtde,
    ):
        for packet in (b'V', b'\x00\x02'), (b'I', b'input_double_register_3,input_int_register_0'):
            rtde.sendall(rtde_protocol.encode(ord(packet[0]), packet[1]))
            rtde.recv(100)
        with socket.create_connection((process.host, 30003)) as script:
            script.sendall(PROGRAM)
            until(lambda: process.ring.latest().runtime_state == 2)
            yield process, rtde


def test_a_robot_at_work_is_left_alone_and_what_it_leaves_over_until_the_word(robot_at_work, tmp_path):
    process, rtde = robot_at_work
    word = {'needed': True, 'run_folder': str(tmp_path), 'run': 'run_1'}
    with Arm(process.host, word=word) as arm:
        arm.until(lambda: arm.texts)
        in_use = f'the controller at {process.host} is in use: another program holds input_int_register_0'
        assert arm.texts[0].startswith(in_use)
        assert process.ring.latest().runtime_state == 2 and not arm.states
        rtde.close()  # that client has died; its program is left over
        arm.until(lambda: arm.states)
        assert arm.texts[-1].endswith('only read; the program that runs on it is stopped then')
        assert process.ring.latest().runtime_state == 2
        PersonsWord(**word).give()
        arm.ready()


def test_a_simulated_robot_at_work_is_taken_over_when_its_registers_are_free(robot_at_work):
    process, rtde = robot_at_work
    with Arm(process.host) as arm:
        arm.until(lambda: arm.texts)
        assert not arm.states
        rtde.close()
        arm.ready()


def test_the_registers_are_asked_for_again_before_our_program_replaces_another(monkeypatch):
    class Dashboard:
        def stop(self):
            raise AssertionError('stopped the program of a client that holds the registers')

    link = ArmLink.__new__(ArmLink)  # connected long ago
    link.host, link._dashboard = '10.0.0.1', Dashboard()
    found = Found('UR5', (3, 15, 8, 0), ('input_int_register_0',))
    monkeypatch.setattr(arm_link, 'examine', lambda host: found)
    with pytest.raises(LinkLostError, match='the controller at 10.0.0.1 is in use'):
        link.start_program()


def test_a_person_speaks_and_the_controller_is_told_the_payload(controller, tmp_path):
    word = {'needed': True, 'run_folder': str(tmp_path), 'run': 'run_1'}
    with Arm(controller.host, word=word, payload_mass=0.5, payload_cog=(0.0, 0.01, 0.02)) as arm:
        arm.until(lambda: arm.texts)
        assert arm.texts == [
            "waits for a person's word (environment/start); until then the controller is only read"
        ]
        assert payload(controller.host) == (0.0, 0.0, 0.0, 0.0), 'nobody has told it one so far'
        PersonsWord(**word).give()
        arm.ready()
        assert payload(controller.host) == (0.5, 0.0, 0.01, 0.02)


def payload(host):
    """Mass [kg] and centre of gravity [m] that the controller reckons with."""
    names = ('payload', 'payload_cog')
    with socket.create_connection((host, 30004), 5.0) as rtde:
        rtde.sendall(rtde_protocol.encode(ord('V'), b'\x00\x02'))
        rtde.sendall(rtde_protocol.encode(ord('O'), struct.pack('>d', 125.0) + ','.join(names).encode()))
        rtde.sendall(rtde_protocol.encode(ord('S')))
        buffer, packets = bytearray(), []
        while not any(kind == ord('U') for kind, _ in packets):
            buffer += rtde.recv(4096)
            packets += rtde_protocol.take_packets(buffer)
        return struct.unpack('>4d', next(data for kind, data in packets if kind == ord('U'))[1:])


def test_a_robot_of_another_model_ends_the_servo_for_good():
    with FakeController(own_address('servo', 4), model=b'UR10\n') as fake, Arm(fake.host) as arm:
        arm.until(lambda: arm.codes)
        assert arm.codes[0] == HOPELESS
        assert arm.texts[0].startswith(
            f'the robot at {fake.host} is a UR10 with PolyScope 3.15.8, but robot_model is ur5'
        )


def servo_left_alone(controller, number):
    """Kills or stops a driver in motion, until the arm rests; returns whether its servo lived then."""
    child = subprocess.Popen(
        [sys.executable, DRIVER, json.dumps(settings(controller.host))],
        env=child_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        servo = int(child.stdout.readline())
        child.send_signal(number)
        until(lambda: controller.ring.latest().qd == (0.0,) * 6)
        lives = runs(servo)
    finally:
        child.kill()
        child.wait()
    until(lambda: not runs(servo))
    return lives


def test_a_driver_stopped_in_motion_leaves_the_arm_at_rest_and_its_servo_waits(controller):
    # One that the machine has starved for 0.2 s has lost its program and ended: once again.
    assert any(servo_left_alone(controller, signal.SIGSTOP) for _ in range(3))


def test_a_driver_killed_in_motion_leaves_the_arm_at_rest_and_no_servo(controller):
    servo_left_alone(controller, signal.SIGKILL)


def test_a_session_whose_thread_has_ended_ends_the_driver(capfd):
    failed = threading.Event()

    def fails(code):
        failed.set()
        raise KeyError('a bug')

    bad = settings(own_address('servo', 3))
    bad['arm']['home'] = (0.0,) * 5  # its servo process ends at once
    session = ArmSession(bad, lambda packet: None, fails)
    try:
        session.check()
        assert failed.wait(20.0)
    finally:
        session.close()
    with pytest.raises(SystemExit) as end:
        session.check()
    assert end.value.code == 1
    assert "the thread of the arm session has ended: KeyError: 'a bug' (" in capfd.readouterr().err


def test_a_servo_killed_or_stopped_in_motion_is_replaced(controller):
    def watchdog_has_ended_the_program():
        state = controller.ring.latest()
        return state.runtime_state != 2 and not any(state.qd)

    with Arm(controller.host) as arm:
        replaced, ended = threading.Event(), arm.session._ended
        replaced.set()
        arm.session._ended = lambda code: (ended(code), replaced.wait())
        arm.ready()
        for number in (signal.SIGKILL, signal.SIGSTOP):
            arm.drive(0.2)
            arm.until(lambda: arm.session._process)  # another one, where the machine has starved it
            first = arm.session._process
            replaced.clear()  # the next one would stop the program, too
            os.kill(first.pid, number)
            until(watchdog_has_ended_the_program)
            replaced.set()
            arm.until(lambda first=first: arm.session._process not in (first, None))
            count = len(arm.states)
            arm.until(lambda count=count: len(arm.states) > count and arm.state == ArmState.HOLDING)
            assert first.returncode == -signal.SIGKILL
        told = {code for code in arm.codes if code}
        assert -signal.SIGKILL in told <= {-signal.SIGKILL, -signal.SIGALRM}  # that of one that got no core


def test_a_controller_that_comes_late_and_goes_and_comes_back():
    host = own_address('servo', 2)
    with Arm(host) as arm:
        arm.until(lambda: arm.texts)
        assert arm.texts[0].startswith(f'no controller at {host}:30004 (connection refused); is the robot on')
        with ControllerProcess(host) as controller:
            arm.ready()
            arm.drive(0.1)
            os.kill(controller.pid, signal.SIGKILL)  # at once: only the lost connection can tell
        arm.until(lambda: 'refused' in arm.texts[-1])
        assert any('is lost' in text for text in arm.texts)
        with ControllerProcess(host):
            count = len(arm.states)
            arm.until(lambda: len(arm.states) > count and arm.state == ArmState.HOLDING)
            arm.drive_until(lambda: arm.state == ArmState.READY)


def test_a_protective_stop_is_released_on_request_and_the_arm_works_again(protective_stop):
    arm = protective_stop
    arm.until(lambda: arm.state == ArmState.PROTECTIVE_STOP)
    assert arm.states[-1].protective_stops == 1
    before = len(arm.codes)
    arm.until(lambda: arm.ask(Request.UNLOCK)[0])  # refused by the controller until 5 s have passed
    arm.ready()
    # Where the machine had starved the servo, its successor had no program yet.
    assert before or 'our program on the controller has ended; starting it again' in arm.texts
    assert not any(arm.codes[before:])
    arm.go_home()
