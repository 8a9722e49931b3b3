"""What a campaign runs: the YAML files of config/experiments."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ur5_rl_graph import parameter_file, settings, shipped
from ur5_rl_graph.architectures import SHARED_PROCESS, TASKS
from ur5_rl_graph.config import check_value, setting, typed
from ur5_rl_graph.declared import nearest
from ur5_rl_graph.parameter_file import EVERY_NODE
from ur5_rl_graph.yaml_file import read_keys

ROOT = shipped.folder()
ARCHITECTURES = tuple(SHARED_PROCESS)
MODES = ('virtual', 'real_time')
_REQUIRED = ('mode', 'duration', 'architectures', 'settings', 'tasks', 'seeds')
_LISTED = {'architectures': ARCHITECTURES, 'tasks': TASKS}


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """All combinations of architectures, settings, tasks and seeds. Raises ValueError for a wrong value."""

    mode: str = setting('virtual', 'in virtual time or in real time', choices=MODES)
    costs: str = setting('thesis', 'cost table of virtual time: a name in config/costs or a path')
    duration: float = setting(900.0, 'of each run, after the random steps [s]', low=1.0, high=1e6)
    architectures: tuple[str, ...] = setting(ARCHITECTURES, 'who does what in which process')
    settings: tuple[str, ...] = setting(('small',), 'names in config/settings, or paths of YAML files')
    tasks: tuple[str, ...] = setting(TASKS, 'what is learned')
    seeds: tuple[int, ...] = setting((1,), 'one run for each', low=0, high=2**31 - 1)
    parameters: dict = dataclasses.field(
        default_factory=dict,
        metadata={'description': 'put on top of every setting; or the setting that has them'},
    )
    evaluation_episodes: int = setting(10, 'without noise, after each run; 0 = none', low=0, high=10_000)
    init: str = setting('', 'checkpoint that every run starts from; empty = untrained')
    at_once: int = setting(0, 'runs at the same time; 0 = one a core, in real time one', low=0, high=64)

    def __post_init__(self) -> None:
        """Checks every value, and that what they name exists."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            check_value(field, value)
            if isinstance(value, tuple):
                _check_list(field.name, value)
        stems = [setting_file(name).stem for name in self.settings]
        if len(set(stems)) < len(stems):
            raise ValueError(f'settings has two files of one name: {", ".join(sorted(stems))}')
        if self.checkpoint is not None and not self.checkpoint.is_file():
            raise ValueError(f'init is {self.init}; there is no file {self.checkpoint}')

    @property
    def checkpoint(self) -> Path | None:
        """The checkpoint to start from; a relative path is one in the repository."""
        return ROOT / self.init if self.init else None

    @property
    def cost_table(self) -> str:
        """Name or path of the cost table; a relative path is one in the repository."""
        return str(ROOT / self.costs) if self.costs.endswith('.yaml') else self.costs


def load(path: Path) -> Experiment:
    """Reads an experiment.

    Raises:
        ValueError: an unknown key, a value of a wrong type or out of range; one line that names it.
        OSError: the file cannot be read.
    """
    values = read_keys(path, f'an experiment needs {", ".join(_REQUIRED)}')
    fields = {field.name: field for field in dataclasses.fields(Experiment)}
    for key in values:
        if key not in fields:
            near = nearest(str(key), fields)
            raise ValueError(f'{path}: there is no key {key!r}; the nearest of {", ".join(fields)} is {near}')
    missing = [key for key in _REQUIRED if key not in values]
    if missing:
        raise ValueError(f'{path}: {", ".join(missing)} missing')
    if values['mode'] == 'real_time' and 'costs' in values:
        raise ValueError(
            f'{path}: costs belongs to mode: virtual; in real time everything costs what it costs'
        )
    try:
        return Experiment(**{key: _typed(fields[key], value) for key, value in values.items()})
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from None


def setting_file(name: str) -> Path:
    """Returns the file of a setting; a relative path is one in the repository.

    Raises:
        ValueError: there is none.
    """
    return settings.setting_file(ROOT / 'config', name, ROOT)


def _typed(field: dataclasses.Field, value: Any) -> Any:
    """Returns the value as its field wants it; raises ValueError if it is of another type."""
    if field.name != 'parameters':
        return typed(field, value)
    if type(value) is str:
        return _of_every_node(setting_file(value))
    if type(value) is not dict:
        raise ValueError(
            f'parameters is {value!r}; expected is name: value pairs ({field.metadata["description"]})'
        )
    return value


def _of_every_node(setting: Path) -> dict[str, Any]:
    """Returns the parameters of a setting; raises ValueError if some are for one node alone."""
    nodes = parameter_file.read(setting)
    if alone := nodes.keys() - {EVERY_NODE}:
        raise ValueError(
            f"parameters is {setting}, which has values of {min(alone)}; give them to '/**' there"
        )
    return nodes.get(EVERY_NODE, {})


def _check_list(name: str, values: tuple) -> None:
    if len(set(values)) < len(values):
        raise ValueError(f'{name} names something twice: {", ".join(map(str, values))}')
    choices = _LISTED.get(name, values)
    for value in values:
        if value not in choices:
            raise ValueError(f'{name} has {value!r}; choose from {", ".join(choices)}')
