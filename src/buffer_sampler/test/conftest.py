"""Experience with frames that can be told apart, for the tests of this package."""

import os

import numpy as np
import pytest

from ur5_rl_graph.data import Transition

HEIGHT, WIDTH = 9, 16


class Experience:
    """Makes the transitions that an actor would send; every frame carried once, at a new id."""

    def __init__(self, height=HEIGHT, width=WIDTH):
        self.height, self.width = height, width
        self.next_id = 1_000_000_000
        self.episode = self.total_steps = 0

    def pixels(self, frame_id):
        """The (H, W, 3) pixels of a frame: noise of its own."""
        rng = np.random.default_rng(int(frame_id))
        return rng.integers(0, 256, (self.height, self.width, 3), np.uint8)

    def frames(self, count):
        first = self.next_id
        self.next_id += 40_000_000 * count
        return [first + 40_000_000 * i for i in range(count)]

    def run(self, steps, terminated=False, new_per_step=1):
        """Yields one episode of `steps` transitions; the last one is terminated or truncated."""
        self.episode += 1
        stack = self.frames(3)
        unsent = list(stack)
        for step in range(steps):
            new = self.frames(new_per_step)
            after = (stack + new)[-3:]
            carried = unsent + new
            last = step == steps - 1
            self.total_steps += 1
            number = self.episode * 1000 + step
            yield Transition(
                episode=self.episode,
                step=step,
                total_steps=self.total_steps,
                frame_ids=np.array([stack, after], np.int64),
                proprio=np.arange(30, dtype=np.float32).reshape(2, 15) + number,
                action=np.linspace(-1, 1, 5, dtype=np.float32) * (step + 1) / steps,
                executed_action=np.linspace(0.5, -0.5, 5, dtype=np.float32) * (step + 1) / steps,
                action_changed=step % 2 == 1,
                reward=float(number),
                terminated=last and terminated,
                truncated=last and not terminated,
                new_frame_ids=np.array(carried, np.int64),
                new_frames=np.stack([self.pixels(frame_id) for frame_id in carried]),
                stamp_ns=after[-1] + 5,
            )
            stack, unsent = after, []


@pytest.fixture(autouse=True)
def no_disk(monkeypatch):
    """Spares the tests the waiting for the disk; a killed process does not need it."""
    monkeypatch.setattr(os, 'fdatasync', lambda handle: None)


@pytest.fixture
def experience():
    return Experience()


@pytest.fixture(scope='session')
def make_experience():
    """For tests that need a new one for each example."""
    return Experience
