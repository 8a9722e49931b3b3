"""Checkpoints that are written beside the learner."""

import itertools
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from sac_learner import checkpoint_writer
from sac_learner.checkpoint import load_checkpoint, save_checkpoint
from sac_learner.checkpoint_writer import CheckpointWriter
from ur5_rl_graph.writing import Writing


def state(number):
    return {'weights': np.full(3, number, np.float32)}


@pytest.fixture
def writer(tmp_path):
    lines = []
    writing = Writing(lines.append, itertools.count(step=60).__next__)
    writer = CheckpointWriter(tmp_path / 'checkpoints/learner.safetensors', {'a': 1}, writing)
    writer.lines = lines
    yield writer
    writer.close()


def on_disk(writer):
    return load_checkpoint(writer.path)[0]['weights'][0]


def test_the_learner_goes_on_while_the_disk_is_slow(writer, monkeypatch):
    slow = threading.Event()

    def save(*arguments):
        assert slow.wait(60)
        save_checkpoint(*arguments)

    monkeypatch.setattr(checkpoint_writer, 'save_checkpoint', save)
    writer.begin(state(1))
    assert writer.busy and writer.written == '' and not writer.path.exists()
    assert writer.refusal == '' and writer.busy, 'who asks does not wait'
    slow.set()
    assert writer.finish() and not writer.busy
    assert (on_disk(writer), writer.written) == (1, str(writer.path))
    assert load_checkpoint(writer.path)[1] == {'a': 1}


def test_the_last_state_is_whole_when_it_is_closed(writer):
    for number in range(5):
        writer.begin(state(number))
    writer.close()
    assert on_disk(writer) == 4
    assert [entry.name for entry in writer.path.parent.iterdir()] == ['learner.safetensors']


def test_without_room_the_last_good_one_stays_and_the_next_is_tried(writer, monkeypatch):
    writer.begin(state(1))
    assert writer.finish()
    with monkeypatch.context() as full:
        full.setattr('os.fsync', _no_room)
        for number in (2, 3):
            writer.begin(state(number))
            assert not writer.finish() and writer.refusal == ''
    assert (on_disk(writer), writer.unwritten) == (1, 2)
    writer.begin(state(4))
    assert writer.finish() and on_disk(writer) == 4
    assert [line.split(' ', 1)[1] for line in writer.lines] == [
        'cannot be written (No space left on device): going on without it, trying again',
        'is written again; until then 2 were not',
    ]


def _no_room(_):
    raise OSError(28, 'No space left on device')


def test_a_state_that_is_not_finite_is_refused(writer):
    writer.begin(state(1))
    assert writer.finish()
    writer.begin(state(np.nan))
    assert not writer.finish()
    assert writer.refusal.startswith('weights is not finite: the learner has diverged')
    assert on_disk(writer) == 1


WRITER = """
import sys
from pathlib import Path
import numpy as np
sys.path[:0] = sys.argv[2:]
from sac_learner.checkpoint_writer import CheckpointWriter
writer = CheckpointWriter(Path(sys.argv[1]), {})
for number in range(1_000_000):
    writer.begin({'weights': np.full(300_000, number, np.float32)})
    print(number, flush=True)
    writer.finish()
"""


def test_a_writer_that_is_killed_leaves_a_whole_checkpoint(tmp_path):
    path = tmp_path / 'learner.safetensors'
    writer = subprocess.Popen(
        [sys.executable, '-c', WRITER, str(path), *sys.path], stdout=subprocess.PIPE, text=True
    )
    try:
        while int(writer.stdout.readline()) < 5:
            pass
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.stdout.read()
        writer.wait(timeout=60)
    weights = load_checkpoint(path)[0]['weights']
    assert weights[0] >= 4 and (weights == weights[0]).all()
