"""A run on this host: its place, which no other run may take, and the end of its nodes with its launch."""

import contextlib
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ur5_rl_graph import declared, holds

END_S = 20.0
"""What a node gets to end in order after its launch has gone, as long as the launch itself would give it."""
NODE_ENDS_S = END_S + 2.0
"""How long a new run waits for a node of one whose launch has gone: it is killed by then."""
READY_S = 3.0
"""After so long a process whose nodes are made counts as ready."""
WAYS_OUT = 'end it, or set another ROS_DOMAIN_ID, or give namespace:=NAME'
"""Of who finds the place of a run taken."""
AGAIN_S = 0.5
"""Between two looks at whether it still works."""


def launch_name(identity: str) -> str:
    """Returns the name that the launch of a run holds while it lives."""
    return f'launch of {identity}'


def ready_name(identity: str) -> str:
    """Returns the name that the launch of a run holds for those of its processes that are ready."""
    return f'ready in {identity}'


def over_name(identity: str) -> str:
    """Returns the name that the launch of a run holds for who sees the end of the run."""
    return f'end of {identity}'


def place_name(domain: int, namespace: str) -> str:
    """Returns the name of the one run in a ROS domain and namespace (absolute, such as /)."""
    return f'run in domain {domain} {namespace}'


def driver_name(domain: int, namespace: str) -> str:
    """Returns the name of the one arm_driver in a ROS domain and namespace."""
    return f'arm_driver in domain {domain} {namespace}'


def user_name(folder: Path, node: str) -> str:
    """Returns the name of the one node of its kind that works with a run folder."""
    return f'{node} in run folder {folder.resolve()}'


def take_place(
    identity: str,
    domain: int,
    namespace: str,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    ways_out: str = WAYS_OUT,
) -> None:
    """Holds the place of a run until this process ends.

    A run whose launch was killed leaves the place at once, and its arm_driver within `NODE_ENDS_S`: that is
    waited for, with one line.

    Args:
        identity: of the run.
        domain: ROS domain.
        namespace: absolute, such as /.
        clock: monotonic time [s].
        sleep: waits so many seconds.
        ways_out: what a person can do where another run works there.

    Raises:
        RuntimeError: another run works there; one line with the ways out.
    """
    where = f'ROS domain {domain}, namespace {namespace} of this host'
    try:
        holds.hold(place_name(domain, namespace))
    except holds.HeldError as error:
        raise RuntimeError(f'a run works in {where} already (process {error.holder}): {ways_out}') from None
    try:
        _await_end('arm_driver', driver_name(domain, namespace), where, ways_out, clock, sleep)
    except BaseException:  # an interrupt, too
        holds.release(place_name(domain, namespace))
        raise
    holds.hold(launch_name(identity))
    holds.hold(ready_name(identity))
    holds.hold(over_name(identity))


def tell_ready(identity: str) -> Callable[[], None]:
    """Tells the launch of a run, in a moment, that this process can work: its nodes are made and stay.

    Returns at once. What ends within `READY_S` was never ready: what fails with the first message, too.

    Returns:
        What keeps it from being told.
    """
    telling = threading.Timer(READY_S, holds.visit, (ready_name(identity),))
    telling.daemon = True
    if identity:
        telling.start()
    return telling.cancel


def newly_ready(identity: str) -> set[int]:
    """Returns the ids of the processes that have told the launch of a run, this one, that they are ready."""
    return holds.visitors(ready_name(identity))


def tell_over(identity: str) -> None:
    """Tells the launch of a run that the run is over; a process that is only stopped does not."""
    holds.visit(over_name(identity))


def told_over(identity: str) -> bool:
    """Returns whether the launch of a run, this one, has been told since the last call that it is over."""
    return bool(holds.visitors(over_name(identity)))


def take_folder(
    folder: Path,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Holds the folder of a run until this process ends.

    Nodes whose launch was killed still write their last there, within `NODE_ENDS_S`: that is waited for.

    Args:
        folder: of the run.
        clock: monotonic time [s].
        sleep: waits so many seconds.

    Raises:
        ValueError: another program works there; one line with the ways out.
        RuntimeError: so does a node without a launch.
    """
    _hold_folder(folder)
    for node in declared.NODES:
        ways_out = 'end it, or choose another output'
        _await_end(node, user_name(folder, node), str(folder), ways_out, clock, sleep)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keeps other programs from writing a run into `folder` meanwhile.

    Raises:
        ValueError: another one works there; one line with the ways out.
    """
    name = _hold_folder(folder)
    try:
        yield
    finally:
        holds.release(name)


def _hold_folder(folder: Path) -> str:
    name = f'run folder {folder.resolve()}'
    try:
        holds.hold(name)
    except holds.HeldError as error:
        raise ValueError(
            f'a run is at work in {folder} already (process {error.holder}): end it, or choose another output'
        ) from None
    return name


def use_folder(folder: Path, node: str) -> None:
    """Lets launches know that this process works with a run folder, as this node, until it ends."""
    with contextlib.suppress(holds.HeldError):  # started by hand beside another one
        holds.hold(user_name(folder, node))


def _await_end(
    node: str,
    name: str,
    where: str,
    ways_out: str,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Waits until nobody holds `name`, that of a node without a launch; RuntimeError if it does not end."""
    holder = holds.holder(name)
    if holder is None:
        return
    print(
        f'{node} without a launch works in {where} (process {holder}): waiting up to '
        f'{NODE_ENDS_S:.0f} s for it, as the launch of its run may just have been killed',
        file=sys.stderr,
        flush=True,
    )
    give_up_at = clock() + NODE_ENDS_S
    while (holder := holds.holder(name)) is not None:
        if clock() >= give_up_at:
            raise RuntimeError(
                f'{node} without a launch works in {where} (process {holder}) and has not ended '
                f'within {NODE_ENDS_S:.0f} s: {ways_out}'
            )
        sleep(AGAIN_S)


def hold_driver(domain: int, namespace: str) -> None:
    """Holds the place of the one arm_driver until this process ends.

    Raises:
        ValueError: there is one already.
    """
    try:
        holds.hold(driver_name(domain, namespace))
    except holds.HeldError as error:
        raise ValueError(
            f'an arm_driver works in ROS domain {domain}, namespace {namespace} of this host already '
            f'(process {error.holder}): end it, or set another ROS_DOMAIN_ID'
        ) from None


def end_with_launch(identity: str) -> None:
    """Ends this process in order when the launch of its run has gone, however, whatever stood between.

    Returns at once. A node that was started by hand (no identity) has no launch to end with.
    """
    if identity:
        threading.Thread(target=_end_after_launch, args=(identity,), name='launch', daemon=True).start()


def drop_pipes() -> None:
    """Lets what is printed into pipes go nowhere: their reader is gone or going; no line may stop an end."""
    for stream in (sys.stdout, sys.stderr):
        if stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _end_after_launch(identity: str) -> None:
    reason = 'the launch of this run has gone'
    try:
        holds.await_release(launch_name(identity))
    except Exception as error:  # a watch that fails must not leave a node that nobody ends
        reason = f'the launch of this run cannot be watched any more ({type(error).__name__}: {error})'
    with contextlib.suppress(BrokenPipeError):
        print(f'{reason}: ending', file=sys.stderr, flush=True)
    drop_pipes()
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(END_S)
    os.kill(os.getpid(), signal.SIGKILL)
