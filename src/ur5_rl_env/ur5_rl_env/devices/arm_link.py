"""One connection to a UR controller through ur_rtde, with the traps of that client kept inside.

Used in a process of its own, for one connection, which ends by leaving the process: after a loss ur_rtde's
getters repeat the last values, speedJ() still returns True, destructors sleep, and a reconnect may crash it.
All commands but speedJ() wait for its receiving thread in a busy loop.
"""

import contextlib
import functools
import math
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from dashboard_client import DashboardClient
from rtde_control import RTDEControlInterface
from rtde_receive import RTDEReceiveInterface

from ur5_rl_env.devices.arm_config import STOP_DECELERATION
from ur5_rl_env.devices.controller_modes import PLAYING
from ur5_rl_env.devices.examination import LinkLostError, check_free, examine
from ur5_rl_graph.priority import giving_way

DASHBOARD_S = 2.0  # for its answers; the arm rests meanwhile
QUIET_WATCHDOG_S = 0.2  # outside a speed motion: a call may keep ur_rtde, and us, for many control steps
VARIABLES = [
    'timestamp', 'actual_q', 'actual_qd', 'target_q', 'target_qd',
    'robot_mode', 'safety_mode', 'runtime_state', 'safety_status_bits',
    'speed_scaling', 'target_speed_fraction',
]  # fmt: skip

Method = TypeVar('Method', bound=Callable[..., Any])


