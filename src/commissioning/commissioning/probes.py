"""Reads what this machine says of itself; judges nothing."""

import ctypes
import importlib.metadata
import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from commissioning.computer import address_of
from ur5_cell.loopback import take_address
from ur5_rl_graph import holds
from ur5_rl_graph.clock import Clock, offset_ns
from ur5_rl_graph.free_memory import available_memory as available_memory

SHARED_MEMORY = Path('/dev/shm')
PROCESSES = Path('/proc')
SEGMENTS = ('fastrtps_', 'fast_datasharing')
UNSYNCHRONISED = 5
"""What adjtimex returns where the kernel's clock is kept by nobody."""
CLOCK_S = 0.3
"""How long the clocks are compared [s]."""


def pinned(files: Iterable[Path]) -> dict[str, set[str]]:
    """Returns the versions that requirement files name; a package may have one for each Python."""
    found: dict[str, set[str]] = {}
    for path in files:
        for name, version in re.findall(r'^([\w.-]+)==([\w.]+)', path.read_text(encoding='utf-8'), re.M):
            found.setdefault(name, set()).add(version)
    return found


def installed(names: Iterable[str]) -> dict[str, str | None]:
    """Returns the version of each package, None where it is not installed."""

    def version(name: str) -> str | None:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return None

    return {name: version(name) for name in names}


def drawing_error(program: Path, environment: Mapping[str, str]) -> str | None:
    """Returns why nothing can be drawn off screen, '' where it can, None where it is not tried.

    Args:
        program: that draws one pixel; a process of its own, since a driver may crash.
        environment: with MUJOCO_GL.
    """
    if environment.get('MUJOCO_GL', 'egl') != 'egl':
        return None
    done = subprocess.run([sys.executable, str(program)], capture_output=True, encoding='utf-8', check=False)
    lines = done.stderr.strip().splitlines()
    return '' if done.returncode == 0 else (lines[-1] if lines else f'exit code {done.returncode}')


def has_gpu() -> bool:
    """Returns whether the kernel drives an NVIDIA GPU."""
    return Path('/proc/driver/nvidia/version').exists() or Path('/dev/nvidiactl').exists()


def real_time_priority(wanted: int) -> int:
    """Returns the highest real-time priority up to `wanted` that this thread gets, 0 = none; keeps none."""
    for priority in range(wanted, 0, -1):
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(priority))
        except OSError:
            continue
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        return priority
    return 0


def may_lock_memory() -> bool:
    """Returns whether memory may be locked without limit: by the limit, or by CAP_IPC_LOCK."""
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        return True
    capabilities = re.search(r'^CapEff:\s*(\w+)', Path('/proc/self/status').read_text(encoding='utf-8'), re.M)
    return bool(capabilities and int(capabilities.group(1), 16) >> 14 & 1)


def clock_synchronised() -> bool | None:
    """Returns whether something keeps the kernel's clock right, None where that cannot be asked."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))  # modes 0: it only reads
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != UNSYNCHRONISED


def clock_moved_s(clock: Clock, sleep: Callable[[float], None] = time.sleep) -> float:
    """Returns by how much the system clock moves against the monotonic one in a moment [s]."""
    before = offset_ns(clock)
    sleep(CLOCK_S)
    return (offset_ns(clock) - before) / 1e9


def free_disk(folder: Path) -> float:
    """Returns what is free for this user where a folder is, or would be [byte]."""
    while not folder.exists():
        folder = folder.parent
    space = os.statvfs(folder)
    return space.f_bavail * space.f_frsize


def shared_memory() -> tuple[float, float]:
    """Returns size and free part of /dev/shm [byte]."""
    space = os.statvfs(SHARED_MEMORY)
    return space.f_blocks * space.f_frsize, space.f_bavail * space.f_frsize


def segments() -> dict[str, int]:
    """Returns the sizes of DDS' segments in /dev/shm [byte] by name; their locks belong to them."""
    found = {}
    for path in SHARED_MEMORY.iterdir():
        if path.name.startswith(SEGMENTS) and not path.name.endswith(('_el', '_sl')):
            with suppress(FileNotFoundError):  # its process has just ended
                found[path.name] = path.stat().st_size
    return found


def used_segments() -> tuple[set[str], bool]:
    """Returns the names of what processes have mapped in /dev/shm, and whether some are hidden."""
    used: set[str] = set()
    hidden = not (PROCESSES / '1').exists()  # /proc is mounted so that nobody sees the processes of others
    for process in PROCESSES.glob('[0-9]*'):
        try:
            text = (process / 'maps').read_text(encoding='utf-8', errors='replace')
        except (FileNotFoundError, ProcessLookupError):
            continue
        except PermissionError:
            hidden = True
            continue
        used.update(re.findall(r'/dev/shm/(\S+)', text))
    return used, hidden


def places() -> list[str]:
    """Returns the names of the places that runs of this host hold (`whole_run.place_name`)."""
    text = Path('/proc/net/unix').read_text(encoding='utf-8', errors='replace')
    prefix = re.escape(holds.PREFIX.replace('\0', '@'))
    return sorted(set(re.findall(rf'{prefix}(run in domain .*)$', text, re.M)))


def loopback_up() -> bool:
    """Returns whether the interface lo is up."""
    return bool(int(Path('/sys/class/net/lo/flags').read_text(encoding='utf-8'), 16) & 1)


def free_cell() -> str | None:
    """Returns the first loopback address at which a simulated arm could listen; it is free again."""
    try:
        address = take_address()
    except OSError:
        return None
    holds.release(f'cell at {address}')
    return address


def way_to(host: str) -> tuple[str, bool, bool]:
    """Returns by which interface a host is reached, whether that is radio, and whether a router lies between.

    Raises:
        OSError: there is no such host.
    """
    address = address_of(host)
    if address.startswith('127.'):
        return 'lo', False, False
    wanted = int.from_bytes(socket.inet_aton(address), 'big')
    best = (-1, '', False)
    for line in Path('/proc/net/route').read_text(encoding='utf-8').splitlines()[1:]:
        name, destination, gateway, *_, mask, _, _, _ = line.split()
        network, bits = (int.from_bytes(bytes.fromhex(part)[::-1], 'big') for part in (destination, mask))
        if wanted & bits == network and bits > best[0]:
            best = (bits, name, gateway != '00000000')
    if best[0] < 0:
        raise OSError(f'no network leads to {host}: give this computer an address in that of the arm')
    return best[1], Path(f'/sys/class/net/{best[1]}/wireless').exists(), best[2]
