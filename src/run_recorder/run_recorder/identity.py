"""What a run is, in one small file: run.json; and whether a folder holds one."""

from pathlib import Path

from run_recorder.columns import TABLES
from run_recorder.config import RecorderConfig
from ur5_rl_graph.provenance import origin
from ur5_rl_graph.whole_file import read_object, write_json

FILE_NAME = 'run.json'
KINDS = {
    'architecture': str,
    'mode': str,
    'task': str,
    'setting': str,
    'seed': int,
    'duration': float,
}
"""What run.json says of every run."""
TEXTS = ('init', 'replay', 'costs', 'robot_ip')
TRACES = (FILE_NAME, *TABLES, 'clock.json', 'environment.json', 'summary.json', 'checkpoints', 'replay')
"""What only a run leaves in its folder."""


def read(folder: Path) -> dict[str, object]:
    """Returns what the run in `folder` is: `KINDS` and `TEXTS`, '' where there is none of these.

    Raises:
        ValueError: run.json is missing or damaged; one line with its path.
    """
    path = folder / FILE_NAME
    try:
        found = read_object(path, KINDS)
    except FileNotFoundError:
        raise ValueError(f'{path} is missing: it says what the run was') from None
    values = {name: found[name] for name in KINDS}
    texts = {name: found.get(name) for name in TEXTS}
    return values | {name: text if isinstance(text, str) else '' for name, text in texts.items()}


def holds_run(folder: Path) -> bool:
    """Whether a run has been recorded in `folder`."""
    return any((folder / name).exists() for name in TRACES)


def write(
    config: RecorderConfig,
    mode: str = 'real_time',
    costs: str | None = None,
    over: bool = False,
    **further: object,
) -> str:
    """Writes run.json; returns '' or one line that says that it was damaged.

    A continued run keeps the one that it has, but for its duration where it is not `over`, and for what
    it went on with: code or machine that differ from the last are added to its `origins`.

    Args:
        config: says what the run is.
        mode: 'real_time' or 'virtual'.
        costs: the cost table of virtual time; None = what things cost on this machine.
        over: the run goes on no more, whatever duration is asked for.
        further: whatever else is to be known of it.
    """
    path = Path(config.run_folder) / FILE_NAME
    values = {
        'architecture': config.architecture,
        'mode': mode,
        'task': config.task,
        'setting': config.setting_name,
        'seed': config.seed,
        'duration': config.duration,
        'costs': costs,
        'init': config.init,
        'replay': config.replay,
        'robot_ip': config.robot_ip,
    }
    here, damage = origin(), ''
    values = values | further | {'origins': [here]}
    if path.exists():
        try:
            kept = read_object(path, KINDS)
            values = kept if over else kept | {'duration': config.duration, 'origins': _grown(kept, here)}
        except ValueError as error:
            damage = f'{error}: written anew, as this run was started'
    write_json(path, values)
    return damage


def origins(about: dict[str, object]) -> list[dict[str, str]]:
    """Returns the code and the machines that a run went on with, the first first, as run.json says it."""
    found = about.get('origins')
    parts = [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []
    return [{str(name): str(text) for name, text in part.items()} for part in parts]


def _grown(kept: dict[str, object], here: dict[str, str]) -> list[dict[str, str]]:
    known = origins(kept)
    return known if known and known[-1] == here else [*known, here]
