"""Runs one of the architectures, or evaluates a checkpoint, in virtual time.

python -m virtual_time seq_sac|async_sac_1|async_sac_2|evaluate [name:=value ...]
"""

import errno
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from run_reading import identity, speed
from run_reading.costs import load_costs, table_of
from run_reading.evaluation import evaluation
from run_reading.report.making import make_within
from run_reading.report.report_config import ReportConfig
from run_recorder import identity_file, resume
from run_recorder.progress_line import line, summary
from run_recorder.recorder_config import RecorderConfig
from sac_learner.learner_check import check_learner
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_graph import parameter_file, run_files, shipped
from ur5_rl_graph.architectures import SHARED_PROCESS
from ur5_rl_graph.command import command
from ur5_rl_graph.options import Defaults, options
from ur5_rl_graph.settings import configuration
from ur5_rl_graph.whole_file import write_json
from ur5_rl_graph.whole_run import alone_in
from ur5_rl_graph.writing import keep_printing
from virtual_time.lab import Lab, Plan, evaluation_lab

OPTIONS: Defaults = {
    'task': 'reaching',
    'setting': 'small',
    'seed': 0,
    'duration': 900.0,
    'costs': '',
    'init': '',
    'init_from_other_setting': False,
    'replay': '',
    'output': '',
}
EVALUATION_OPTIONS: Defaults = {
    'checkpoint': '',
    'task': 'reaching',
    'setting': 'small',
    'seed': 12345,
    'episodes': 10,
    'output': '',
}
NODES = (
    'actor',
    'arm_driver',
    'buffer_sampler',
    'environment',
    'learner',
    'robot_cell',
    'run_recorder',
    'target_monitor',
)
"""Whose configurations a run is made of."""
LINE_S = 10.0  # wall time between two progress lines


@command
def main(argv: Sequence[str]) -> int:
    """Runs; returns the exit code."""
    keep_printing()
    if not argv or argv[0] not in (*SHARED_PROCESS, 'evaluate'):
        raise ValueError(f'the first word must be one of {", ".join(SHARED_PROCESS)}, evaluate')
    if argv[0] != 'evaluate':
        return train(argv[0], options(argv[1:], **OPTIONS))
    evaluate(options(argv[1:], **EVALUATION_OPTIONS))
    return 0


def train(architecture: str, chosen: dict) -> int:
    """Runs an architecture for its duration and leaves a run folder; returns 1 where that lacks something."""
    if not chosen['duration']:
        raise ValueError('duration is 0: a run without end; give seconds, such as 900')
    setting = setting_file(chosen['setting'])
    parameters = run_parameters(architecture, setting, chosen['task'], NODES)
    chosen['costs'] = chosen['costs'] or table_of(setting.stem)
    costs = load_costs(chosen['costs'], setting.stem)
    run = '_'.join([architecture, chosen['task'], setting.stem, str(chosen['seed'])])
    folder = Path(chosen['output'] or shipped.results() / f'{time.strftime("%Y%m%d-%H%M%S")}_virtual_{run}')
    check_beginning(chosen, parameters)
    about = RecorderConfig(
        run_folder=str(folder),
        architecture=architecture,
        task=chosen['task'],
        setting_name=setting.stem,
        seed=chosen['seed'],
        init=chosen['init'],
        replay=chosen['replay'],
        duration=chosen['duration'],
    )
    plan = Plan(
        parameters=parameters,
        costs=costs,
        seed=chosen['seed'],
        folder=folder,
        title=f'{run.replace("_", " ")}, virtual time',
        duration_s=chosen['duration'],
    )
    with alone_in(folder):
        return _fulfil(plan, about, chosen)


