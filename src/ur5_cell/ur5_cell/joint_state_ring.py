"""The arm's last joint states in shared memory, so that the camera's renderer can draw exact capture times.

One process writes at the control rate, any number read without a system call. The memory is a memfd: it has
no name in the file system and vanishes with its last user. Each record carries a sequence number that is odd
while the record is being written; a reader that meets a changing record reads again.
"""

import mmap
import os
import struct
from typing import NamedTuple

CAPACITY = 256  # records: half a second of an e-Series, two of a CB3

_MAGIC = b'UR5JOINT'
_HEADER = struct.Struct('<8sIIQ')  # magic, capacity, record size, records written so far
_WRITTEN_WORD = 2  # the header's last field, as the number of an 8-byte word
_RECORDS_AT = 64
_SEQUENCE_SIZE = 8
_RECORD = struct.Struct('<q6d6di4x')
_STRIDE = _SEQUENCE_SIZE + _RECORD.size


class JointState(NamedTuple):
    """The arm at one instant.

    Attributes:
        monotonic_ns: the instant (time.monotonic_ns), on the clock that nobody sets.
        q: joint angles [rad], 6.
        qd: joint velocities [rad/s], 6.
        runtime_state: as RTDE numbers it.
    """

    monotonic_ns: int
    q: tuple[float, ...]
    qd: tuple[float, ...]
    runtime_state: int


class StaleJointState(LookupError):
    """The instant asked for lies outside what the ring holds."""


class JointStateRing:
    """The ring; make it with `create()` in the parent and `attach()` in the child or elsewhere."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._memory: mmap.mmap | bytes = mmap.mmap(fd, _RECORDS_AT + CAPACITY * _STRIDE)
        # Counters are stored as whole words: struct.pack_into clears its place first, which a reader may see.
        self._words = memoryview(self._memory).cast('Q')
        magic, capacity, stride, _ = _HEADER.unpack_from(self._memory, 0)
        if (magic, capacity, stride) != (_MAGIC, CAPACITY, _STRIDE):
            raise ValueError(
                f'shared memory begins with {magic!r}, {capacity} records of {stride} bytes; '
                f'a joint state ring has {_MAGIC!r}, {CAPACITY} of {_STRIDE}: is this the right descriptor?'
            )

    @classmethod
    def create(cls) -> 'JointStateRing':
        """A new, empty ring on a memfd of this process (hand `fd` to a child with `pass_fds`)."""
        fd = os.memfd_create('joint_states')
        os.ftruncate(fd, _RECORDS_AT + CAPACITY * _STRIDE)
        os.pwrite(fd, _HEADER.pack(_MAGIC, CAPACITY, _STRIDE, 0), 0)
        return cls(fd)

    @classmethod
    def attach(cls, where: int | str) -> 'JointStateRing':
        """An existing ring: an inherited descriptor's number, or a path such as /proc/<pid>/fd/<fd>.

        Raises:
            OSError: there is no such descriptor or path.
            ValueError: it is not a joint state ring, or a shorter piece of memory.
        """
        text = str(where)
        return cls(int(text) if text.isdigit() else os.open(text, os.O_RDWR | os.O_CLOEXEC))

    @property
    def written(self) -> int:
        """Number of records written since the ring was made."""
        return self._words[_WRITTEN_WORD]

    def write(self, state: JointState) -> None:
        """Append a `JointState`; one writer only."""
        number = self.written
        at = _RECORDS_AT + number % CAPACITY * _STRIDE
        self._words[at // 8] = 2 * number + 1
        _RECORD.pack_into(
            self._memory, at + _SEQUENCE_SIZE, state.monotonic_ns, *state.q, *state.qd, *state[3:]
        )
        self._words[at // 8] = 2 * number + 2
        self._words[_WRITTEN_WORD] = number + 1

    def latest(self) -> JointState:
        """The newest `JointState`.

        Raises:
            StaleJointState: nothing has been written yet.
        """
        while True:
            number = self.written - 1
            if number < 0:
                raise StaleJointState('no joint state has been written yet; is the controller running?')
            state = self._read(number)
            if state is not None:
                return state

    def at(self, monotonic_ns: int, extrapolate_ns: int = 40_000_000) -> JointState:
        """The arm at `monotonic_ns`, between two records by the cubic through both ends' q and qd.

        Velocity is linear within a control period, so that the cubic is exact there. After the newest record
        the arm is carried on at constant velocity for up to `extrapolate_ns`.

        Raises:
            StaleJointState: older than the ring, or more than `extrapolate_ns` after its newest record.
        """
        later = self.latest()
        if monotonic_ns >= later.monotonic_ns:
            return _carry_on(later, monotonic_ns, extrapolate_ns)
        newest = self.written - 1
        for number in range(newest, max(newest - CAPACITY, -1), -1):
            earlier = self._read(number)
            if earlier is None:
                break  # overwritten meanwhile: everything before it is, too
            if earlier.monotonic_ns <= monotonic_ns:
                return _between(earlier, later, monotonic_ns)
            later = earlier
        age = (later.monotonic_ns - monotonic_ns) * 1e-6
        raise StaleJointState(
            f'asked for the arm {age:.1f} ms before the oldest of the {CAPACITY} records kept; ask sooner'
        )

    def close(self) -> None:
        """Give the memory and the descriptor back; what it held until then can still be read."""
        if isinstance(self._memory, bytes):
            return
        shared, self._memory = self._memory, self._memory[:]
        self._words = memoryview(self._memory).cast('Q')
        shared.close()
        os.close(self.fd)

    def _read(self, number: int) -> JointState | None:
        """Record `number`, or None where it is being written or has been overwritten."""
        at = _RECORDS_AT + number % CAPACITY * _STRIDE
        before = self._words[at // 8]
        values = _RECORD.unpack_from(self._memory, at + _SEQUENCE_SIZE)
        after = self._words[at // 8]
        if before != 2 * number + 2 or after != before:
            return None
        return JointState(values[0], values[1:7], values[7:13], *values[13:])


def _between(a: JointState, b: JointState, monotonic_ns: int) -> JointState:
    """Cubic Hermite interpolation of q (and its derivative as qd) from record `a` to record `b`."""
    span = (b.monotonic_ns - a.monotonic_ns) * 1e-9
    u = (monotonic_ns - a.monotonic_ns) * 1e-9 / span
    q, qd = [], []
    for qa, qb, va, vb in zip(a.q, b.q, a.qd, b.qd, strict=True):
        way, va, vb = qb - qa, va * span, vb * span
        c2, c3 = 3.0 * way - 2.0 * va - vb, va + vb - 2.0 * way
        q.append(qa + u * (va + u * (c2 + u * c3)))
        qd.append((va + u * (2.0 * c2 + 3.0 * u * c3)) / span)
    return a._replace(monotonic_ns=monotonic_ns, q=tuple(q), qd=tuple(qd))


def _carry_on(state: JointState, monotonic_ns: int, limit_ns: int) -> JointState:
    ahead_ns = monotonic_ns - state.monotonic_ns
    if ahead_ns > limit_ns:
        raise StaleJointState(
            f'newest joint state is {ahead_ns * 1e-6:.0f} ms old (limit {limit_ns * 1e-6:.0f}); '
            'has the controller ended or been stopped?'
        )
    seconds = ahead_ns * 1e-9
    return state._replace(
        monotonic_ns=monotonic_ns,
        q=tuple(q + seconds * qd for q, qd in zip(state.q, state.qd, strict=True)),
    )
