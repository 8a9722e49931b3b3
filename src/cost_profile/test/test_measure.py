"""What is measured runs in every shape of setting, and a wrong word is one line."""

import numpy as np
import pytest
import torch
import yaml

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.replay import Replay
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import SlotPool
from cost_profile import __main__ as command
from cost_profile import gradient, measure, profile_picture, profile_text, sampling
from cost_profile.prediction import predict, total_ms
from cost_profile.setting import configuration
from run_reading.costs import load_costs
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import shipped

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA on this machine')
DEVICES = ['cpu', pytest.param('cuda', marks=CUDA)]
CONFIG = BufferSamplerConfig(
    run_folder='-', batch_size=4, crop_width=20, crop_height=20, random_steps=100, slots=2
)


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


@pytest.mark.parametrize(('device', 'noted'), [('cpu', False), ('cuda', True)])
def test_updates_are_measured_as_the_learner_of_the_setting_makes_them(
    tmp_path, monkeypatch, capsys, device, noted
):
    made = []
    monkeypatch.setattr(command, 'REPEATS', 4)
    monkeypatch.setattr(command, 'TRANSITIONS', 100)
    monkeypatch.setattr(gradient, 'in_a_slot', lambda batch: batch)
    monkeypatch.setattr(gradient, 'update_times', lambda *_: np.ones((3, 2)))
    monkeypatch.setattr(gradient, 'SacLearner', lambda *words: made.append(words[1:]))
    path = tmp_path / 'own.yaml'
    values = yaml.safe_load((shipped.folder() / 'test/smoke.yaml').read_text())['/**']['ros__parameters']
    values |= {'graph': 'on', 'precision': 'bfloat16'}
    path.write_text(yaml.safe_dump({'/**': {'ros__parameters': values}}))
    command.profile(str(path), device, 0.0, 1)
    assert made == [(0, device, 'on', 'bfloat16')]
    assert ('note: sampling is measured into slots' in capsys.readouterr().out) == noted
    path.write_text(yaml.safe_dump({'/**': {'ros__parameters': values | {'mini_batches': 'slots'}}}))
    command.profile(str(path), device, 0.0, 1)
    assert 'note' not in capsys.readouterr().out


@pytest.mark.parametrize(
    ('words', 'updates', 'told'), [([], 2, '2 threads'), (['threads:=3'], 3, '3 threads')]
)
def test_an_action_has_one_thread_as_in_the_actor_and_an_update_those_of_the_learner(
    tmp_path, monkeypatch, capsys, words, updates, told
):
    threads, used = [1], {}
    for room, name in (
        (measure, 'action_times'),
        (measure, 'environment_times'),
        (sampling, 'sampling_times'),
        (command, 'gradient_times'),
    ):
        note = lambda *_, name=name: used.update({name: threads[-1]}) or np.ones((3, 2))  # noqa: E731
        monkeypatch.setattr(room, name, note)
    monkeypatch.setattr(torch, 'set_num_threads', threads.append)
    path = tmp_path / 'own.yaml'
    values = yaml.safe_load((shipped.folder() / 'test/smoke.yaml').read_text())['/**']['ros__parameters']
    path.write_text(yaml.safe_dump({'/**': {'ros__parameters': values | {'threads': 2}}}))
    output = f'output:={tmp_path / "costs.yaml"}'
    assert command.main([str(path), output, 'device:=cpu', *words]) == 0
    assert (used['action_times'], used['gradient_times']) == (1, updates)
    assert f'with {told}\n' in capsys.readouterr().out


def test_observations_of_the_cameras_own_size_are_sampled():
    assert CONFIG.observation_height == 0, 'as the camera'
    assert sampling.sampling_times(CONFIG, 10, 2).shape == (2, 2)


@pytest.mark.filterwarnings('ignore:The given NumPy array is not writable')  # it is only read
@pytest.mark.parametrize('device', DEVICES)
def test_images_on_a_device_are_the_same_whichever_way_they_come(tmp_path, device):
    replay = Replay(tmp_path, capacity=100, height=90, width=160)
    sampling.fill(replay, 10)
    found = []
    for places in (False, True):
        pool = SlotPool(1, 4, 20, 20)
        sampler = MiniBatchSampler(replay, 4, 20, 20, np.random.default_rng(0))
        slot = pool.take()
        sampler.sample_into(slot.places if places else slot.views)
        images = sampling.images_on(device, CONFIG, pool, sampler, places)(slot)
        assert images.device.type == device
        found.append(images.cpu().numpy().copy())
        pool.close()
    replay.close()
    np.testing.assert_array_equal(*found)
    assert found[0].shape == (2, 4, 3, 20, 20, 3) and found[0].std() > 50


@pytest.mark.parametrize('places', [False, True])
def test_a_sample_is_measured_until_its_images_are_where_they_are_wanted(monkeypatch, places):
    arrived = []
    monkeypatch.setattr(
        sampling, 'images_on', lambda device, *given: lambda slot: arrived.append((device, given[-1]))
    )
    sampling.sampling_times(CONFIG, 10, 3, places)
    assert arrived == []
    sampling.sampling_times(CONFIG, 10, 3, places, 'cuda')
    assert arrived == [('cuda', places)] * 5  # each slot once before


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['juggling'], "setting is 'juggling'; choose"),
        (['small', 'config/settings/small.yaml'], 'two of the settings are named small, and a table has'),
        (['small', 'speed:=3'], "'speed:=3' is no option"),
        (
            ['small', 'threads:=-1'],
            'threads is -1; it must be 0 (as many as the learner of the setting) or more',
        ),
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


@pytest.mark.parametrize('predicted', [True, False])
def test_the_picture_shows_what_the_table_says(tmp_path, monkeypatch, predicted):
    drawn = []
    monkeypatch.setattr(profile_picture, 'save_figure', lambda figure, *_, **words: drawn.append(figure))
    costs = {name: load_costs('thesis', name) for name in ('baseline', 'large_minibatch')}
    found = {name: predict(cost, 1.0, 40.0) for name, cost in costs.items()}
    profile_picture.draw(tmp_path / 'costs.png', costs, found if predicted else {})
    (figure,) = drawn
    assert len(figure.axes) == 1 + predicted
    parts = [[bar.get_width() for bar in bars] for bars in figure.axes[0].containers]
    assert parts == [[getattr(cost, key) for cost in costs.values()] for key in profile_text.ROWS]
    ends = [bar.get_x() + bar.get_width() for bar in figure.axes[0].containers[-1]]
    assert ends == [total_ms(cost) for cost in costs.values()]
    if predicted:
        cycles = [[bar.get_width() for bar in bars] for bars in figure.axes[1].containers]
        assert cycles == [[found[name][number].cycle_ms for name in costs] for number in range(3)]
        labels = [text.get_text() for text in figure.axes[1].texts]
        assert '12.5/s' in labels and len(labels) == 6
