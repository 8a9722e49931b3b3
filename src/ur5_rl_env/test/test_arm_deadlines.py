"""No call of ur_rtde keeps the servo process: one that hangs ends it, the interpreter's lock held or not."""

import os
import signal
import subprocess
import sys

import pytest

pytest.importorskip('rtde_control')

HANGING = """
import ctypes, socket, sys
from ur5_rl_env.devices import arm_process
from ur5_rl_env.devices.arm_packets import Request, RequestPacket, VelocityPacket, pack
libc = ctypes.PyDLL(None)  # keeps the interpreter's lock, as ur_rtde's busy loops and constructors do

class Hanging:
    has_program = True
    def __getattr__(self, name):
        return self.hang if name == sys.argv[1] else lambda *_: None
    def hang(self, *_):
        print('hangs', flush=True)
        libc.sleep(1000)

class Servo:  # has each method of the link called at its place in a turn
    resting = False
    def __init__(self, link):
        self._link = link
    def velocity(self, packet): self._link.speed((), 1.4)
    def request(self, packet): self._link.unlock()
    def stop(self): self._link.stop_move()
    def tick(self, reading): self._link.tick()
    def check(self): self._link.check()

ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
ours.send(pack(VelocityPacket(0, (0.0,) * 6)))
ours.send(pack(RequestPacket(Request.UNLOCK, 1)))
arm_process.TURN_S = 1.0
link = Hanging()
link.period_s = 0.008
link.read = link.hang if sys.argv[1] == 'read' else lambda: ours.close() or 'a reading'
arm_process.serve(arm_process.Line(theirs.detach()), Servo(link), link)
"""
NESTED = """
import sys, time
from ur5_rl_env.devices.arm_link import deadline
with deadline(1.0):
    with deadline(60.0):
        pass
    print('inside', flush=True)
    time.sleep(1000)
"""
OVER = """
import time
from ur5_rl_env.devices.arm_link import deadline
with deadline(0.5):
    pass
end = time.monotonic() + 0.6
while time.monotonic() < end: pass
print('lives')
"""


def run(code, *arguments):
    environment = os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)}
    command = [sys.executable, '-c', code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize('call', ['speed', 'unlock', 'read', 'tick', 'check', 'stop_move'])
def test_a_turn_that_hangs_ends_the_process(call):
    ended = run(HANGING, call)
    assert (ended.stdout, ended.returncode) == ('hangs\n', -signal.SIGALRM), ended.stderr


def test_the_outer_time_goes_on_after_an_inner_one():
    ended = run(NESTED)
    assert (ended.stdout, ended.returncode) == ('inside\n', -signal.SIGALRM), ended.stderr


def test_a_time_that_was_kept_ends_nothing():
    assert run(OVER).stdout == 'lives\n'
