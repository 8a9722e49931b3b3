"""What a run is, in one small file: run.json."""

from pathlib import Path

from run_recorder.config import RecorderConfig
from ur5_rl_graph.whole_file import write_json

FILE_NAME = 'run.json'


def write(
    config: RecorderConfig, mode: str = 'real_time', costs: str | None = None, **further: object
) -> None:
    """Writes run.json; a continued run keeps the one that it has.

    Args:
        config: says what the run is.
        mode: 'real_time' or 'virtual'.
        costs: the cost table of virtual time; None = what things cost on this machine.
        further: whatever else is to be known of it.
    """
    path = Path(config.run_folder) / FILE_NAME
    if path.exists():
        return
    values = {
        'architecture': config.architecture,
        'mode': mode,
        'task': config.task,
        'setting': config.setting_name,
        'seed': config.seed,
        'duration': config.duration,
        'costs': costs,
        'init': config.init,
    }
    write_json(path, values | further)
