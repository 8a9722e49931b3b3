"""What a computer must have for a run: each check takes what was read of the machine and judges it."""

import socket
from collections.abc import Mapping, Sequence

from commissioning.finding import Finding, State
from ur5_rl_graph.priority import Priority

GB = 1e9
MB = 1e6
PYTHONS = ((3, 10), (3, 13))
LEAST_DISK_GB = 1.0  # checkpoints, tables, the first quarter hour of the replay buffer
LEAST_MEMORY_GB = 1.5
ENOUGH_MEMORY_GB = 4.0
SHARED_MEMORY_MB = 24.0
"""What a run with view:=true has in /dev/shm (docs/install.md)."""
REAL_TIME_PRIORITY = {False: int(Priority.ROBOT), True: int(Priority.SERVO)}
"""The highest that a process of ours asks for, by whether the arm is real (`ur5_rl_graph.priority`)."""
STEP_S = 0.004
"""A clock that moves by more against the monotonic one was set, or is wrong (`ur5_rl_env.stamps`)."""


def python(version: tuple[int | str, ...]) -> Finding:
    """Judges the version of Python, (major, minor, ...)."""
    text = '.'.join(map(str, version[:3]))
    if PYTHONS[0] <= tuple(version[:2]) <= PYTHONS[1]:
        return Finding(State.OK, 'python', text)
    return Finding(State.FAULT, 'python', text, 'use Python 3.10 to 3.13')


def packages(pinned: Mapping[str, set[str]], installed: Mapping[str, str | None]) -> Finding:
    """Judges installed packages.

    Args:
        pinned: the versions that are asked for, by name.
        installed: the version that is there, by name; None = none.
    """
    wrong = []
    for name, versions in pinned.items():
        found = installed.get(name)
        if found is None:
            wrong.append(f'{name} is missing')
        elif found.partition('+')[0] not in versions:
            wrong.append(f'{name} is {found}, not {" or ".join(sorted(versions))}')
    if wrong:
        return Finding(State.FAULT, 'packages', '; '.join(wrong), './ur5rl setup')
    return Finding(State.OK, 'packages', f'{len(pinned)} as pinned')


def opengl(library: str, error: str | None) -> Finding:
    """Judges off-screen drawing.

    Args:
        library: what MUJOCO_GL names.
        error: why one pixel could not be drawn, '' where it could, None where that was not tried.
    """
    if error is None:
        return Finding(State.OK, 'opengl', f'MUJOCO_GL is {library}, your own choice: not tried')
    if error:
        remedy = 'apt install libegl1 libgl1-mesa-dri; MUJOCO_GL=disabled where nothing is simulated'
        return Finding(State.FAULT, 'opengl', f'draws nothing ({error})', remedy)
    return Finding(State.OK, 'opengl', 'draws off screen')


def gpu(present: bool, torch_version: str | None) -> Finding:
    """Judges what learns: whether there is an NVIDIA GPU, and whether torch can use one."""
    if not present:
        return Finding(State.OK, 'gpu', 'none: learns on the CPU, in setting:=small')
    if torch_version is not None and '+cpu' in torch_version:
        return Finding(
            State.WARNING, 'gpu', f'not used by torch {torch_version}', './ur5rl setup torch:=cuda'
        )
    return Finding(State.OK, 'gpu', f'NVIDIA, torch {torch_version}')


def scheduling(priority: int, memory_locked: bool, wanted: int) -> Finding:
    """Judges scheduling rights.

    Args:
        priority: the highest real-time priority that was granted, 0 = none.
        memory_locked: whether all memory may be locked.
        wanted: the highest that is asked for.
    """
    lacking = []
    if priority < wanted:
        lacking.append(f'real-time priority {priority or "none"} of {wanted}')
    if not memory_locked:
        lacking.append('memory may not be locked')
    if lacking:
        remedy = (
            f'@USER - rtprio {wanted}, @USER - memlock unlimited in /etc/security/limits.conf, '
            f'then log in again (docker: --ulimit rtprio={wanted} --ulimit memlock=-1)'
        )
        return Finding(State.WARNING, 'scheduling', '; '.join(lacking), remedy)
    return Finding(State.OK, 'scheduling', f'real-time priority {priority}, memory locked')


def clock(synchronised: bool | None, moved_s: float) -> Finding:
    """Judges the system clock.

    Args:
        synchronised: what the kernel says, None = it does not.
        moved_s: against the monotonic clock while it was looked at [s].
    """
    if abs(moved_s) > STEP_S:
        text = f'was set by {1e3 * moved_s:.1f} ms while it was looked at'
        return Finding(State.FAULT, 'clock', text, 'wait until it is right; let chrony alone keep it')
    if not synchronised:
        text = 'not synchronised; matters with several hosts, and each time that it is set ends an episode'
        return Finding(State.WARNING, 'clock', text, 'apt install chrony')
    return Finding(State.OK, 'clock', 'synchronised, does not jump')


