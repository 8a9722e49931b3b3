"""Mini-batch from one process to another: published to ready as tensors on a device, by slot and in full.

Its bytes are handed over as they are: no precision applies. The transport of ROS 2 is what is measured.
"""

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence

import numpy as np
import rclpy
import torch
from _copies import HEAD, Rates, copy_rates, told
from _options import options_in_range, refusals
from rclpy.node import Node
from rclpy.serialization import serialize_message

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.slots import MiniBatchReader, SlotPool
from cost_profile.setting import configuration
from sac_learner.learner_config import LearnerConfig
from sac_learner.pinned_memory import PinnedMemory
from ur5_cell.die_with_parent import die_with_parent
from ur5_rl_graph import topics
from ur5_rl_graph.messages import bytes_field, ns_from_time, time_from_ns
from ur5_rl_interfaces.msg import MiniBatch, MiniBatchDone


class Learner(Node):
    """Makes tensors of every mini-batch and says when it had them."""

    def __init__(self, device: str) -> None:
        """Announces itself."""
        super().__init__('handover_learner')
        self._device = device
        self._reader = MiniBatchReader(PinnedMemory(device))
        self._done = topics.MINI_BATCH_DONE.publisher(self)
        topics.MINI_BATCH.subscription(self, self._on_mini_batch)
        self._done.publish(MiniBatchDone(learner_id=os.getpid()))

    def _on_mini_batch(self, message: MiniBatch) -> None:
        tensors = [torch.from_numpy(part).to(self._device) for part in self._reader.read(message)]
        ready = time.time_ns()
        assert len(tensors) == 5
        done = MiniBatchDone(learner_id=os.getpid(), sampler_id=1, batch_id=message.batch_id)
        done.header.stamp = time_from_ns(ready)
        self._done.publish(done)


class Sampler(Node):
    """Publishes one mini-batch after the other and waits for the answer to each."""

    def __init__(self) -> None:
        """Waits for the learner, at most 20 s."""
        super().__init__('handover_sampler')
        self._mini_batch = topics.MINI_BATCH.publisher(self)
        self._last = MiniBatchDone()
        self._learner = 0
        topics.MINI_BATCH_DONE.subscription(self, self._on_done)
        self._wait(lambda: self._learner and self._mini_batch.get_subscription_count(), 20.0)

    def _on_done(self, message: MiniBatchDone) -> None:
        self._learner, self._last = message.learner_id, message

    def _wait(self, reached: object, limit_s: float) -> bool:
        end = time.monotonic() + limit_s
        while not reached():
            if time.monotonic() > end:
                return False
            rclpy.spin_once(self, timeout_sec=0.1)
        return True

    def measure(self, name: str, full: bool, repeats: int) -> tuple[np.ndarray, int, int]:
        """Returns times [ms], the size of a message [byte] and of the arrays [byte]."""
        config = configuration(BufferSamplerConfig, name, run_folder='-')
        pool = SlotPool(config.slots, config.batch_size, config.crop_height, config.crop_width)
        times = []
        for number in range(1, repeats + config.slots + 1):
            slot = pool.take()
            for part in slot.views:
                part[...] = number % 200
            message = MiniBatch(
                sampler_id=1,
                batch_id=number,
                learner_id=self._learner,
                batch_size=config.batch_size,
                height=config.crop_height,
                width=config.crop_width,
                slot=slot.index,
            )
            if not full:
                message.memory, message.memory_token, message.offset = pool.path, pool.token, slot.offset
            began = time.time_ns()
            if full:
                message.data = bytes_field(pool.data(slot))
            pool.hand_out(slot, number)
            self._last = MiniBatchDone()
            self._mini_batch.publish(message)
            if self._wait(lambda number=number: self._last.batch_id == number, 5.0):
                times.append(1e-6 * (ns_from_time(self._last.header.stamp) - began))
            pool.done(number)
        size = len(serialize_message(message)) if not full else len(message.data)
        arrays = sum(part.nbytes for part in slot.views)
        pool.close()
        return np.array(times[config.slots :] or [np.nan]), size, arrays


def floor_ms(full: bool, device: str, count: int, rates: Rates) -> float:
    """The least time of `count` bytes, one copy after the other; 0 where they are read where they lie.

    In full they are copied once at least, into the message; to a GPU they have to go either way.
    """
    copied = rates.memory_ms(count) if full else 0.0
    return copied + (rates.bus_ms(count) if device == 'cuda' else 0.0)


def main(argv: Sequence[str]) -> int:
    """Prints a table and the medians as JSON."""
    with refusals():
        given = options_in_range(argv, repeats=50, full_repeats=5, device='cpu')
        device = LearnerConfig(device=given['device']).chosen_device
    rates = copy_rates(device)
    learner = subprocess.Popen([sys.executable, __file__, 'learner', device])
    rclpy.init(args=[])  # our options are none of ROS' remapping rules
    figures = {}
    try:
        sampler = Sampler()
        head = f'{"arrays MB":>10} {"message":>10} {"median ms":>10} {"p90":>8} {"n":>4} {HEAD}'
        print(f'{"setting":16} {"way":>7} {head}')
        for name, full in (
            ('baseline', False),
            ('large_minibatch', False),
            ('high_resolution', False),
            ('small', False),
            ('baseline', True),
        ):
            repeats = given['full_repeats' if full else 'repeats']
            times, size, arrays = sampler.measure(name, full, repeats)
            key = f'{name}_full' if full else name
            median, floor = float(np.median(times)), floor_ms(full, device, arrays, rates)
            figures[f'{key}_ms'] = round(median, 3)
            figures[f'{key}_message_bytes'] = size
            figures[f'{key}_bytes'] = arrays
            if floor:
                figures[f'{key}_floor_ms'] = round(floor, 3)
            print(
                f'{name:16} {"full" if full else "slot":>7} {arrays / 1e6:10.1f} {size:8} B '
                f'{median:10.3f} {np.quantile(times, 0.9):8.3f} {len(times):4} {told(floor, median)}',
                flush=True,
            )
    finally:
        learner.kill()
        learner.wait()
        rclpy.try_shutdown()
    print(json.dumps(figures))
    return 0


def learn(device: str) -> None:
    """The learner's process; ends with the sampler's."""
    die_with_parent()
    warnings.filterwarnings('ignore', 'The given NumPy array is not writable')
    rclpy.init()
    rclpy.spin(Learner(device))


if __name__ == '__main__':
    learn(sys.argv[2]) if sys.argv[1:2] == ['learner'] else sys.exit(main(sys.argv[1:]))
