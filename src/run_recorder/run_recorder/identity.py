"""What a run is, in one small file: run.json."""

import json
from pathlib import Path

from run_recorder.config import RecorderConfig

FILE_NAME = 'run.json'


def write(config: RecorderConfig) -> None:
    """Writes run.json of a real-time run; a continued run keeps the one that it has."""
    path = Path(config.run_folder) / FILE_NAME
    if path.exists():
        return
    values = {
        'architecture': config.architecture,
        'mode': 'real_time',
        'task': config.task,
        'setting': config.setting_name,
        'seed': config.seed,
        'duration': config.duration,
        'costs': None,  # of this machine
        'init': config.init,
    }
    part = path.with_suffix('.part')
    part.write_text(json.dumps(values, indent=1) + '\n')
    part.replace(path)
