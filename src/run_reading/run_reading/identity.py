"""What a run is, in one small file: run.json; and whether a folder holds one."""

from pathlib import Path
from typing import Any

from run_reading.columns import TABLES
from ur5_rl_graph import run_files
from ur5_rl_graph.whole_file import read_object

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
TRACES = (
    run_files.IDENTITY,
    *TABLES,
    run_files.CLOCK,
    run_files.ENVIRONMENT,
    run_files.OUTCOME,
    'checkpoints',
    run_files.REPLAY,
)
"""What only a run leaves in its folder."""


def read(folder: Path) -> dict[str, Any]:
    """Returns what the run in `folder` is: `KINDS`, `TEXTS` and `costs_ms`, empty where there is none.

    Raises:
        ValueError: run.json is missing or damaged; one line with its path.
    """
    path = folder / run_files.IDENTITY
    try:
        found = read_object(path, KINDS)
    except FileNotFoundError:
        raise ValueError(f'{path} is missing: it says what the run was') from None
    values = {name: found[name] for name in KINDS}
    texts = {name: found.get(name) for name in TEXTS}
    values |= {name: text if isinstance(text, str) else '' for name, text in texts.items()}
    costs_ms = found.get('costs_ms')
    return values | {'costs_ms': costs_ms if isinstance(costs_ms, dict) else {}}


def holds_run(folder: Path) -> bool:
    """Whether a run has been recorded in `folder`."""
    return any((folder / name).exists() for name in TRACES)


def origins(about: dict[str, Any]) -> list[dict[str, str]]:
    """Returns the code and the machines that a run went on with, the first first, as run.json says it."""
    found = about.get('origins')
    parts = [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []
    return [{str(name): str(text) for name, text in part.items()} for part in parts]
