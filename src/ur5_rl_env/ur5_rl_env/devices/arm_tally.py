"""What the driver knows of the arm over all its servo processes: state, words, and counts that only grow."""

import threading
import time
from collections.abc import Callable, Sequence

from ur5_rl_env.devices.arm_packets import StatePacket
from ur5_rl_env.guard import checked_request
from ur5_rl_env.readiness import ArmState
from ur5_rl_graph.data import JOINT_NAMES, JOINTS

SILENT_S = 0.5  # without a state the arm counts as disconnected
SILENT_TEXT = 'the servo process is silent; the controller stops the arm by its own watchdog'
STOPPED = (ArmState.DISCONNECTED, ArmState.PROTECTIVE_STOP, ArmState.EMERGENCY_STOP)  # whoever commands
COUNTS = {  # ArmStatus field: StatePacket field
    'commands_rejected': 'rejected',
    'guard_interventions': 'interventions',
    'watchdog_trips': 'trips',
    'protective_stops': 'protective_stops',
}


class ArmTally:
    """Sums the counts of the servo processes, each of which begins at zero.

    One thread may ask for `fields` while another takes what comes: state and counts are of the same moment.

    Args:
        clock: monotonic time [s], which nobody sets: an arm is not silent because the system clock was.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._heard_at = clock()
        self.received = 0  # velocity commands
        self.refused = 0  # of them: of another run, contested, wrong names or size
        self.contest = ''  # who contests the arm, in words; empty where nobody does
        self.connected = False  # a controller has answered, ever
        self.state = ArmState.DISCONNECTED
        self.text = 'starting'
        self.silent = False  # the present process sends no states
        self._before = dict.fromkeys(COUNTS, 0)  # of the processes that have ended
        self._newest: StatePacket | None = None  # of the present process
        self._stopped = False  # a process has left the arm in a protective stop
        self._sessions = 0  # processes that had a connection
        self._modes = (-1, 0)
        self._stops_counted = 0
        self._speed_scaling = 1.0

    def take(self, packet: StatePacket) -> bool:
        """Takes a state; True if state or modes are others than before."""
        self.connected = True
        self._heard_at = self._clock()
        with self._lock:
            if self._newest is None:
                self._sessions += 1
                # A process counts the stop that it finds: the one before has counted it already.
                same = self._stopped and packet.state == ArmState.PROTECTIVE_STOP
                self._before['protective_stops'] -= same
            changed = (packet.state, packet.robot_mode, packet.safety_mode) != (self.state, *self._modes)
            self._newest, self.state = packet, ArmState(packet.state)
            self._modes = (packet.robot_mode, packet.safety_mode)
            self._speed_scaling = packet.speed_scaling
        return changed

    def say(self, state: int, text: str) -> bool:
        """Takes the state in words; False if it has just been said.

        A protective stop shows when its state has come, with which it is counted.
        """
        news, self.text = text != self.text, text
        if state != ArmState.PROTECTIVE_STOP:
            self.state = ArmState(state)
        return news

    def session_ended(self) -> None:
        """The process has ended: its counts are final."""
        with self._lock:
            if self._newest is not None:
                self._before = self._sums()
                self._stopped = self._newest.state == ArmState.PROTECTIVE_STOP
            self._newest = None
        if self.state is not ArmState.DISCONNECTED:  # else it has said why
            self.state, self.text = ArmState.DISCONNECTED, 'the servo process has ended; starting another'

    def notice_silence(self) -> bool:
        """Looks whether the process sends states (it may be stopped, or hang); True if that is news.

        One that has said why the arm is disconnected may be starting our program, which takes seconds.
        """
        before, connected = self.silent, self._newest is not None and self.state is not ArmState.DISCONNECTED
        self.silent = connected and self._clock() - self._heard_at > SILENT_S
        return self.silent and not before

    def new_protective_stops(self) -> int:
        """Returns how many there were since the last call."""
        total = self._sums()['protective_stops']
        new, self._stops_counted = total - self._stops_counted, total
        return new

    def fields(self) -> dict:
        """The fields of an ArmStatus message, without its header."""
        with self._lock:
            sums = self._sums()
            state, text = self._present()
        sums['commands_rejected'] += self.refused
        return {
            'state': int(state),
            'text': text,
            'robot_mode': self._modes[0],
            'safety_mode': self._modes[1],
            'speed_scaling': self._speed_scaling,
            'reconnections': max(self._sessions - 1, 0),
            'commands_received': self.received,
            **sums,
        }

    def _present(self) -> tuple[ArmState, str]:
        if self.silent:
            return ArmState.DISCONNECTED, SILENT_TEXT
        if self.contest and self.state not in STOPPED:
            return ArmState.CONTESTED, self.contest
        return self.state, self.text

    def _sums(self) -> dict[str, int]:
        if self._newest is None:
            return dict(self._before)
        return {name: count + getattr(self._newest, COUNTS[name]) for name, count in self._before.items()}


def velocity_by_name(names: Sequence[str], velocities: Sequence[float]) -> tuple[float, ...]:
    """Returns six joint velocities [rad/s] in the driver's order from a command that names its joints.

    Raises:
        ValueError: joints that are not the five actuated ones (or all six), numbers that are not finite.
    """
    if len(names) != len(velocities):
        raise ValueError(f'velocity command names {len(names)} joints and holds {len(velocities)} velocities')
    by_name = dict(zip(names, velocities, strict=True))
    wanted = JOINT_NAMES[:JOINTS]
    if len(by_name) != len(names) or not set(wanted) <= set(by_name) <= set(JOINT_NAMES):
        raise ValueError(f'velocity command names {list(names)}; name each of {list(wanted)} once')
    return checked_request(by_name.get(name, 0.0) for name in JOINT_NAMES)
