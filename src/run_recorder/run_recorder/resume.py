"""A run that is resumed: its launch arguments are those that its folder tells."""

from pathlib import Path
from typing import Any

from run_reading import identity
from ur5_rl_graph import declared, parameter_file, run_files, settings
from ur5_rl_graph.architectures import SHARED_PROCESS
from ur5_rl_graph.whole_file import read_values


def refuse_used(folder: Path) -> None:
    """Raises ValueError where `folder` holds a run, or a file of somebody else that one would write."""
    if identity.holds_run(folder):
        raise ValueError(
            f'output is {folder}, which holds a run: resume:={folder} goes on with one that learns; '
            'a new run needs a new folder'
        )
    refuse_anothers(folder)


def refuse_anothers(folder: Path) -> None:
    """Raises ValueError where `folder` holds a file that a run would write, not left by a refused one."""
    for name in (run_files.PARAMETERS, run_files.CONFIGURATION):
        if (folder / name).exists() and not parameter_file.wrote(folder / name):
            raise ValueError(
                f'output is {folder}, whose {name} is of no start of a run there: '
                'a run would write over it; choose a new folder'
            )


def arguments(folder: Path, given: dict[str, str]) -> dict[str, str]:
    """Returns the launch arguments with which the run in `folder` goes on.

    Args:
        folder: of the run.
        given: architecture, and the arguments that the command names; '' counts as not named.

    Raises:
        ValueError: there is no run, it is damaged or virtual, or something given is not the run's own; one
            line that names both.
        OSError: a file cannot be read.
    """
    if not folder.is_dir():
        raise ValueError(f'resume is {folder}; there is no such folder: give the folder of a run')
    try:
        about = identity.read(folder)
        nodes = parameter_file.read(folder / run_files.PARAMETERS, None)
        if not nodes.get(parameter_file.EVERY_NODE):
            raise ValueError(
                f'{folder / run_files.PARAMETERS} is damaged (it names no parameters of all nodes)'
            )
    except (ValueError, OSError) as error:
        why = f'{error.filename}: {error.strerror}' if isinstance(error, OSError) else error
        checkpoint = folder / run_files.CHECKPOINT
        instead = f'a new run may start from its networks: init:={checkpoint}'
        raise ValueError(
            f'{folder} cannot be resumed: {why}; {instead if checkpoint.is_file() else "begin a new run"}'
        ) from None
    if about['mode'] != 'real_time' or about['architecture'] not in SHARED_PROCESS:
        raise ValueError(
            f'{folder} holds a run in virtual time or an evaluation: these always begin at the beginning'
        )
    if given.get('output'):
        raise ValueError(
            f'output is {given["output"]} and resume is {folder}: '
            'a run goes on in its own folder; leave output out'
        )
    known = {name: str(about[name]) for name in ('architecture', 'task', 'setting', 'seed', 'init', 'replay')}
    for name, value in (known | _of_setting(nodes)).items():
        chosen = given.get(name, '')
        if chosen and _plain(name, chosen) != _plain(name, value):
            raise ValueError(
                f'{name} is {chosen}, but the run in {folder} has {value or "none"}: '
                'leave it out, or start a new run'
            )
    _check_arm(folder, str(about['robot_ip']), given.get('robot_ip', ''))
    del known['architecture']
    duration = given.get('duration') or str(about['duration'])
    _check_time_is_left(folder, _plain('duration', duration))
    return known | {'duration': duration, 'output': str(folder)}


def _of_setting(nodes: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Returns what the run has of the arguments that are the setting's where they are left out."""
    given, declares = settings.of_node(nodes, 'environment'), declared.fields('environment')
    names = {'action_cycle': 'action_cycle_s', 'robot_model': 'robot_model'}
    return {name: str(given.get(own, declares[own].default)) for name, own in names.items()}


def _check_time_is_left(folder: Path, duration: str | float) -> None:
    """Nothing starts for a run that is over; one whose folder lacks its summary is let complete it."""
    try:
        complete = read_values(folder / run_files.OUTCOME, {'complete': bool})['complete']
        elapsed_s = read_values(folder / run_files.CLOCK, {'elapsed_s': float})['elapsed_s']
    except (ValueError, OSError):
        return
    if complete and isinstance(duration, float) and 0.0 < duration <= elapsed_s:
        raise ValueError(
            f'the run in {folder} is complete and has had {elapsed_s:.0f} s of {duration:g} s: '
            'give a larger duration:=, which is the total'
        )


def _plain(name: str, value: str) -> str | float:
    """What of an argument is compared."""
    if name == 'setting':
        return Path(value).stem if value.endswith(('.yaml', '.yml')) else value
    if name in ('init', 'replay'):
        return ','.join(str(Path(part).absolute()) for part in value.split(',')) if value else ''
    try:
        return float(value)
    except ValueError:
        return value


def _check_arm(folder: Path, own: str, given: str) -> None:
    if bool(own) != bool(given):
        was, would = (f'the real arm {ip}' if ip else 'a simulated arm' for ip in (own, given))
        raise ValueError(
            f'the run in {folder} is of {was}, this would be {would}: '
            + (f'give robot_ip:={own}' if own else 'leave robot_ip out')
        )