class Reading(NamedTuple):
    """The arm in one control step, as the controller reports it."""

    capture_ns: int  # system clock of this host
    controller_s: float  # the controller's own clock [s]
    q: tuple[float, ...]  # actual joint angles [rad]
    qd: tuple[float, ...]  # actual joint velocities [rad/s]
    target_q: tuple[float, ...]  # commanded joint angles [rad]
    target_qd: tuple[float, ...]  # commanded joint velocities [rad/s]
    robot_mode: int
    safety_mode: int
    playing: bool
    protective_stop: bool
    emergency_stop: bool
    speed_scaling: float = 1.0  # share of each velocity that slider and limiter grant


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Ends this process by SIGALRM if the block takes longer: ur_rtde may hang for minutes or for ever.

    The kernel does it, for some of them hang with the interpreter's lock held. A block within a block has
    its own time, and the outer one goes on with what it had left.
    """
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


def _losing(method: Method) -> Method:
    """Makes a LinkLostError of what ur_rtde raises from its own attempts to connect again."""

    @functools.wraps(method)
    def wrapped(link: 'ArmLink', *arguments: Any) -> Any:
        try:
            return method(link, *arguments)
        except RuntimeError as error:
            reason = ' '.join(str(error).split())
            raise LinkLostError(f'connection to the controller at {link.host} is lost ({reason})') from None

    return cast(Method, wrapped)


class ArmLink:
    """The controller's state from now on; after `start_program` its motion too.

    Args:
        host: address of the controller.
        period_s: its control period [s]: so often it tells its state and takes up a speed.
        payload: mass [kg] and centre of gravity [m] to tell it; None leaves what is set there.

    Raises:
        LinkLostError: from any method, when the connection is gone.
    """

    def __init__(self, host: str, period_s: float, payload: tuple[float, list[float]] | None = None) -> None:
        self.host, self.period_s, self._payload = host, period_s, payload
        self._control: Any = None  # ur_rtde's, once the controller runs our program
        self._timestamp = -1.0
        with deadline(8.0), _lost_on_error(host):
            self._receive = RTDEReceiveInterface(host, 1.0 / period_s, VARIABLES)
            self._dashboard = DashboardClient(host)
            self._dashboard.connect(2000)

    @property
    def has_program(self) -> bool:
        """True once `start_program` succeeded; whether it still runs is in the readings."""
        return self._control is not None

    def start_program(self) -> None:
        """Has the controller run our control program, and end it where we write nothing for QUIET_WATCHDOG_S.

        Once in a connection.
        Nothing is touched where another client holds the registers. Else the dashboard's stop comes first: a
        program left over from a driver that died during a move would keep ur_rtde's constructor waiting.
        """
        with deadline(10.0), _lost_on_error(self.host):
            check_free(examine(self.host), self.host)
            self._dashboard.stop()
            self._control = RTDEControlInterface(self.host, 1.0 / self.period_s)
            with giving_way():  # its threads have been started: those do not
                if self._payload is not None and not self._control.setPayload(*self._payload):
                    raise LinkLostError(f'the controller at {self.host} refuses the payload {self._payload}')
                self._watch(QUIET_WATCHDOG_S)

    def read(self) -> Reading | None:
        """Returns the newest state, or None if none has arrived since the last call."""
        receive = self._receive
        if not receive.isConnected() or (self._control and not self._control.isConnected()):
            raise LinkLostError(f'connection to the controller at {self.host} is lost')
        timestamp = receive.getTimestamp()
        if timestamp == self._timestamp:
            return None
        while True:
            capture_ns = time.time_ns()
            reading = Reading(
                capture_ns,
                timestamp,
                tuple(receive.getActualQ()),
                tuple(receive.getActualQd()),
                tuple(receive.getTargetQ()),
                tuple(receive.getTargetQd()),
                receive.getRobotMode(),
                receive.getSafetyMode(),
                receive.getRuntimeState() == PLAYING,
                receive.isProtectiveStopped(),
                receive.isEmergencyStopped(),
                receive.getSpeedScaling() * receive.getTargetSpeedFraction(),
            )
            self._timestamp, before = receive.getTimestamp(), timestamp
            if self._timestamp == before:  # no packet came in between: all of one control step
                return checked(reading, self.host)
            timestamp = self._timestamp

    @_losing
    @giving_way()
    def begin_speed(self, watchdog_s: float) -> None:
        """Prepares a speed motion: from now on our program ends where nothing is written for `watchdog_s`."""
        self._watch(watchdog_s)
        self._control.kickWatchdog()  # waits until the program is ready: `speed` does not give way for that

    @_losing
    def speed(self, velocity: Sequence[float], acceleration: float) -> None:
        """Writes a speedJ: joint velocities [rad/s], acceleration of the leading axis [rad/s^2].

        The controller's program calls speedj for one period at a time, so that it takes up the next one then.
        """
        self._control.speedJ(list(velocity), acceleration, self.period_s)

    @_losing
    @giving_way()
    def keep_alive(self) -> None:
        """Writes nothing but a sign of life for the controller's watchdog."""
        self._control.kickWatchdog()

    @_losing
    @giving_way()
    def end_speed(self) -> None:
        """Ends the speed motion of an arm already at rest; without it a move is a program error."""
        self._watch(QUIET_WATCHDOG_S)
        self._control.speedStop(STOP_DECELERATION)

    @_losing
    @giving_way()
    def start_move(self, q: Sequence[float], velocity: float, acceleration: float) -> bool:
        """Starts a movej that runs by itself; False if the program did not take it."""
        return self._control.moveJ(list(q), velocity, acceleration, True)

    @_losing
    @giving_way()
    def stop_move(self) -> None:
        """Brakes a movej; returns at once."""
        self._control.stopJ(STOP_DECELERATION, True)

    @_losing
    def moving(self) -> bool:
        """True while the controller works on a movej or its end."""
        return self._control.getAsyncOperationProgress() >= 0

    @_losing
    def end_program(self) -> None:
        """Ends our program on the controller; the arm should be at rest."""
        with deadline(2.0):
            self._control.stopScript()

    def _watch(self, watchdog_s: float) -> None:
        if not self._control.setWatchdog(1.0 / watchdog_s):
            raise LinkLostError(f'the controller at {self.host} has ended our control program')

    def unlock(self) -> None:
        """Releases a protective stop.

        Raises:
            ValueError: the controller's refusal.
        """
        try:
            with deadline(DASHBOARD_S):
                dashboard = DashboardClient(self.host)  # that of the beginning may be gone after hours
                dashboard.connect(round(5e2 * DASHBOARD_S))  # [ms]
                dashboard.closeSafetyPopup()
                dashboard.unlockProtectiveStop()
                dashboard.disconnect()
        except RuntimeError as error:
            raise ValueError(str(error)) from None


def checked(reading: Reading, host: str) -> Reading:
    """Returns a reading whose angles and velocities are numbers.

    Raises:
        LinkLostError: one is not finite.
    """
    if not all(map(math.isfinite, (*reading.q, *reading.qd, *reading.target_q, *reading.target_qd))):
        raise LinkLostError(
            f'the controller at {host} reports joints that are no numbers: {reading.target_q} rad, '
            f'{reading.target_qd} rad/s; connecting again'
        )
    return reading


@contextlib.contextmanager
def _lost_on_error(host: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        reason = ' '.join(str(error).split())
        raise LinkLostError(f'the controller at {host} does not let us in ({reason})') from None
