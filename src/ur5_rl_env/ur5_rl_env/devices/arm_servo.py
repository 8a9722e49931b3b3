"""The servo: from velocity commands, requests and the controller's readings to speedJ, movej and reports."""

import sys
import time
from collections.abc import Callable

from ur5_rl_env.bounds import TOLERANCE
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import Reading
from ur5_rl_env.devices.arm_move import Move
from ur5_rl_env.devices.arm_packets import (
    AnswerPacket,
    ExecutedPacket,
    Packet,
    Request,
    RequestPacket,
    StatePacket,
    TextPacket,
    VelocityPacket,
)
from ur5_rl_env.devices.controller_modes import PROTECTIVE_STOP, ROBOT_MODES, RUNNING, SAFETY_NORMAL
from ur5_rl_env.devices.examination import LinkLostError
from ur5_rl_env.devices.link import Link
from ur5_rl_env.devices.reading_age import PATIENCE_S, ReadingAge
from ur5_rl_env.devices.reduced_speed import ReducedSpeed
from ur5_rl_env.executed import ExecutedMean
from ur5_rl_env.guard import Guard, checked_request
from ur5_rl_env.persons_word import WAITS, PersonsWord
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.reserve import LATE_S
from ur5_rl_env.route import route
from ur5_rl_env.task import CONTROL_CYCLE_S
from ur5_rl_env.watchdog import CommandWatchdog

SILENCE_S = 1.0  # of the controller, after which the connection counts as lost
REST = 1e-3  # [rad/s] a joint slower than this rests
TRUST_S = 5.0  # without a command, after which the next one has the word looked at; a reset takes less
USUAL_S = 1e-3  # by which the ways of readings differ; one that is older is stamped with its age


