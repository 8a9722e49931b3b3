"""Writes what a run is: run.json."""

from pathlib import Path

from run_reading.identity import KINDS, origins
from run_recorder.recorder_config import RecorderConfig
from ur5_rl_graph import run_files
from ur5_rl_graph.provenance import origin
from ur5_rl_graph.whole_file import read_object, write_json


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
    path = Path(config.run_folder) / run_files.IDENTITY
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


def _grown(kept: dict[str, object], here: dict[str, str]) -> list[dict[str, str]]:
    known = origins(kept)
    return known if known and known[-1] == here else [*known, here]
