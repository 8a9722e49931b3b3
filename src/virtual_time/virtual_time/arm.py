"""The arm in virtual time: the driver's own servo, guard and watchdog over the simulated motion."""

from collections.abc import Callable, Sequence

import numpy as np

from ur5_cell.motion import JointMotion
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_link import Reading
from ur5_rl_env.devices.arm_packets import (
    AnswerPacket,
    ExecutedPacket,
    Request,
    RequestPacket,
    StatePacket,
    VelocityPacket,
)
from ur5_rl_env.devices.arm_servo import Servo
from ur5_rl_env.devices.controller_modes import NORMAL, RUNNING
from ur5_rl_env.executed import Executed
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.watchdog import CommandWatchdog, WatchdogConfig
from virtual_time.ledger import Ledger
from virtual_time.scheduler import Scheduler
from virtual_time.timed import TimedGuard


class VirtualLink:
    """What ArmLink offers, without a network. A speed that is written acts from the next control step on."""

    def __init__(self, q: tuple, period_s: float, stop_deceleration: float) -> None:
        self.motion = JointMotion(q, period_s)
        self._stop_deceleration = stop_deceleration
        self.has_program = False
        self._speed: tuple[Sequence[float], float] | None = (
            None  # written, not yet read by the controller's program
        )

    def step(self) -> None:
        """Advances by one control step: first the arm, then the program that reads what was written."""
        self.motion.step()
        if self._speed is not None:
            self.motion.speed(*self._speed)
            self._speed = None

    def start_program(self) -> None:
        self.has_program = True

    def begin_speed(self, watchdog_s: float) -> None:
        pass

    def speed(self, velocity: Sequence[float], acceleration: float) -> None:
        self._speed = velocity, acceleration

    def keep_alive(self) -> None:
        pass

    def end_speed(self) -> None:
        self._speed = None

    def start_move(self, q: tuple[float, ...], velocity: float, acceleration: float) -> bool:
        self.motion.move(q, velocity, acceleration)
        return True

    def stop_move(self) -> None:
        self.motion.brake(self._stop_deceleration)

    def moving(self) -> bool:
        return not self.motion.at_rest

    def unlock(self) -> None:
        pass  # it has no protective stops


class VirtualArm:
    """Steps itself once in a control period of its model.

    Attributes:
        joints: that the driver has told last.
        executed: the newest report on a command, None before the first.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        on_state: Callable[[int], None],
        config: ArmConfig,
        guard: GuardConfig,
        watchdog: WatchdogConfig,
        ledger: Ledger,
    ) -> None:
        """Starts at home.

        Args:
            scheduler: of everything.
            on_state: called with the arm's state (readiness.ArmState) when it changes.
            config: of the driver, as its node has it.
            guard: as the node has it.
            watchdog: as the node has it.
            ledger: where the time goes.
        """
        self._scheduler, self._on_state, self._ledger = scheduler, on_state, ledger
        self._period_ns = round(1e9 * guard.control_period_s)
        self.link = VirtualLink(config.home, guard.control_period_s, guard.stop_deceleration)
        self._servo = Servo(
            self.link,
            TimedGuard(guard, ledger),
            CommandWatchdog(watchdog, config.action_cycle_s),
            config,
            self._heard,
            clock=lambda: scheduler.now_ns,
            system_clock=lambda: scheduler.now_ns,
        )
        self._answers: dict[int, Callable[[bool, str], None]] = {}
        self._requests = 0
        self._state: int | None = None
        self.joints: Joints | None = None
        self.executed: Executed | None = None
        self._heard_of: list[Joints] = []  # not taken yet
        self._step()

    def velocity(self, velocity: np.ndarray, stamp_ns: int) -> None:
        """Takes joint velocities (5,) [rad/s] of a command stamped `stamp_ns`."""
        with self._ledger.on('controller'):
            self._servo.velocity(VelocityPacket(stamp_ns, (*velocity.tolist(), 0.0)))

    def take_joints(self) -> list[Joints]:
        """Returns the joint states since the last call, oldest first."""
        taken, self._heard_of = self._heard_of, []
        return taken

    def position_at(self, stamp_ns: int) -> np.ndarray:
        """Returns the joint angles (6,) [rad] at a time since the newest control step."""
        at_ns, q, qd = self._newest
        return np.array(q) + 1e-9 * (stamp_ns - at_ns) * np.array(qd)

    def request(self, request: Request, answer: Callable[[bool, str], None]) -> None:
        """Has the arm stop or move home; `answer` is called when that is done."""
        self._requests += 1
        self._answers[self._requests] = answer
        self._servo.request(RequestPacket(request, self._requests))

    def _step(self) -> None:
        with self._ledger.on('physics'):
            self.link.step()
        q, qd = tuple(self.link.motion.q), tuple(self.link.motion.qd)
        now = self._scheduler.now_ns
        self._newest = now, q, qd
        with self._ledger.on('controller'):
            self._servo.tick(Reading(now, now * 1e-9, q, qd, q, qd, RUNNING, NORMAL, True, False, False))
        self._scheduler.at(now + self._period_ns, self._step)

    def _heard(self, packet: object) -> None:
        if isinstance(packet, AnswerPacket):
            self._answers.pop(packet.identity)(packet.ok, packet.text)
        elif isinstance(packet, ExecutedPacket):
            self.executed = Executed(packet.stamp_ns, packet.mean_velocity, packet.changed)
        elif isinstance(packet, StatePacket):
            self.joints = Joints(packet.capture_ns, np.array(packet.q), np.array(packet.qd))
            self._heard_of.append(self.joints)
            if packet.state != self._state:
                self._state = packet.state
                self._on_state(packet.state)
