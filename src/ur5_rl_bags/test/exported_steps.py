"""Transitions as an actor sends them, for tests of the export."""

import numpy as np

from ur5_rl_graph.data import Transition

SHAPE = (4, 6, 3)


def frame(name, shape=SHAPE):
    """The pixels of the frame that was captured at `name`: no two are alike."""
    return np.random.default_rng(name).integers(0, 256, shape, np.uint8)


def proprio(number, k):
    return np.arange(15, dtype=np.float32) + 100 * number + k


def steps(number, count, *, first_frame=1000, ending='', shape=SHAPE):
    """The transitions of an episode: a frame for each observation, three shown; each is carried once."""
    found, sent = [], set()
    for k in range(count):
        names = np.array([[first_frame + k + j + i for j in range(3)] for i in range(2)])
        new = [name for name in dict.fromkeys(names.reshape(-1).tolist()) if name not in sent]
        sent.update(new)
        last = k == count - 1
        found.append(
            Transition(
                episode=number,
                step=k,
                total_steps=k + 1,
                frame_ids=names,
                proprio=np.stack([proprio(number, k), proprio(number, k + 1)]),
                action=np.full(5, 0.1 * k, np.float32),
                executed_action=np.full(5, 0.05 * (k + 1), np.float32),
                action_changed=k % 2 == 1,
                reward=0.5 * k,
                terminated=last and ending == 'terminated',
                truncated=last and ending == 'time limit',
                new_frame_ids=np.array(new, np.int64),
                new_frames=np.array([frame(name, shape) for name in new]).reshape(-1, *shape),
                stamp_ns=10**18 + k,
            )
        )
    return found
