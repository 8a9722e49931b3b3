"""What ./ur5rl offline is asked to do, read and checked before anything is written."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offline_learning.training import Limits
from sac_learner.learner_check import check_learner
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import declared, settings, shipped
from ur5_rl_graph.command import words_and_options
from ur5_rl_graph.config import number_of
from ur5_rl_graph.options import Defaults

ARCHITECTURE = 'offline'
"""No file changes a setting for it."""
OPTIONS: Defaults = {
    'task': 'reaching',
    'setting': 'small',
    'seed': '0',
    'updates': 0,
    'duration': 0.0,
    'init': '',
    'init_from_other_setting': False,
    'output': '',
}


@dataclass(frozen=True)
class Plan:
    """Bags to learn from, a setting, when it is over, and where the checkpoint goes."""

    bags: tuple[str, ...]
    nodes: dict[str, dict[str, Any]]  # parameters by the name of the node
    limits: Limits
    seed: int
    folder: Path
    setting: str
    task_name: str
    init: str  # checkpoint to start from, '' = none
    anyway: bool  # start from it although it was saved in another setting

    @property
    def task(self) -> TaskConfig:
        """The task as the learner has it."""
        return settings.configuration(self.nodes, 'learner', TaskConfig)

    @property
    def about(self) -> dict[str, Any]:
        """What is to be known of it later."""
        bags = [str(Path(bag).absolute()) for bag in self.bags]
        setting = {'setting': self.setting, 'task': self.task_name, 'seed': self.seed}
        return {'bags': bags, 'init': self.init, **setting}


def plan_of(arguments: Sequence[str]) -> Plan:
    """Returns what the words of the command say.

    Raises:
        ValueError, OSError: words that it does not have, values that it cannot have; one line.
    """
    bags, chosen = words_and_options(arguments, **OPTIONS)
    if not bags:
        raise ValueError('offline needs a bag, or the folder of a run that holds one: ./ur5rl offline BAG')
    seed = int(number_of(declared.fields('learner')['seed'], chosen['seed']))
    setting = setting_file(chosen['setting'])
    nodes = run_parameters(ARCHITECTURE, setting, chosen['task'], ('learner', 'buffer_sampler'))
    name = '_'.join([ARCHITECTURE, chosen['task'], setting.stem, str(seed)])
    folder = chosen['output'] or shipped.results() / f'{time.strftime("%Y%m%d-%H%M%S")}_{name}'
    plan = Plan(
        bags=tuple(bags),
        nodes=nodes,
        limits=_limits(chosen['updates'], chosen['duration']),
        seed=seed,
        folder=Path(folder).absolute(),
        setting=setting.stem,
        task_name=chosen['task'],
        init=chosen['init'],
        anyway=chosen['init_from_other_setting'],
    )
    check_learner(nodes, plan.init, plan.anyway)
    return plan


def _limits(updates: int, duration_s: float) -> Limits:
    if updates < 0 or not 0.0 <= duration_s < math.inf:
        raise ValueError(
            f'updates is {updates} and duration is {duration_s}: neither may be negative or endless'
        )
    if not updates and not duration_s:
        raise ValueError('nothing says how long to learn: give updates:=NUMBER or duration:=SECONDS')
    return Limits(updates, duration_s)
