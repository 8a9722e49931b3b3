"""A child that is started so ends with its parent; and there is one way to do that."""

import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ur5_rl_graph import child

SRC = Path(__file__).resolve().parents[2]
PARENT = """
import os, signal, subprocess, sys
from ur5_rl_graph.child import end_with_parent
held = int(sys.argv[1])
subprocess.Popen(['sleep', '1000'], pass_fds=[held], preexec_fn=end_with_parent(signal.{}))
os._exit(0)
"""


@pytest.mark.parametrize('number', ['SIGKILL', 'SIGTERM'])
def test_a_child_ends_when_its_parent_does(number):
    """The end of a pipe is there when whoever could write into it has ended."""
    read, write = os.pipe()
    try:
        command = [sys.executable, '-c', PARENT.format(number), str(write)]
        subprocess.run(command, pass_fds=[write], check=True)
        os.close(write)
        ready, _, _ = select.select([read], [], [], 60.0)
        assert ready and os.read(read, 1) == b''
    finally:
        os.close(read)


def test_a_parent_that_has_ended_before_is_noticed(monkeypatch):
    told = []
    monkeypatch.setattr(child, '_prctl', lambda *words: told.append(words[:2]))
    monkeypatch.setattr(child.os, '_exit', told.append)
    in_child = child.end_with_parent(signal.SIGTERM)
    monkeypatch.setattr(child.os, 'getppid', os.getpid)
    in_child()
    assert told == [(1, signal.SIGTERM)]
    monkeypatch.setattr(child.os, 'getppid', lambda: 1)
    in_child()
    assert told[2:] == [1]


def test_nobody_asks_the_kernel_for_it_in_a_way_of_its_own():
    """But the simulated controller, which is told after it has begun, and may be started by anybody."""
    asking = {
        path.name
        for path in SRC.glob('*/*/**/*.py')
        if re.search(r'\bprctl\b', path.read_text(encoding='utf-8')) and 'test' not in path.parts
    }
    assert asking <= {'child.py', 'die_with_parent.py'}
