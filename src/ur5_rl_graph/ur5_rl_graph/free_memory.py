"""How much memory programs can still get."""

import re
from pathlib import Path


def available_memory() -> float:
    """Returns the memory that programs can still get, of the machine and of a container's limit [byte]."""
    text = Path('/proc/meminfo').read_text(encoding='utf-8')
    (kib,) = re.findall(r'^MemAvailable:\s*(\d+)', text, re.M)
    available = 1024.0 * int(kib)
    group = Path('/sys/fs/cgroup')
    try:
        limit, used = (
            (group / f'memory.{name}').read_text(encoding='utf-8').strip() for name in ('max', 'current')
        )
        return available if limit == 'max' else min(available, float(limit) - float(used))
    except (OSError, ValueError):
        return available
