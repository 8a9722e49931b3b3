"""The settings of a campaign, kept in its folder: its runs start with them, whatever is edited later."""

import dataclasses
from pathlib import Path
from typing import Any

from experiments.experiment import ROOT, setting_file
from ur5_rl_graph import settings
from ur5_rl_graph.config import check_value


def keep(folder: Path, names: tuple[str, ...], parameters: dict[str, Any]) -> dict[str, Path]:
    """Writes each setting with `parameters` on top into `folder`; returns the files by their settings.

    A file keeps the stem of its setting, so that it is still known which costs and overlays belong to it.

    Raises:
        ValueError: `folder` holds a setting of that name with other values.
        OSError: a file cannot be read or written.
    """
    kept = {}
    for name in names:
        source = setting_file(name)
        path = folder / source.name
        nodes = settings.read(source)
        nodes.setdefault(settings.EVERY_NODE, {}).update(parameters)
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            settings.write(path, nodes)
        elif settings.read(path) != nodes:
            raise ValueError(
                f'{path} has other parameters than {source} with those of the experiment now: '
                'choose another output:=, or delete the old campaign'
            )
        kept[source.stem] = path
    return kept


def for_evaluation(kept: Path, architecture: str) -> Path:
    """Returns the setting in which a policy of an architecture is evaluated: with its action cycle.

    Args:
        kept: file of the setting in the campaign's folder; the returned one lies in a folder beside it.
        architecture: its overlays say the cycle.
    """
    resolved = settings.resolve(ROOT / 'config', architecture, kept, 'reaching')[settings.EVERY_NODE]
    nodes = settings.read(kept)
    if 'action_cycle_s' in resolved:
        nodes[settings.EVERY_NODE]['action_cycle_s'] = resolved['action_cycle_s']
    path = kept.parent / architecture / kept.name
    path.parent.mkdir(exist_ok=True)
    settings.write(path, nodes)
    return path


def check_parameters(
    parameters: dict[str, Any], architectures: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """Raises ValueError for a parameter that no node has, or of a wrong value, or that would not be used."""
    known = _known_parameters() if parameters else {}
    for name, value in parameters.items():
        if name not in known:
            raise ValueError(f'parameters has {name!r}; no node has a parameter of that name')
        _check_parameter(known[name], value)
        for path in _later_files(architectures, names):
            if any(name in values for values in settings.read(path).values()):
                raise ValueError(
                    f'parameters has {name}; {path} sets it later and would win: leave it out here'
                )


def _later_files(architectures: tuple[str, ...], names: tuple[str, ...]) -> list[Path]:
    """The files that are applied after a setting."""
    folder = ROOT / 'config/settings'
    stems = ['every_setting', *(setting_file(name).stem for name in names)]
    overlays = [folder / architecture / f'{stem}.yaml' for architecture in architectures for stem in stems]
    return [path for path in (*overlays, *sorted((ROOT / 'config/tasks').glob('*.yaml'))) if path.is_file()]


def _check_parameter(field: dataclasses.Field, value: Any) -> None:
    wanted = list if isinstance(field.default, tuple) else type(field.default)
    if type(value) is not wanted and not (wanted is float and type(value) is int):
        raise ValueError(
            f'parameters: {field.name} is {value!r}; expected is {wanted.__name__} '
            f'({field.metadata["description"]})'
        )
    check_value(field, value)


def _known_parameters() -> dict[str, dataclasses.Field]:
    """The parameters of all nodes that a setting may name."""
    # Imported here: they bring torch along, which nothing else in this package needs.
    from buffer_sampler.config import BufferSamplerConfig
    from run_recorder.config import RecorderConfig
    from sac_learner.actor_config import ActorConfig
    from sac_learner.config import AgentConfig
    from sac_learner.learner_config import LearnerConfig
    from ur5_rl_env.cell.sensor_delay import DelayConfig
    from ur5_rl_env.cell.simulated_camera import SimulatedCameraConfig
    from ur5_rl_env.devices.arm_config import ArmConfig
    from ur5_rl_env.guard import GuardConfig
    from ur5_rl_env.lifecycle_config import LifecycleConfig
    from ur5_rl_env.target import TargetConfig
    from ur5_rl_env.task import TaskConfig
    from ur5_rl_env.watchdog import WatchdogConfig

    agent = (AgentConfig, ActorConfig, LearnerConfig, BufferSamplerConfig, RecorderConfig)
    environment = (TaskConfig, LifecycleConfig, TargetConfig, ArmConfig, GuardConfig, WatchdogConfig)
    cell = (SimulatedCameraConfig, DelayConfig)
    fields = [field for config in (*cell, *environment, *agent) for field in dataclasses.fields(config)]
    return {field.name: field for field in fields}
