"""Gradient updates of a setting in every way that a device has, against their floor."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.crop import random_offsets
from cost_profile.floor import WORD, Peaks, copy_bytes, floor_s, update_work
from cost_profile.gradient import in_a_slot, mini_batch, update_times
from cost_profile.peaks import convolution_rate, copy_rate, pinned_copy_s, product_rate
from cost_profile.setting import configuration
from sac_learner.agent_config import AgentConfig
from sac_learner.frame_mirror import PlacedImages
from sac_learner.learner import SacLearner
from ur5_rl_graph.data import STACK, MiniBatch, Places

WAYS = {
    'cpu': [('off', 'float32'), ('off', 'bfloat16')],
    'cuda': [('off', 'float32'), ('off', 'tf32'), ('on', 'float32'), ('on', 'tf32'), ('on', 'bfloat16')],
}
"""`graph` and `precision` of the learner; the first is what the others are compared with."""


FRAMES = 10_000
"""On the device, where a mini-batch is cropped out of them: 0.4 GB, 1.7 GB at 320x180."""

TOGETHER = {'off': 2, 'on': 10}
"""A time is the mean of so many updates one after the other, by `graph`."""


class Row(NamedTuple):
    """One way to update."""

    way: str  # 'eager' or 'captured'
    precision: str
    times_ms: np.ndarray  # (n,) of the mini-batch's tensors on the device
    cpu_ms: float
    floor_ms: float
    from_frames_ms: float  # with images cropped out of frames that lie on the device; nan on a CPU
    from_slot_ms: float  # with the copy of a mini-batch in a slot; nan on a CPU
    from_host_ms: float  # with the copy of one in memory that is not pinned; nan on a CPU


def device_peaks(device: str, precisions: Sequence[str] = ()) -> dict[str, Peaks]:
    """Measures and prints what a device can do in each precision; a copy within it counts both ways.

    Args:
        device: 'cpu' or 'cuda'.
        precisions: which; () = those of its ways.
    """
    found = {}
    copy = copy_rate(device)
    for precision in dict.fromkeys(precisions or [precision for _, precision in WAYS[device]]):
        product, convolution = (rate(device, precision) for rate in (product_rate, convolution_rate))
        print(
            f'{device} {precision}: products {product / 1e9:.0f} GFLOP/s, '
            f'convolutions {convolution / 1e9:.0f}, copies {copy / 1e9:.1f} GB/s',
            flush=True,
        )
        found[precision] = Peaks(max(product, convolution), copy)
    return found


def update_floor_ms(config: AgentConfig, precision: str, peaks: dict[str, Peaks]) -> float:
    """The least time of an update in a precision, on a device with such peaks."""
    return 1e3 * floor_s(update_work(config, 2 if precision == 'bfloat16' else WORD), peaks[precision])


def rows(
    name: str, config: AgentConfig, device: str, peaks: dict[str, Peaks], seconds: float
) -> Iterator[Row]:
    """Measures each way for at least `seconds`."""
    host = mini_batch(config)
    batch = MiniBatch(*(torch.as_tensor(array, device=device) for array in host))
    others = [in_frames(name, host), in_a_slot(host), host] if device == 'cuda' else []
    for graph, precision in WAYS[device]:
        learner = SacLearner(config, 0, device, graph, precision)
        times, cpu = update_times(learner, batch, seconds, TOGETHER[graph]).T
        copied = [np.median(update_times(learner, given, 0.0, TOGETHER[graph])[:, 0]) for given in others]
        yield Row(
            'captured' if graph == 'on' else 'eager',
            precision,
            times,
            float(np.median(cpu)),
            update_floor_ms(config, precision, peaks),
            *(map(float, copied or [np.nan] * 3)),
        )


def table(name: str, config: AgentConfig, device: str, peaks: dict[str, Peaks], seconds: float) -> dict:
    """Prints a line for each way and returns the figures [ms]."""
    figures = {}
    eager = None
    for row in rows(name, config, device, peaks, seconds):
        median, p90 = np.quantile(row.times_ms, (0.5, 0.9))
        eager = eager or median
        print(
            f'{name:16} {config.batch_size:5} {f"{config.crop_width}x{config.crop_height}":>8} '
            f'{row.way:>9} {row.precision:>9} {median:9.2f} {row.times_ms.min():8.2f} {p90:8.2f} '
            f'{row.cpu_ms:8.2f} {row.from_frames_ms:8.2f} {row.from_slot_ms:8.2f} {row.from_host_ms:9.2f} '
            f'{row.floor_ms:6.2f} '
            f'{median / row.floor_ms:7.1f} {eager / median:7.2f}',
            flush=True,
        )
        key = f'{name}_{row.way}_{row.precision}'
        figures[f'{key}_ms'] = round(float(median), 3)
        figures[f'{key}_cpu_ms'] = round(row.cpu_ms, 3)
        figures[f'{key}_floor_ms'] = round(row.floor_ms, 3)
        if device == 'cuda':
            for way in ('frames', 'slot', 'host'):
                figures[f'{key}_from_{way}_ms'] = round(getattr(row, f'from_{way}_ms'), 3)
    return figures


def head() -> str:
    """The line above `table`."""
    return (
        f'{"setting":16} {"batch":>5} {"crop":>8} {"way":>9} {"precision":>9} {"median ms":>9} {"min":>8} '
        f'{"p90":>8} {"cpu ms":>8} {"frames":>8} {"slot":>8} {"from host":>9} {"floor":>6} '
        f'{"/ floor":>7} {"x eager":>7}'
    )


def in_frames(name: str, host: MiniBatch) -> MiniBatch:
    """A mini-batch whose images are to be cropped out of frames of noise on the GPU."""
    config = configuration(BufferSamplerConfig, name, run_folder='-')
    shape, crop = config.observation_shape[:2], host.images.shape[3:5]
    frames = torch.randint(256, (FRAMES, *shape, 3), dtype=torch.uint8, device='cuda')
    rng = np.random.default_rng(0)
    first = rng.integers(0, FRAMES - STACK, (2, config.batch_size, 1))
    corners = random_offsets(rng, 2 * config.batch_size, *shape, *crop).reshape(2, config.batch_size, 2)
    places = Places((first + np.arange(STACK)).astype(np.int32), corners.astype(np.int32))
    return host._replace(images=PlacedImages(frames, places, crop))


def pinned_copy_ms(config: AgentConfig) -> float:
    """Time of copying a mini-batch's images from pinned memory to the GPU."""
    return 1e3 * pinned_copy_s(copy_bytes(config))
