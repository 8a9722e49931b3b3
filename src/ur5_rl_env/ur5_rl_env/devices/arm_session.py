"""The node's side of the servo process: starts it, hears it, starts it again when it ends."""

import contextlib
import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

from ur5_rl_env.devices.arm_config import MOST_RETRY_S
from ur5_rl_env.devices.arm_packets import (
    LONGEST,
    AnswerPacket,
    ExecutedPacket,
    Packet,
    Request,
    RequestPacket,
    StatePacket,
    VelocityPacket,
    pack,
    unpack,
)
from ur5_rl_graph.needed_thread import NeededThread
from ur5_rl_graph.priority import as_ordinary

SERVO = 'ur5_rl_env.devices.arm_process'
QUIET_S = 2.0  # without a word from a running servo, after which it is killed
# The same while it connects: ur_rtde may keep it for 10 s, then it waits before it tries again.
CONNECT_S = 2.0 + 10.0 + MOST_RETRY_S
SHORT_S = 3.0  # a process that ends sooner is not started again at once
END_S = 3.0  # what the process has to ramp the arm to zero and end the program
CLOSE_S = END_S + 2.0  # for that and the session's thread, before what has not ended is killed

Heard = Callable[[Packet], object]


class ArmSession:
    """One arm, whatever happens to the process that serves it.

    Args:
        settings: the keyword arguments of ArmConfig, GuardConfig and WatchdogConfig under 'arm', 'guard',
            'watchdog'.
        heard: called in the session's thread with every StatePacket, ExecutedPacket and TextPacket.
        ended: called in the session's thread with the exit code of a process (negative: signal).
        retry_s: wait before a process that ended at once is started again [s].
    """

    def __init__(
        self, settings: dict, heard: Heard, ended: Callable[[int], object], retry_s: float = 1.0
    ) -> None:
        self._settings, self._heard, self._ended, self._retry_s = json.dumps(settings), heard, ended, retry_s
        self._answers: dict[int, Callable[[bool, str], None]] = {}  # by the number of a request
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._closing = threading.Event()
        self._thread = NeededThread('arm_driver: the thread of the arm session', self._run, daemon=True)
        self._thread.start()

    def velocity(self, stamp_ns: int, velocity: Sequence[float]) -> None:
        """Sends a velocity command (6,) [rad/s] stamped `stamp_ns`; dropped while there is no process."""
        self._send(VelocityPacket(stamp_ns, tuple(velocity)))

    def request(self, request: Request, answer: Callable[[bool, str], None]) -> None:
        """Sends a request; `answer(ok, text)` is called once, from another thread perhaps."""
        with self._lock:
            number = next(self._numbers)
            self._answers[number] = answer
        if not self._send(RequestPacket(request, number)):
            self._resolve(number, False, 'the arm is not connected')

    def check(self) -> None:
        """Ends the process in one line if the session's thread has ended (SystemExit)."""
        self._thread.check()

    def close(self) -> None:
        """Ends the process, which ramps the arm to zero first; it is gone when this returns.

        One that does not end is killed: it waits for a controller that has gone, or hangs. What it may have
        left moving is stopped by the watchdog in the controller.
        """
        self._closing.set()
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_WR)
        self._thread.join(CLOSE_S)
        if process := self._process:
            process.kill()
            self._thread.join(END_S)

    def _send(self, packet: Packet) -> bool:
        with self._lock:
            if self._socket is None:
                return False
            try:
                self._socket.send(pack(packet), socket.MSG_DONTWAIT)
            except OSError:
                return False
            return True

    def _run(self) -> None:
        while not self._closing.is_set():
            started = time.monotonic()
            code = self._serve_one()
            for number in list(self._answers):
                self._resolve(number, False, 'the connection to the arm has ended')
            if self._closing.is_set():
                return
            self._ended(code)
            if time.monotonic() - started < SHORT_S:
                self._closing.wait(self._retry_s)

    def _serve_one(self) -> int:
        """Runs one servo process; returns its exit code, negative for a signal."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                command = [sys.executable, '-m', SERVO, str(theirs.fileno()), self._settings]
                # A session of its own: Ctrl-C on the terminal is the node's, and whoever kills the node's
                # group leaves somebody who brings the arm to rest. The process ends with the socket.
                with as_ordinary():
                    process = subprocess.Popen(
                        command,
                        pass_fds=[theirs.fileno()],
                        stdin=subprocess.DEVNULL,
                        start_new_session=True,
                    )
            with self._lock:
                self._process, self._socket = process, ours
            if self._closing.is_set():
                ours.shutdown(socket.SHUT_WR)
            self._hear(ours, process)
            with self._lock:
                self._socket = None
        try:
            return process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            self._process = None

    def _hear(self, ours: socket.socket, process: subprocess.Popen[bytes]) -> None:
        ours.settimeout(CONNECT_S)
        while True:
            try:
                data = ours.recv(LONGEST)
            except TimeoutError:
                process.kill()
                continue
            except ConnectionError:
                return
            if not data:
                return
            packet = unpack(data)
            if isinstance(packet, AnswerPacket):
                self._resolve(packet.identity, packet.ok, packet.text)
                continue
            if not isinstance(packet, ExecutedPacket):
                ours.settimeout(QUIET_S if isinstance(packet, StatePacket) else CONNECT_S)
            self._heard(packet)

    def _resolve(self, number: int, ok: bool, text: str) -> None:
        with self._lock:
            answer = self._answers.pop(number, None)
        if answer:
            answer(ok, text)
