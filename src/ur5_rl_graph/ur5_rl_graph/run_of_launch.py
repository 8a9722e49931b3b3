"""A run as its launch sees it: its place and identity, and the end of its own processes. For launch files."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from launch import Action, LaunchContext
from launch.actions import EmitEvent, LogInfo, RegisterEventHandler, SetLaunchConfiguration
from launch.event_handlers import OnProcessExit, OnProcessStart
from launch.events import Shutdown
from launch.events.process import ProcessExited, ProcessStarted, ShutdownProcess

from ur5_rl_graph import declared
from ur5_rl_graph.parameter_text import text_of
from ur5_rl_graph.starts import MOST, Starts
from ur5_rl_graph.whole_run import WAYS_OUT, newly_ready, take_place, told_over

ENDS_THE_RUN = {
    2: 'cannot work with what it was given',
    3: 'ended the run',
    4: 'could not complete its run folder',
}
"""Exit codes of a node that no restart would mend."""
INCOMPLETE = 4
"""That of them which is a failure also of a run that a person ends: other nodes may be broken off by that."""
SEE_THE_END = ('run_recorder', 'bag_player', 'calibration')
"""Processes with whose good end a run, a calibration or the playing of a bag is over, where they say so."""
LAST_DOMAIN = 232  # DDS has no ports for more


@dataclass
class _Run:
    identity: str
    at_end: Callable[[], object] | None
    alive: set[int] = field(default_factory=set)  # ids of its processes
    starts: Starts = field(default_factory=Starts)
    over: bool = False
    failure: str = ''  # found while the launch was being shut down


_runs: list[_Run] = []  # of this launch
_failures: list[str] = []  # of all of them, a line each


def begin_run(
    context: LaunchContext, ways_out: str = WAYS_OUT, at_end: Callable[[], object] | None = None
) -> list:
    """Takes the run's place on this host and gives it an identity; returns what ends its processes.

    Before any process, and before anything is written.

    Args:
        context: of the launch.
        ways_out: what a person can do where the place is taken.
        at_end: called once, when the run is over and the last of its processes has ended.

    Raises:
        RuntimeError: another run works in this ROS domain and namespace; one line with the ways out.
    """
    run = _Run(f'run_{secrets.token_hex(8)}', at_end)
    take_place(run.identity, domain(context), namespace(context), ways_out=ways_out)
    _runs.append(run)
    return [
        SetLaunchConfiguration('run_identity', run.identity),
        SetLaunchConfiguration('run_started_s', f'{time.monotonic():.3f}'),
        RegisterEventHandler(OnProcessStart(on_start=lambda event, context: _on_start(run, event))),
        RegisterEventHandler(OnProcessExit(on_exit=lambda event, context: _exited(run, event, context))),
    ]


def domain(context: LaunchContext) -> int:
    """Returns the ROS domain of the run.

    Raises:
        RuntimeError: there is no such domain.
    """
    text = context.environment.get('ROS_DOMAIN_ID') or '0'
    if not (text.isascii() and text.isdecimal() and int(text) <= LAST_DOMAIN):
        raise RuntimeError(f"ROS_DOMAIN_ID is '{text}'; give a number, 0 to 101, or up to {LAST_DOMAIN}")
    return int(text)


def namespace(context: LaunchContext) -> str:
    """Returns the absolute namespace of the run, as its nodes will have it.

    Raises:
        RuntimeError: ROS 2 does not take it.
    """
    outer, own = (context.launch_configurations.get(name, '') for name in ('ros_namespace', 'namespace'))
    parts = [part for part in (own if own.startswith('/') else f'{outer}/{own}').split('/') if part]
    if not all(part.isascii() and part.isidentifier() for part in parts):
        raise RuntimeError(
            f"namespace is '{own}'; give letters, digits and _, not a digit first: robot_1 or lab/robot_1"
        )
    return '/' + '/'.join(parts)


def _on_start(run: _Run, event: ProcessStarted) -> None:
    if _belongs(run.identity, event.cmd):
        run.alive.add(event.pid)


def _exited(run: _Run, event: ProcessExited, context: LaunchContext) -> list | None:
    """Does what the end of a process asks for, and after the last one of a run what was left for then."""
    try:
        return _on_exit(run, event, context)
    finally:
        run.alive.discard(event.pid)
        if not run.alive and (run.over or context.is_shutdown) and _belongs(run.identity, event.cmd):
            at_end, run.at_end = run.at_end, None
            if at_end:
                at_end()
            if run.failure:
                raise RuntimeError(run.failure)


def _on_exit(run: _Run, event: ProcessExited, context: LaunchContext) -> list | None:
    """Ends a run when who sees its end has seen it, or no restart would help one of its nodes.

    The end of the last run of a launch ends the launch; of several, each ends its own processes. A launch
    whose run failed ends with an exception, the only way to another exit code than 0 that `launch` has. A
    node that only shows something to people ends nothing but itself.
    """
    if run.over or not _belongs(run.identity, event.cmd):
        return None
    if context.is_shutdown:
        if event.returncode == INCOMPLETE:
            run.failure = _failure(event)
        return None
    run.starts.ready(newly_ready(run.identity))
    hopeless = run.starts.hopeless(event.process_name, event.pid)
    failure = ''
    if event.returncode in ENDS_THE_RUN:
        failure = _failure(event)
    elif hopeless:
        failure = (
            f'{event.process_name} has ended {MOST} times before it was ready, at last with exit code '
            f'{event.returncode}: mend what its last lines name'
        )
    elif event.returncode != 0 or not event.process_name.startswith(SEE_THE_END):
        return None
    elif not told_over(run.identity):
        return None  # somebody has stopped it: it is started again
    if failure and not declared.needed(event.process_name.rpartition('-')[0]):
        only = ShutdownProcess(process_matcher=lambda action: _command(action) == event.cmd)
        return [LogInfo(msg=f'{failure}; the run goes on without it'), EmitEvent(event=only)]
    run.over = True
    if failure:
        _failures.append(failure)
    if not all(other.over for other in _runs):
        return [*([LogInfo(msg=failure)] if failure else []), _end_of(run)]
    if _failures:
        raise RuntimeError('; '.join(_failures))
    return [EmitEvent(event=Shutdown(reason='the run is over'))]


def _failure(event: ProcessExited) -> str:
    return f'{event.process_name} {ENDS_THE_RUN[event.returncode]}: its last line says why'


def _end_of(run: _Run) -> EmitEvent:
    def own(action: Action) -> bool:
        return _belongs(run.identity, _command(action))

    return EmitEvent(event=ShutdownProcess(process_matcher=own))


def _command(action: Action) -> Sequence[str]:
    """The words with which a process was started, none where it was not yet."""
    return (action.process_details or {}).get('cmd', ())


def _belongs(identity: str, command: Sequence[str]) -> bool:
    return f'run_identity:={text_of(identity)}' in command
