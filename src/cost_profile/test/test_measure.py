"""What is measured runs in every shape of setting, and a wrong word is one line."""

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')

from buffer_sampler.config import BufferSamplerConfig
from cost_profile import __main__ as command
from cost_profile import measure
from cost_profile.sampling import sampling_times
from cost_profile.setting import configuration
from run_reading.costs import load_costs
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import shipped


def test_environment_is_measured_once_a_cycle():
    task = configuration(TaskConfig, 'small')
    times = measure.environment_times(task, 5)
    assert times.shape == (5, 2)
    assert (times[:, 0] > 0).all()


def test_a_profile_is_a_table_that_virtual_time_reads(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, 'REPEATS', 4)
    monkeypatch.setattr(command, 'TRANSITIONS', 100)
    path = tmp_path / 'new' / 'costs.yaml'
    setting = shipped.folder() / 'test/smoke.yaml'
    assert command.main([str(setting), f'output:={path}', 'seconds:=0', 'device:=cpu']) == 0
    costs = load_costs(str(path), 'smoke')
    assert min(costs.action_ms, costs.sampling_ms, costs.gradient_ms, costs.environment_ms) > 0
    shown = capsys.readouterr().out
    assert 'Gradient update' in shown and 'smoke: action cycle 40 ms' in shown


def test_observations_of_the_cameras_own_size_are_sampled():
    config = BufferSamplerConfig(
        run_folder='-', batch_size=4, crop_width=20, crop_height=20, random_steps=100
    )
    assert config.observation_height == 0, 'as the camera'
    assert sampling_times(config, 10, 2).shape == (2, 2)


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['juggling'], "setting is 'juggling'; choose"),
        (['small', 'config/settings/small.yaml'], 'two of the settings are named small, and a table has'),
        (['small', 'speed:=3'], "'speed:=3' is no option"),
        (['small', 'threads:=0'], 'threads is 0; it must be at least 1'),
        (['small', 'output:=costs'], 'output is costs; a cost table is a .yaml file'),
        (['small', 'device:=cuda'], 'device is cuda, but torch '),
        (['small', 'device:=tpu'], "device is 'tpu'; choose one of: auto, cpu, cuda"),
    ],
)
def test_what_goes_wrong_is_one_line(words, sentence, capsys, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    assert command.main(words) == 2
    shown, errors = capsys.readouterr()
    assert shown == ''  # before anything is measured
    assert sentence in errors
    assert errors.startswith('error: ') and errors.count('\n') == 1
