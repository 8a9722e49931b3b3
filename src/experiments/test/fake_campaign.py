"""A campaign of small programs: fake_campaign.py FOLDER FILE.yaml SECONDS."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from experiments import campaign, runs
from experiments.experiment import load
from experiments.runs import Command
from experiments.screen import Screen
from run_reading.costs import load_costs
from ur5_rl_graph import run_files

PYTHON = (sys.executable, '-I', '-S', '-c')  # without packages, which take longer than the programs
TRAINING = """
import json, os, sys, time
from pathlib import Path
folder, seconds, run = Path(sys.argv[1]), float(sys.argv[2]), json.loads(sys.argv[3])
folder.mkdir()
(folder / 'run.json').write_text(json.dumps(run))
(folder / 'pid').write_text(str(os.getpid()))
(folder / 'clock.json').write_text('{"started": 1}')
try:
    (folder / 'learner.csv').write_text('elapsed_s,updates\\n30,1\\n')  # at work: interrupts are heard
    time.sleep(seconds)
except KeyboardInterrupt:
    (folder / 'summary.json').write_text('{"complete": false}')
    sys.exit(130)
if sys.argv[4] in folder.name:
    print('the arm fell off')
    sys.exit(2)
(folder / 'checkpoints').mkdir()
number = {'dtype': 'I64', 'shape': [], 'data_offsets': [0, 8]}
header = json.dumps({'__metadata__': {'config': '{}'}, 'updates': number}).encode()
networks = len(header).to_bytes(8, 'little') + header + (900).to_bytes(8, 'little')
(folder / 'checkpoints/learner.safetensors').write_bytes(networks)
steps = 5 if sys.argv[5] in folder.name else 1000
summary = {'complete': True, 'elapsed_s': run['duration'], 'steps': steps, 'cycle_mean_ms': 40.0}
(folder / 'summary.json').write_text(json.dumps(summary))
if run['mode'] == 'virtual':
    speed = {'virtual_s': 60, 'parts_s': {'updates': 15, 'rest': 5}}
    (folder / 'speed.json').write_text(json.dumps(speed))
"""
EVALUATION = """
import json, sys
open(sys.argv[1], 'w').write(json.dumps({'returns': [1.0] * int(sys.argv[2])}))
"""


def use_fakes(put: Callable, seconds, failing='none', unbelievable='none'):
    """Replaces, by `put` or setattr, the programs that a campaign starts."""

    def training(experiment, run, setting, folder, place):
        about = {'mode': experiment.mode, 'duration': experiment.duration, 'costs': experiment.costs}
        about |= {'init': '', 'place': place} | run._asdict()
        if experiment.mode == 'virtual':
            about['costs_ms'] = asdict(load_costs(experiment.cost_table, run.setting))
        words = [str(folder), str(seconds), json.dumps(about), failing, unbelievable]
        return Command([*PYTHON, TRAINING, *words], {})

    def evaluation(experiment, run, setting, folder):
        words = [str(folder / run_files.EVALUATION), str(experiment.evaluation_episodes)]
        return Command([*PYTHON, EVALUATION, *words], {})

    put(runs, 'training', training)
    put(runs, 'evaluation', evaluation)
    put(campaign, 'POLL_S', 0.02)


if __name__ == '__main__':
    use_fakes(setattr, float(sys.argv[3]))
    sys.exit(campaign.Campaign(load(Path(sys.argv[2])), Path(sys.argv[1]), Screen()).run())
