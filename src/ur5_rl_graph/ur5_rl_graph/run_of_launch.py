"""A run as its launch sees it: its place and identity, and the end of its own processes. For launch files."""

import secrets
import time

from launch.actions import EmitEvent, LogInfo, RegisterEventHandler, SetLaunchConfiguration
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.events.process import ShutdownProcess

from ur5_rl_graph.parameter_text import text_of
from ur5_rl_graph.whole_run import take_place

ENDS_THE_RUN = {2: 'cannot work with what it was given', 3: 'ended the run'}
"""Exit codes of a node that no restart would mend."""

_runs: list[str] = []  # identities of the runs of this launch


def begin_run(context) -> list:
    """Takes the run's place on this host and gives it an identity; returns what ends its processes.

    Before any process, and before anything is written.

    Raises:
        RuntimeError: another run works in this ROS domain and namespace; one line with the ways out.
    """
    identity = f'run_{secrets.token_hex(8)}'
    take_place(identity, _domain(context), namespace(context))
    _runs.append(identity)
    return [
        SetLaunchConfiguration('run_identity', identity),
        SetLaunchConfiguration('run_started_s', f'{time.monotonic():.3f}'),
        RegisterEventHandler(OnProcessExit(on_exit=lambda event, _: _end_run(identity, event))),
    ]


def _domain(context) -> int:
    text = context.environment.get('ROS_DOMAIN_ID') or '0'
    if not text.isdecimal():
        raise RuntimeError(f"ROS_DOMAIN_ID is '{text}'; give a number, 0 to 101")
    return int(text)


def namespace(context) -> str:
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


def _end_run(identity: str, event) -> list | None:
    """Ends a run when its recorder has seen the end, or no restart would help one of its nodes.

    The only run of a launch ends the launch; of several, each ends its own processes.
    """
    if not _belongs(identity, event.cmd):
        return None
    told = []
    if event.returncode == 0 and event.process_name.startswith('run_recorder'):
        reason = 'the run is over'
    elif event.returncode in ENDS_THE_RUN:
        reason = ENDS_THE_RUN[event.returncode]
        told = [LogInfo(msg=f'{event.process_name} {reason}: shutting down')]
    else:
        return None
    if len(_runs) == 1:
        return [*told, EmitEvent(event=Shutdown(reason=reason))]

    def own(action) -> bool:
        return _belongs(identity, (action.process_details or {}).get('cmd', ()))

    return [*told, EmitEvent(event=ShutdownProcess(process_matcher=own))]


def _belongs(identity: str, command) -> bool:
    return f'run_identity:={text_of(identity)}' in command
