"""How much memory programs can still get."""

import re
from pathlib import Path


def available_memory() -> float:
    """Returns the memory that programs can still get, of the machine and of a container's limit [byte].

    What a container holds of files that nobody has read lately counts as free, as it does of the machine: a
    replay buffer on disk fills a container otherwise.
    """
    (kib,) = _numbers('/proc/meminfo', r'^MemAvailable:\s*(\d+)')
    group = '/sys/fs/cgroup/memory.'
    try:
        (limit,), (used,) = (_numbers(group + name, r'^\d+$') for name in ('max', 'current'))
        (unread,) = _numbers(f'{group}stat', r'^inactive_file (\d+)')
        return min(1024.0 * kib, limit - used + unread)
    except (OSError, ValueError):  # no container, or none with a limit, which is called max
        return 1024.0 * kib


def _numbers(path: str, pattern: str) -> list[int]:
    return [int(number) for number in re.findall(pattern, Path(path).read_text(encoding='utf-8'), re.M)]
