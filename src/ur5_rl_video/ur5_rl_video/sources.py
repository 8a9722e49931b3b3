"""What a film is of: a checkpoint, the last one of a run, or a bag."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from run_reading import identity
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy
from sac_learner.saved_setting import saved_setting
from ur5_rl_bags.carried import identity_of, parameters_of
from ur5_rl_bags.reader import KINDS, Bag
from ur5_rl_bags.robots import namespace_of
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import declared, parameter_file, run_files, topics
from ur5_rl_graph.architectures import TASKS
from ur5_rl_graph.settings import configuration
from ur5_rl_video import recorded
from ur5_rl_video.filmed_policy import act
from ur5_rl_video.moments import Episode

SETTING = 'small'
"""Of a checkpoint or a bag for which none is named."""
PARAMETERS = (run_files.PARAMETERS, run_files.CONFIGURATION)
"""What the nodes of a run were given, in its folder; the second where it was in virtual time."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is to be shown, and how."""

    name: str
    parameters: dict  # of all nodes, by their names
    weights: dict[str, np.ndarray] | None  # of the policy that is drawn; None = not known
    play: Callable[[Callable[[Episode], None]], None]  # has each episode taken

    @property
    def agent(self) -> AgentConfig:
        """Of the policy."""
        return configuration(self.parameters, 'actor', AgentConfig)

    @property
    def task(self) -> TaskConfig:
        """Of the episodes; the first where there are several."""
        return configuration(self.parameters, 'environment', TaskConfig)

    @property
    def scene(self) -> SceneConfig:
        """The room."""
        return configuration(self.parameters, 'robot_cell', SceneConfig)


def find(path: Path, chosen: dict, tell: Callable[[str], object]) -> Source:
    """Returns what a path leads to.

    Args:
        path: of a checkpoint, of the folder of a run, of a bag.
        chosen: episodes, seed, task, setting, namespace and checkpoint, '' where none is chosen.
        tell: gets a line for what a bag lacks.

    Raises:
        ValueError, OSError: nothing that can be shown; one line.
    """
    if not path.exists():
        raise ValueError(f'there is no {path}; give a run folder, a checkpoint or a bag')
    if path.is_file() and path.suffix not in KINDS:
        run = run_of(*path.absolute().parents[:2])
        return _acting(path, run.name if run else path.stem, run, chosen)
    run = run_of(path)
    if run and (path / run_files.CHECKPOINT).is_file():
        return _acting(path / run_files.CHECKPOINT, path.name, run, chosen)
    if run and not (path / run_files.BAG).is_dir():
        raise ValueError(f'{path} holds neither {run_files.CHECKPOINT} nor a bag: there is nothing to show')
    return _recorded(path, chosen, tell)


def run_of(*folders: Path) -> Path | None:
    """Returns the first folder that says which run it is; one with checkpoints alone may be anybody's."""
    return next((folder for folder in folders if (folder / run_files.IDENTITY).is_file()), None)


def _acting(checkpoint: Path, name: str, run: Path | None, chosen: dict) -> Source:
    if chosen['checkpoint']:
        raise ValueError(f'checkpoint is {chosen["checkpoint"]}; it is for a bag, and {checkpoint} is shown')
    tasks = _tasks(chosen['task'] or (identity.read(run)['task'] if run else TASKS[0]))
    of_task = {task: _parameters(run, chosen['setting'], task) for task in tasks}

    def play(take: Callable[[Episode], None]) -> None:
        for task, parameters in of_task.items():
            act(checkpoint, parameters, chosen['seed'], chosen['episodes'], task, take)

    parameters = of_task[tasks[0]]
    return Source(name=name, parameters=parameters, weights=_weights(checkpoint, parameters), play=play)


def _recorded(path: Path, chosen: dict, tell: Callable[[str], object]) -> Source:
    folder = path.parent if path.is_file() else path
    run = run_of(folder, folder.absolute().parent)
    with Bag(path) as bag:  # what is wrong with it is said before anything is begun
        space = namespace_of(bag, chosen['namespace'], topics.TRANSITION.name)
        bag.need([space + topic.name for topic in recorded.NEEDED])
        task = chosen['task'] or identity_of(bag).get('task', TASKS[0])
        own = {} if chosen['setting'] else parameters_of(bag)
    parameters = own or _parameters(run, chosen['setting'], task)
    weights = _weights(Path(chosen['checkpoint']), parameters) if chosen['checkpoint'] else None
    if weights is None:
        tell(
            f'{path}: the policy that acted is not in it: no positions are drawn; checkpoint:=FILE names one'
        )

    def play(take: Callable[[Episode], None]) -> None:
        with Bag(path) as bag:
            for episode in recorded.episodes(bag, space, chosen['episodes'], task, tell):
                take(episode)

    return Source(name=(run or folder).name, parameters=parameters, weights=weights, play=play)


def _weights(checkpoint: Path, parameters: dict) -> dict[str, np.ndarray]:
    agent = configuration(parameters, 'actor', AgentConfig)
    task = configuration(parameters, 'actor', TaskConfig)
    return load_policy(checkpoint, saved_setting(agent, task))[0]


def _tasks(text: str) -> list[str]:
    tasks = list(dict.fromkeys(text.split(',')))
    wrong = [task for task in tasks if task not in TASKS]
    if wrong:
        raise ValueError(f"task is '{text}'; choose {', '.join(TASKS)}, or both with a comma")
    return tasks


def _parameters(run: Path | None, setting: str, task: str) -> dict:
    """Those of an evaluation in a setting, or in that of a run, whatever has been edited since."""
    if setting or run is None:
        return run_parameters('evaluate', setting_file(setting or SETTING), task)
    path = next((run / name for name in PARAMETERS if (run / name).is_file()), None)
    if path is None:
        raise ValueError(f'{run} holds no {PARAMETERS[0]}; name the setting of the run: setting:=NAME')
    nodes = {
        node: {name: value for name, value in values.items() if not declared.giver(node, name)}
        for node, values in parameter_file.read(path, None).items()
    }
    with TemporaryDirectory(prefix='setting_') as folder:
        copy = Path(folder) / 'setting.yaml'
        parameter_file.write(copy, nodes)
        return run_parameters('evaluate', copy, task)
