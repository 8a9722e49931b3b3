"""The shipped settings, in every architecture: what they name exists and fits together."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from buffer_sampler.config import BufferSamplerConfig
from experiments.experiment import load as load_experiment
from run_recorder.recorder_config import RecorderConfig
from sac_learner.actor_config import ActorConfig
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_policy, load_start
from sac_learner.learner import SacLearner
from sac_learner.learner_config import LearnerConfig
from sac_learner.saved_setting import saved_setting
from ur5_cell.simulated_camera import SimulatedCameraConfig
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.target import TargetConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.parameter_file import EVERY_NODE, read
from ur5_rl_graph.settings import resolve

CONFIG = Path(__file__).resolve().parents[1] / 'config'
SETTINGS = sorted((CONFIG / 'settings').glob('*.yaml'), key=lambda path: path.stem)
ARCHITECTURES = ('seq_sac', 'async_sac_1', 'async_sac_2', 'evaluate')
CONFIGS = (AgentConfig, BufferSamplerConfig, LifecycleConfig, TaskConfig)
FURTHER = {'weights_period_s', 'random_hold_steps', 'deterministic'}  # of learner and actor, which need ROS


def values_of(architecture, setting):
    nodes = resolve(CONFIG, architecture, setting, 'reaching')
    assert nodes.keys() == {EVERY_NODE}
    return nodes[EVERY_NODE] | {'run_folder': '-'}


def make(kind, values):
    """The configuration that a node of `kind` makes of the parameters."""
    names = {field.name for field in dataclasses.fields(kind)}
    chosen = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items() if key in names}
    return kind(**chosen)


@pytest.mark.parametrize('architecture', ARCHITECTURES)
@pytest.mark.parametrize('setting', SETTINGS, ids=lambda path: path.stem)
def test_a_setting_is_valid_in_every_architecture(architecture, setting):
    values = values_of(architecture, setting)
    known = {field.name for kind in CONFIGS for field in dataclasses.fields(kind)}
    assert values.keys() - known == values.keys() & FURTHER
    _, buffer, _, task = (make(kind, values) for kind in CONFIGS)
    for name in ('action_cycle_s', 'camera_period_s', 'episode_s'):
        assert getattr(buffer, name) == getattr(task, name)
    assert buffer.observation_shape == task.observation_shape


def test_what_several_nodes_take_has_one_default():
    """Else a setting that leaves it out gives them different values."""
    kinds = (*CONFIGS, ActorConfig, LearnerConfig, RecorderConfig, ArmConfig, TargetConfig)
    fields = [field for kind in (*kinds, SimulatedCameraConfig) for field in dataclasses.fields(kind)]
    of_its_own = {'task', 'robot_ip'}  # only names to the recorder
    defaults = {field.name: field.default for field in fields}
    wrong = {field.name for field in fields if field.default != defaults[field.name]}
    assert wrong == of_its_own


def test_a_setting_that_leaves_out_the_observations_size_gives_every_node_the_cameras():
    values = {'image_width': 320, 'image_height': 180, 'crop_width': 314, 'crop_height': 176}
    task, buffer = make(TaskConfig, values), make(BufferSamplerConfig, values | {'run_folder': '-'})
    assert task.observation_shape == buffer.observation_shape == (180, 320, 3)


@pytest.mark.parametrize('setting', SETTINGS, ids=lambda path: path.stem)
def test_in_seq_sac_alone_every_action_waits_for_its_updates(setting):
    sequential = make(BufferSamplerConfig, values_of('seq_sac', setting))
    assert sequential.governor == 'exactly' and sequential.updates_per_step > 0
    for architecture in ('async_sac_1', 'async_sac_2'):
        assert make(BufferSamplerConfig, values_of(architecture, setting)).governor == 'at_most'


@pytest.mark.parametrize(
    ('setting', 'changes'),
    [
        ('small_baseline', {'batch_size': 64, 'updates_per_step': 1.0}),
        ('small_large_minibatch', {'batch_size': 192, 'updates_per_step': 0.0}),
        (
            'small_high_resolution',
            {'batch_size': 64, 'updates_per_step': 0.0}
            | {'observation_width': 144, 'observation_height': 81, 'crop_width': 140, 'crop_height': 79},
        ),
        (
            'small_network',
            {'batch_size': 16, 'channels': 8, 'random_steps': None, 'weights_period_s': None},
        ),
    ],
)
def test_each_of_the_small_settings_stands_alone_and_changes_no_more_of_small_than_it_says(setting, changes):
    small, own = (read(CONFIG / f'settings/{name}.yaml')[EVERY_NODE] for name in ('small', setting))
    differing = {name for name in small.keys() | own.keys() if small.get(name) != own.get(name)}
    assert {name: own.get(name) for name in differing} == changes


@pytest.mark.parametrize(
    ('setting', 'cycle_ms'),
    [('baseline', 80), ('high_resolution', 120), ('large_minibatch', 200), ('small', 40)],
)
def test_cycles_of_seq_sac_are_those_of_the_thesis(setting, cycle_ms):
    for name in (setting, f'small_{setting}'):
        path = CONFIG / f'settings/{name}.yaml'
        if not path.exists():
            continue
        assert make(TaskConfig, values_of('seq_sac', path)).action_cycle_s == pytest.approx(cycle_ms / 1000)
        assert make(TaskConfig, values_of('async_sac_2', path)).action_cycle_s == 0.04


CHECKPOINTS = sorted((CONFIG.parent / 'checkpoints').glob('*.safetensors'))


@pytest.mark.parametrize('path', CHECKPOINTS, ids=lambda path: path.stem)
def test_a_shipped_checkpoint_acts_and_starts_runs_in_the_setting_that_it_names(path):
    values = values_of('async_sac_2', CONFIG / f'settings/{path.stem.split("_", 1)[1]}.yaml')
    setting = saved_setting(make(AgentConfig, values), make(TaskConfig, values))
    state, differing = load_start(path, setting, anyway=False)
    learner = SacLearner(make(AgentConfig, values), seed=0)
    learner.start_from(state | {'noise': np.zeros(16, np.uint8)})  # as a GPU has it
    assert not differing and learner.policy_weights().keys() == load_policy(path, setting)[0].keys()
    with pytest.raises(ValueError, match='observation_width 80 there, 144 here'):
        load_policy(path, setting | {'observation_width': 144})


def test_the_experiment_that_starts_from_a_checkpoint_may_do_so():
    experiment = load_experiment(CONFIG / 'experiments/tracking_from_reaching.yaml')
    (name,), (architecture,) = experiment.settings, experiment.architectures
    values = values_of(architecture, CONFIG / f'settings/{name}.yaml') | experiment.parameters
    setting = saved_setting(make(AgentConfig, values), make(TaskConfig, values))
    assert load_start(experiment.checkpoint, setting, anyway=False)[1] == ''