def disk(free: float, needed: float, folder: str) -> Finding:
    """Judges the room for runs.

    Args:
        free: [byte].
        needed: by the replay buffer when it is full [byte].
        folder: of runs.
    """
    text = f'{free / GB:.1f} GB free in {folder}'
    if free < LEAST_DISK_GB * GB:
        return Finding(State.FAULT, 'disk', text, f'free {LEAST_DISK_GB:g} GB, or output:= elsewhere')
    if free < needed:
        remedy = f'a full replay buffer takes {needed / GB:.1f} GB: free some, or output:= elsewhere'
        return Finding(State.WARNING, 'disk', text, remedy)
    return Finding(State.OK, 'disk', text)


def memory(available: float) -> Finding:
    """Judges the memory that is available [byte]."""
    text = f'{available / GB:.1f} GB available'
    if available < LEAST_MEMORY_GB * GB:
        return Finding(State.FAULT, 'memory', text, f'end other programs: a run needs {LEAST_MEMORY_GB:g} GB')
    if available < ENOUGH_MEMORY_GB * GB:
        return Finding(State.WARNING, 'memory', text, f'setting:=baseline needs {ENOUGH_MEMORY_GB:g} GB')
    return Finding(State.OK, 'memory', text)


def shared_memory(size: float, free: float) -> Finding:
    """Judges /dev/shm, its size and what is free of it [byte]."""
    text = f'/dev/shm has {free / MB:.0f} of {size / MB:.0f} MB free'
    if free < SHARED_MEMORY_MB * MB:
        remedy = f'a run needs {SHARED_MEMORY_MB:g} MB: remove what is left over, or docker --shm-size=64m'
        return Finding(State.FAULT, 'shm', text, remedy)
    return Finding(State.OK, 'shm', text)


def leftovers(segments: Mapping[str, int], used: set[str], hidden: bool) -> Finding:
    """Judges the segments of DDS in /dev/shm.

    Args:
        segments: their sizes [byte] by name.
        used: names of those that a process has mapped.
        hidden: whether there are processes that could not be looked at, since they are other users'.
    """
    unused = sorted(segments.keys() - used)
    if unused:
        size = sum(segments[name] for name in unused) / MB
        text = f'{len(unused)} segments of DDS that nobody uses, {size:.1f} MB'
        remedy = 'when no ROS program runs, in no container either: rm /dev/shm/fast*'
        if hidden:
            return Finding(State.ASK, 'leftovers', f'{text}, if no process of another user does', remedy)
        return Finding(State.WARNING, 'leftovers', text, remedy)
    return Finding(State.OK, 'leftovers', f'{len(segments)} segments of DDS, all in use')


def other_runs(places: Sequence[str], own: str) -> Finding:
    """Judges the runs of this host.

    Args:
        places: the names that are held, as of `whole_run.place_name`.
        own: that of the run that is to be.
    """
    if own in places:
        remedy = 'end it, or set another ROS_DOMAIN_ID, or give namespace:=NAME'
        return Finding(State.FAULT, 'other runs', f'there is a {own} already', remedy)
    if places:
        remedy = 'they share its cores: a run that is to be trusted has the machine for itself'
        return Finding(State.WARNING, 'other runs', f'{len(places)} ({", ".join(places)})', remedy)
    return Finding(State.OK, 'other runs', 'none')


def discovery(domain: str, discovery_range: str, loopback_up: bool) -> Finding:
    """Judges how nodes find each other: ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE, interface lo."""
    if not (domain.isascii() and domain.isdecimal() and int(domain) <= 232):
        return Finding(State.FAULT, 'discovery', f"ROS_DOMAIN_ID is '{domain}'", 'give a number, 0 to 101')
    if not loopback_up:
        return Finding(State.FAULT, 'discovery', 'the interface lo is down', 'ip link set lo up')
    text = f'domain {domain}, {discovery_range}'
    if discovery_range == 'LOCALHOST':
        return Finding(State.OK, 'discovery', f'{text}: on lo, nobody else hears it')
    if discovery_range in ('SUBNET', 'SYSTEM_DEFAULT'):
        remedy = 'whoever is on this network can command the arm: ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST'
        return Finding(State.WARNING, 'discovery', f'{text}: on every interface', remedy)
    return Finding(State.FAULT, 'discovery', text, 'ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST')


def cell_ports(free: str | None) -> Finding:
    """Judges where a simulated arm can listen: the first loopback address with free ports, None = none."""
    if free is None:
        return Finding(State.FAULT, 'cell', 'no loopback address has free ports', 'end old simulated arms')
    return Finding(State.OK, 'cell', f'a simulated arm would listen on {free}')


def route(host: str, interface: str, wireless: bool, through_gateway: bool) -> Finding:
    """Judges the way to the controller."""
    remedy = 'give the arm a cable and a network of its own'
    if wireless:
        return Finding(State.FAULT, 'route', f'{host} is reached by radio ({interface})', remedy)
    if through_gateway:
        return Finding(State.WARNING, 'route', f'{host} is reached through a router ({interface})', remedy)
    return Finding(State.OK, 'route', f'{host} is reached through {interface}')


def address_of(host: str) -> str:
    """Returns the IPv4 address of a host.

    Raises:
        OSError: there is none.
    """
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET)[0][4][0])
    except socket.gaierror as error:
        raise OSError(f'{host} is no host that is known here ({error.strerror}): give its address') from None
