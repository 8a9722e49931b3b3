"""The shared ring of joint states: order, interpolation against hand-worked motion, and what it refuses."""

import os

import pytest

from ur5_cell.joint_state_ring import CAPACITY, JointState, JointStateRing, StaleJointState

MS = 1_000_000


@pytest.fixture
def ring():
    made = JointStateRing.create()
    yield made
    made.close()


def state(ms, q, qd=0.0):
    return JointState(ms * MS, (q,) * 6, (qd,) * 6, 2)


def test_what_is_written_is_read_elsewhere(ring):
    ring.write(state(8, 0.5, 0.1))
    other = JointStateRing.attach(f'/proc/{os.getpid()}/fd/{ring.fd}')
    assert other.latest() == state(8, 0.5, 0.1)
    assert other.written == 1
    other.close()


def test_constant_acceleration_is_exact_between_records(ring):
    for step in range(3):
        time = 0.008 * step
        ring.write(state(8 * step, 0.5 * 1.4 * time**2, 1.4 * time))
    for ms in (0, 1, 7, 8, 11, 16):
        read = ring.at(ms * MS)
        assert read.q[0] == pytest.approx(0.7 * (ms * 1e-3) ** 2, abs=1e-12)
        assert read.qd[0] == pytest.approx(1.4 * ms * 1e-3, abs=1e-12)
        assert read.monotonic_ns == ms * MS


def test_after_the_newest_record_velocity_is_kept_for_a_while(ring):
    ring.write(state(8, 0.5, 0.25))
    assert ring.at(28 * MS).q[3] == pytest.approx(0.505)
    with pytest.raises(StaleJointState, match='newest joint state is 41 ms old .limit 40.'):
        ring.at(49 * MS)


def test_only_the_last_records_are_kept(ring):
    for step in range(CAPACITY + 10):
        ring.write(state(8 * step, float(step)))
    assert ring.latest().q[0] == CAPACITY + 9
    assert ring.at(80 * MS).q[0] == 10.0
    with pytest.raises(StaleJointState, match='8.0 ms before the oldest'):
        ring.at(72 * MS)


def test_an_empty_ring_says_so(ring):
    with pytest.raises(StaleJointState, match='is the controller running'):
        ring.latest()


def test_other_memory_is_refused():
    fd = os.memfd_create('other')
    os.ftruncate(fd, 65536)
    with pytest.raises(ValueError, match='is this the right descriptor'):
        JointStateRing.attach(fd)
    os.close(fd)