class Servo:
    """What one connection to the controller does. One thread calls it.

    Args:
        link: to the controller.
        report: called with each packet for the node.
        clock: monotonic time [ns].
        system_clock: what commands are stamped with [ns].
        unslewed: monotonic time that NTP leaves alone [ns]; None = `clock`.
        word: PersonsWord; None = none is needed.
    """

    def __init__(
        self,
        link: Link,
        guard: Guard,
        watchdog: CommandWatchdog,
        config: ArmConfig,
        report: Callable[[Packet], object],
        clock: Callable[[], int] = time.monotonic_ns,
        system_clock: Callable[[], int] = time.time_ns,
        word: PersonsWord | None = None,
        unslewed: Callable[[], int] | None = None,
    ) -> None:
        self._link, self._guard, self._watchdog, self._config = link, guard, watchdog, config
        self._report, self._clock, self._system_clock = report, clock, system_clock
        self._unslewed = unslewed or clock
        self._word = word or PersonsWord()
        # A real arm that was stopped or switched off, also where the word was given beforehand.
        self._asked_again = self._word.kept and (self._word.needed or not config.cell_run)
        self._reading: Reading | None = None
        self._read_at = self._heard_at = clock()  # the newest reading came; the controller last answered
        self._captured_ns = 0  # when the controller made that reading [ns since the epoch]
        self._age = ReadingAge()
        self._requested: tuple[float, ...] = (0.0,) * 6
        self._stamp_ns = 0  # of the newest command
        self._executed = ExecutedMean()
        self._told_changed_ns = 0  # stamp of the newest command that was told to be changed
        self._reduced = ReducedSpeed(config.action_cycle_s)
        self._speeding = False  # the controller follows our speeds, also that of zero
        self._between = False  # a command came after the reading and was sent
        self._steps_still = guard.late_steps  # control steps since another velocity than zero was sent
        self._commanded = False  # which came from a fresh command
        self._outside = False
        self._move: Move | None = None  # under way
        self._move_identity = 0
        self._asks = False  # the word was taken back: whatever the controller runs, nothing moves without it
        self._stops: list[int] = []  # numbers of the stop requests to answer at rest
        self._was_stopped = False  # nor moved home since: by a person, perhaps, who takes back the word
        self._refused = False  # what came then, for want of that word
        self._trusted_ns = clock()  # when the word was last found, or a command taken
        self._rejected = self._interventions = self._trips = self._protective_stops = 0
        self._text = ''
        self._telling = True  # in this control step
        self._told_s = -1.0  # when it last did [s of the controller]

    @property
    def resting(self) -> bool:
        """True when the arm neither moves nor is about to."""
        return self._move is None and (self._reading is None or self._stands(self._reading))

    def velocity(self, packet: VelocityPacket) -> None:
        """Takes a velocity command and acts on it at once. While the arm moves home it is ignored."""
        try:
            requested = checked_request(packet.velocity)
        except ValueError:
            self._rejected += 1
            return
        if self._move is not None or self._reading is None or not self._in_control():
            return
        if self._stops:  # it comes to rest first, whoever goes on commanding
            self._rejected += any(requested)
            return
        now = self._clock()  # first: should the servo be set aside now, the command is older, not younger
        asks = self._was_stopped or now - self._trusted_ns > TRUST_S * 1e9
        if asks and not self._watchdog.fresh(now) and self._lacks_word():
            self._rejected += any(requested)
            return
        if not self._watchdog.accept(packet.stamp_ns, self._system_clock(), now):
            self._rejected += 1
            return
        self._requested, self._stamp_ns = requested, packet.stamp_ns
        self._trusted_ns, self._refused = now, False
        if not self._between and self._clock() - self._read_at <= LATE_S * 1e9:
            self._between = self._telling = True  # once: the guard counts with two commands in a control step
            self._drive(self._reading)

    def request(self, packet: RequestPacket) -> None:
        """Takes a request; its answer is reported when it is done."""
        if packet.request is Request.UNLOCK:
            self._unlock(packet.identity)
        elif packet.request is Request.STOP:
            self.stop()
            self._stops.append(packet.identity)
            self._was_stopped = True
        elif self._reading is None or not self._in_control():
            self._answer(packet.identity, False, f'the arm cannot move: {self._text}')
        elif self._stops:
            self._answer(packet.identity, False, 'the arm is being stopped')
        elif self._lacks_word():
            self._answer(packet.identity, False, f'the arm cannot move: {WAITS}')
        elif self._move is not None:
            self._answer(packet.identity, False, 'the arm is on its way home already')
        elif text := self._guard.bounds.out_of_reach(self._reading.target_q):
            self._answer(packet.identity, False, f'the arm cannot move: {text}')
        else:
            self._watchdog.drop()
            self._commanded = self._was_stopped = False
            self._move = Move(self._link, self._config, self._guard)
            self._move_identity = packet.identity

    def stop(self) -> None:
        """Drops the velocity command and the move: the arm comes to rest, until the next command."""
        self._watchdog.drop()
        self._commanded = False
        if self._move is not None:
            self._move.cancel()

    def tick(self, reading: Reading) -> None:
        """Acts on a new reading, once per control step, and reports the arm's state."""
        now = self._clock()
        late = self._age.take(self._unslewed() * 1e-9, reading.controller_s)
        made_ns = self._system_clock() - round(1e9 * (self._age.age_s - USUAL_S))  # at the latest
        self._reading, self._read_at, self._heard_at, self._between = reading, now, now, late
        self._captured_ns = min(reading.capture_ns, made_ns)
        self._steps_still += 1
        # Nodes hear of an arm 125 times a second, however short its control steps are.
        since_s = reading.controller_s - self._told_s
        self._telling = not 0.0 <= since_s < CONTROL_CYCLE_S - 0.5 * self._guard.control_period_s
        if self._telling:
            self._told_s = reading.controller_s
        if not self._link.has_program and _normal(reading) and self._word.given:
            if self._text:  # the node has heard of other troubles; this may take seconds
                self._report(TextPacket(ArmState.DISCONNECTED, 'starting our program on the controller'))
            self._link.start_program()
            self._heard_at = self._clock()
            self._reading = reading = reading._replace(playing=True)
        if self._in_control():
            self._reduced.take(reading.speed_scaling, self._read_at)
            if self._move is None:
                self._drive(reading, late)
            else:
                self._advance_move(self._move, reading, late)
        else:
            self._reduced.forget()
            self._watchdog.drop()
            self._commanded = False
            if self._move is not None:
                self._end_move(False, f'stopped on the way home: {self._describe(reading)[1]}')
            if self._asked_again and (reading.protective_stop or not _normal(reading)):
                self._take_back_word(reading)
        if self._stops and self.resting:
            for identity in self._stops:
                self._answer(identity, True, 'the arm is at rest')
            self._stops.clear()
        self._report_state(reading)

    def check(self) -> None:
        """Called between readings.

        Raises:
            LinkLostError: the controller is silent, or our program on it has ended.
        """
        silence = (self._clock() - self._heard_at) * 1e-9
        if silence > SILENCE_S:
            raise LinkLostError(
                f'controller at {self._config.robot_ip} silent for {silence:.1f} s; connecting again'
            )
        if (age := self._age).overdue_s > PATIENCE_S:
            raise LinkLostError(
                f'controller at {self._config.robot_ip}: readings {1e3 * age.age_s:.0f} ms late (limit '
                f'{1e3 * LATE_S:.0f}) for {age.overdue_s:.1f} s; connecting again'
            )
        reading = self._reading
        if reading and _normal(reading) and self._link.has_program and not reading.playing:
            raise LinkLostError(f'our program on the controller has ended; {self._then}')

    def _in_control(self) -> bool:
        reading = self._reading
        self._asks = self._asks and not self._word.given
        return bool(
            reading and _normal(reading) and self._link.has_program and reading.playing and not self._asks
        )

    def _drive(self, reading: Reading, late: bool = False) -> None:
        """Sends what the guard makes of the newest command; brakes where there is no fresh one.

        Also for one step after a late reading, since the arm may be farther on than it says (reading_age.py).
        """
        if not self._speeding:
            self._link.begin_speed(self._guard.servo_watchdog_s)
            self._speeding = True
            return  # that took a few control steps
        fresh = self._watchdog.fresh(self._clock())
        if fresh and not late:
            verdict = self._guard.filter(reading.target_q, reading.target_qd, self._requested)
            velocity, self._outside = verdict.velocity, verdict.outside
            self._interventions += verdict.intervened
            changed = verdict.intervened
        else:
            velocity, changed = self._guard.brake(), any(self._requested)
            self._outside = self._guard.outside(reading.target_q, -TOLERANCE)
            self._trips += self._commanded and not fresh and not _at_rest(reading)
        self._commanded = fresh
        self._steps_still = 0 if any(velocity) else self._steps_still
        self._link.speed(velocity, self._guard.acceleration)
        if not self._stamp_ns:
            return  # nothing was asked for yet
        scaling = reading.speed_scaling
        executed = self._executed.sent(self._stamp_ns, velocity, scaling, changed)
        changed_now = executed.changed and self._told_changed_ns != self._stamp_ns
        if not (self._telling or changed_now):
            return
        if executed.changed:
            self._told_changed_ns = self._stamp_ns
        self._report(
            ExecutedPacket(
                self._system_clock(), self._stamp_ns, velocity, executed.velocity, scaling, executed.changed
            )
        )

    def _stands(self, reading: Reading) -> bool:
        """True when the arm rests, and no motion that was sent is still to show."""
        return self._steps_still >= self._guard.late_steps and _at_rest(reading)

    def _advance_move(self, move: Move, reading: Reading, late: bool) -> None:
        if not move.has_route and not self._begin_move(move, reading, late):
            return
        outcome = move.step(reading, self._clock() * 1e-9)
        if outcome is not None:
            self._end_move(*outcome)

    def _begin_move(self, move: Move, reading: Reading, late: bool) -> bool:
        """Takes the arm from its speed motion to the beginning of a checked way; False until it is there."""
        if not self._speeding:
            self._link.begin_speed(self._guard.servo_watchdog_s)
            self._speeding = True
            return False  # that took a few control steps
        if not self._get_ready(move, reading, late):
            return False
        home = self._config.home
        way = [home] if move.cancelled else route(self._guard, reading.target_q, home)  # then none is gone
        if not way:
            self._end_move(False, 'no way home inside the bounds is found from here: use the pendant')
            return False
        self._link.end_speed()
        self._speeding = False
        move.set_route(way)
        return True

    def _get_ready(self, move: Move, reading: Reading, late: bool) -> bool:
        """Brings the arm inside its bounds and to rest, where a movej may begin; False until it is there."""
        self._guard.bring_back(reading.target_q)
        verdict = self._guard.filter(reading.target_q, reading.target_qd, (0.0,) * 6)
        self._outside = verdict.outside
        returning = verdict.outside and not move.cancelled
        velocity = verdict.velocity if returning and not late else self._guard.brake()
        if late or any(velocity) or not self._stands(reading):
            self._steps_still = 0 if any(velocity) else self._steps_still
            self._link.speed(velocity, self._guard.acceleration)
            return False
        if returning:
            where = self._guard.bounds.passed(reading.target_q)
            self._end_move(False, f'{where} is out of bounds, and no way back is found: use the pendant')
        return not returning

    def _end_move(self, ok: bool, text: str) -> None:
        self._move = None
        self._answer(self._move_identity, ok, text)

    def _unlock(self, identity: int) -> None:
        if self._reading is None or not self._reading.protective_stop:
            self._answer(identity, False, 'there is no protective stop to release')
            return
        try:
            self._link.unlock()
        except ValueError as error:
            self._answer(identity, False, f'the controller refuses: {error}')
        else:
            self._answer(identity, True, f'protective stop released{self._give_word_back()}')

    def _give_word_back(self) -> str:
        """Who releases a protective stop says that the arm may move; returns what is still to be said."""
        lost = ''
        try:
            self._word.give_back()
        except OSError as error:
            lost = f' (its word cannot be kept: {error})'
        return lost if self._word.given else f'; environment/start lets the arm move{lost}'

    def _lacks_word(self) -> bool:
        """Whether a person has taken it back; a file, which is read in no motion."""
        self._refused = not self._word.given
        if not self._refused:
            self._trusted_ns = self._clock()
        return self._refused

    def _take_back_word(self, reading: Reading) -> None:
        """A person has to say anew that the arm may move: by environment/start, or by arm/unlock.

        Who unlocks a protective stop has said nothing of a safeguard that came to it, or of the power.
        """
        unlocks = reading.protective_stop and reading.safety_mode in (*SAFETY_NORMAL, PROTECTIVE_STOP)
        if not self._word.given and (unlocks or not self._word.by_servo):
            return
        self._asks = True
        try:
            self._word.take_back(by_servo=unlocks)
        except OSError as error:
            print(
                f'warning: a restarted servo does not know that the arm must rest: {error}', file=sys.stderr
            )

    @property
    def _then(self) -> str:
        """What comes after the end of our program, in words."""
        return 'starting it again' if self._word.given else 'environment/start starts it again'

    def _answer(self, identity: int, ok: bool, text: str) -> None:
        self._report(AnswerPacket(identity, ok, text))

    def _report_state(self, reading: Reading) -> None:
        state, text = self._describe(reading)
        if text != self._text:
            self._protective_stops += state is ArmState.PROTECTIVE_STOP
            self._text = text
            self._report(TextPacket(state, text))
            if state is ArmState.EMERGENCY_STOP:
                self._take_back_word(reading)
        elif not self._telling:
            return
        counts = (self._rejected, self._interventions, self._trips, self._protective_stops)
        modes = (reading.robot_mode, reading.safety_mode)
        self._report(
            StatePacket(
                self._captured_ns, reading.q, reading.qd, state, *modes, *counts, reading.speed_scaling
            )
        )

    def _describe(self, reading: Reading) -> tuple[ArmState, str]:
        """The state, and its words: cause and remedy."""
        if reading.emergency_stop:
            return ArmState.EMERGENCY_STOP, 'emergency stop; release the button, power on, and start again'
        if reading.protective_stop:
            return ArmState.PROTECTIVE_STOP, 'protective stop; find the cause, then call arm/unlock'
        if reading.safety_mode not in SAFETY_NORMAL:
            return ArmState.DISCONNECTED, f'safety mode {reading.safety_mode}; clear it on the pendant'
        if reading.robot_mode != RUNNING:
            mode = ROBOT_MODES.get(reading.robot_mode, reading.robot_mode)
            return ArmState.DISCONNECTED, f'robot mode {mode}; power the arm on and release its brakes'
        if self._asks or not self._link.has_program:
            then = '; the program that runs on it is stopped then' if reading.playing else ''
            return ArmState.DISCONNECTED, f'{WAITS}; until then the controller is only read{then}'
        if not self._in_control():
            return ArmState.DISCONNECTED, f'our program on the controller has ended; {self._then}'
        if self._move is not None:
            return ArmState.MOVING_HOME, 'moving home'
        if self._refused:
            return ArmState.HOLDING, WAITS
        if self._outside:
            if text := self._guard.bounds.out_of_reach(reading.target_q):
                return ArmState.WRIST_OUT_OF_BOUNDS, text
            where = self._guard.bounds.passed(reading.target_q) or 'the arm'
            return (
                ArmState.OUT_OF_BOUNDS,
                f'{where} is out of bounds; commands or arm/move_home bring the arm back',
            )
        if self._reduced.text:
            return ArmState.SPEED_REDUCED, self._reduced.text
        if self._commanded:
            return ArmState.READY, 'ready'
        if self._watchdog.expired(self._clock()):
            limit_s = self._watchdog.limit_s
            return ArmState.HOLDING, f'held by the watchdog: no velocity command younger than {limit_s:g} s'
        return ArmState.HOLDING, 'idle: waits for a first velocity command'


def _normal(reading: Reading) -> bool:
    return reading.robot_mode == RUNNING and reading.safety_mode in SAFETY_NORMAL


def _at_rest(reading: Reading) -> bool:
    return max(map(abs, reading.target_qd)) < REST