def _fulfil(plan: Plan, about: RecorderConfig, chosen: dict) -> int:
    folder = plan.folder
    refused = parameter_file.wrote(folder / run_files.CONFIGURATION)  # which leaves an identity, too
    traces = (name for name in identity.TRACES if not (refused and name == run_files.IDENTITY))
    if any((folder / name).exists() for name in traces):
        raise ValueError(
            f'{folder} holds a run, and a virtual one begins at the beginning: choose another output'
        )
    resume.refuse_anothers(folder)
    with no_folder_left(folder):
        folder.mkdir(parents=True, exist_ok=True)
        parameter_file.write(folder / run_files.CONFIGURATION, plan.parameters)
        (folder / run_files.IDENTITY).unlink(missing_ok=True)  # of a start that was refused
        identity_file.write(about, 'virtual', chosen['costs'], costs_ms=asdict(plan.costs))
        lab = begin(plan, about.architecture, chosen)
    try:
        lab.run(Teller(lab))
        saved = lab.save(folder / run_files.CHECKPOINT)
        print(summary(lab.recording.progress(lab.now_s), lab.lost), flush=True)
    finally:
        lab.close()
    tell_speed(lab, folder)
    report(folder, plan.parameters)
    print(lab.recording.state, flush=True)
    return 0 if saved and not lab.recording.lacking else 1


@contextmanager
def no_folder_left(folder: Path) -> Iterator[None]:
    """Has what cannot begin leave no folder, where there was none; a full disk is told with its name."""
    new = not folder.exists()
    try:
        yield
    except (ValueError, OSError) as error:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ValueError(
                f'output is {folder}, whose disk is full ({error.strerror}): free space, or choose another'
            ) from None
        raise


def begin(plan: Plan, architecture: str, chosen: dict) -> Lab:
    """Returns a lab in which all begin to learn."""
    lab = Lab(plan)
    try:
        lab.train(architecture, chosen['init'], chosen['init_from_other_setting'], chosen['replay'])
    except BaseException:
        lab.close()
        raise
    return lab


def check_beginning(chosen: dict, parameters: dict) -> None:
    """Refuses what a run cannot begin with, before anything is written; makes the paths absolute."""
    check_learner(parameters, chosen['init'], chosen['init_from_other_setting'])
    if chosen['init']:
        chosen['init'] = str(Path(chosen['init']).absolute())  # by which runs are told apart
    if chosen['replay']:
        from offline_learning import beginning  # reads bags with ROS' messages, which else nothing here needs

        chosen['replay'] = beginning.check(chosen['replay'], parameters)


def evaluate(chosen: dict) -> None:
    """Has a checkpoint act for some episodes without noise and prints their returns."""
    if not chosen['checkpoint']:
        raise ValueError(f"checkpoint is ''; give the path of a run's {run_files.CHECKPOINT}")
    if not chosen['episodes']:
        raise ValueError('episodes is 0: an evaluation without end; give 1 or more')
    path = Path(chosen['output'])
    if chosen['output'] and (
        path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK)
    ):
        raise ValueError(f'output is {path}, which cannot be written: give a file in a folder that is there')
    parameters = run_parameters('evaluate', setting_file(chosen['setting']), chosen['task'])
    with evaluation_lab(parameters, chosen['seed'], chosen['episodes']) as lab:
        lab.evaluate(Path(chosen['checkpoint']))
        lab.run(lambda: None)
        found = evaluation(lab.recording.figures.curve.returns)
    for number, value in enumerate(found['returns'], 1):
        print(f'episode {number} return {value:.1f}')
    print(f'mean {found["mean"]:.1f}, sd {found["sd"]:.1f}')
    print(lab.speed.line, flush=True)
    if chosen['output']:
        write_json(path, found)
        if identity.holds_run(path.parent):  # that of a campaign: its report tells of it, too
            report(path.parent, parameters)


def tell_speed(lab: Lab, folder: Path) -> None:
    """Prints how fast a run went and where the time went, and keeps it in the run folder."""
    path, found = folder / run_files.SPEED, lab.speed
    if not lab.recording.writing.attempt(path, lambda: speed.write(path, found)):
        lab.recording.lacking.append(path.name)
    print(found.line, flush=True)


def report(folder: Path, parameters: dict) -> None:
    """Has the report of a run made, as long as the run's parameters give it."""
    config = configuration(parameters, 'launch', ReportConfig)
    if told := make_within(folder, config.report_limit_s):
        print(told, flush=True)


class Teller:
    """Prints a progress line every ten seconds of wall time."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._told = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._told >= LINE_S:
            self._told = now
            progress = line(self._lab.recording.progress(self._lab.now_s))
            print(f'{progress} | {self._lab.speed.times_real_time:.1f} times real time', flush=True)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
