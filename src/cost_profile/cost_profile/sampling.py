"""Times of drawing a mini-batch, and until its images lie on a device; needs torch, but not ROS 2."""

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import Slot, SlotPool
from cost_profile.gradient import reader_of
from cost_profile.stopwatch import times
from sac_learner.frame_mirror import FrameMirror
from ur5_rl_graph.data import JOINTS, PROPRIO, Transition


def sampling_times(
    config: BufferSamplerConfig, transitions: int, repeats: int, places: bool = False, device: str = ''
) -> np.ndarray:
    """Replay buffer sampling: a mini-batch drawn, cropped and written into a slot of shared memory.

    Args:
        config: sizes, slots and threads.
        transitions: in the buffer.
        repeats: how many mini-batches.
        places: only where its images lie is written.
        device: 'cpu' or 'cuda' = until the images lie there (`images_on`); '' = until the slot is filled.

    Returns:
        (repeats, 2) times [ms], by the clock and of the processor.
    """
    crop = config.crop_height, config.crop_width
    height, width, _ = config.observation_shape
    with tempfile.TemporaryDirectory() as folder:
        replay = Replay(Path(folder), capacity=max(transitions, 100), height=height, width=width)
        fill(replay, transitions)
        pool = SlotPool(config.slots, config.batch_size, *crop)
        rng = np.random.default_rng(0)
        sampler = MiniBatchSampler(replay, config.batch_size, *crop, rng, threads=config.threads)
        arrive = images_on(device, config, pool, sampler, places) if device else lambda slot: None
        numbers = itertools.count()

        def sample() -> None:
            slot, number = pool.take(), next(numbers)
            sampler.sample_into(slot.places if places else slot.views)
            pool.hand_out(slot, number)
            arrive(slot)
            pool.done(number)

        measured = times(sample, repeats, warm_up=config.slots)  # each slot once
        replay.close()
        pool.close()
    return measured


def images_on(
    device: str, config: BufferSamplerConfig, pool: SlotPool, sampler: MiniBatchSampler, places: bool
) -> Callable[[Slot], torch.Tensor]:
    """Returns what has the images of a slot on a device, as the learner's node does, and waits for them.

    They are copied out of the slot, which is pinned for a GPU; with `places` they are cropped out of the copy
    of the frames that the learner keeps there.
    """
    crop = config.crop_height, config.crop_width
    reader, mirror = reader_of(pool, device), FrameMirror(torch.device(device))

    def copied(slot: Slot) -> torch.Tensor:
        views = reader.views(slot.offset, config.batch_size, *crop)
        return torch.from_numpy(views.images).to(device)

    def cropped(slot: Slot) -> torch.Tensor:
        where = reader.places(slot.offset, config.batch_size, *crop).images
        return mirror.images(1, sampler.stores, config.observation_shape[:2], where, crop).gather()

    return cropped if places else copied


def fill(replay: Replay, count: int, episode_steps: int = 100) -> None:
    """Stores `count` transitions of episodes of 100 steps, with pixels of noise."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (4, *replay.frames.shape), np.uint8)
    frame_id = 1
    for index in range(count):
        first = index % episode_steps == 0
        if first:
            frame_id += 3
        ids = frame_id + np.array([[-3, -2, -1], [-2, -1, 0]])
        new_ids = np.unique(ids) if first else ids[1, 2:]
        replay.append(
            Transition(
                episode=index // episode_steps + 1,
                step=index % episode_steps,
                total_steps=index + 1,
                frame_ids=ids,
                proprio=np.zeros((2, PROPRIO), np.float32),
                action=np.zeros(JOINTS, np.float32),
                executed_action=np.zeros(JOINTS, np.float32),
                action_changed=False,
                reward=0.0,
                terminated=False,
                truncated=index % episode_steps == episode_steps - 1,
                new_frame_ids=new_ids,
                new_frames=pixels[: len(new_ids)],
                stamp_ns=0,
            )
        )
        frame_id += 1
