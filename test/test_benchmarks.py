"""What benchmarks do besides measuring: options, refusals, order, sums. Nothing here takes a time."""

import importlib
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cost_profile.floor import Peaks
from cost_profile.setting import configuration
from run_reading.columns import CYCLE_COLUMNS, LEARNER_COLUMNS
from sac_learner.agent_config import AgentConfig
from sac_learner.learner_config import LearnerConfig
from tools.commands import bench
from ur5_rl_graph import parameter_file, run_files, settings
from virtual_time.ledger import PARTS

BENCHMARKS = Path(__file__).resolve().parent.parent / 'benchmarks'
RATES = SimpleNamespace(  # 20 GB/s in main memory, 50 to the GPU, 2000 in it
    memory_ms=lambda count: 1e-7 * count,
    bus_ms=lambda count: 2e-8 * count,
    gpu_ms=lambda count: 1e-9 * count,
)
GIVEN = {'setting': 'small', 'device': 'cpu', 'threads': 1, 'transitions': 10}


@pytest.fixture
def module(monkeypatch):
    """Imports a file of benchmarks/ where the peers are not to be had."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ('stable_baselines3', 'torchrl', 'tensordict'):
        monkeypatch.setitem(sys.modules, name, None)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], '__file__', None) or '/').parent == BENCHMARKS:
            del sys.modules[name]


@pytest.mark.parametrize(
    'name',
    ['peers', '_peers_worker', '_peers_network', '_peers_ours', '_peers_sb3', '_peers_torchrl', 'virtual'],
)
def test_what_compares_with_others_imports_without_them(module, name):
    assert module(name)


def refused(module, name, words, capsys):
    """Returns the one line with which a benchmark ends before it measures."""
    pytest.importorskip('rclpy')  # which some import
    with pytest.raises(SystemExit) as ended:
        module(name).main(words)
    out, told = capsys.readouterr()
    assert (ended.value.code, out, told.count('\n')) == (2, '', 1)
    return told


@pytest.mark.parametrize('name', bench.benchmarks())
def test_an_option_that_there_is_not_is_refused_in_one_line_before_anything_starts(module, capsys, name):
    told = refused(module, name, ['fly:=2'], capsys)
    assert told.startswith("error: 'fly:=2' is no option; options and defaults: ")


@pytest.mark.parametrize(
    ('name', 'word', 'said'),
    [
        ('agreement', 'runs:=/nowhere', '/nowhere/run.json is missing: it says what the run was'),
        ('cycle', 'seed:=-1', 'seed is -1; it must be 0 at least'),
        ('cycle', 'setting:=tiny', "setting is 'tiny'; choose "),
        ('guard', 'commands:=0', 'commands is 0; it must be 1 at least'),
        ('handover', 'device:=cuda', 'device is cuda, but torch'),
        ('handover', 'device:=tpu', "device is 'tpu'; choose one of: auto, cpu, cuda"),
        ('journal', 'cycles:=0', 'cycles is 0; it must be 1 at least'),
        ('journal', 'width:=1', 'image_width is 1; allowed is 16 to 1920'),
        ('oracle', 'setting:=tiny', "setting is 'tiny'; choose "),
        ('peers', 'device:=cuda', 'device is cuda, but torch'),
        ('peers', 'device:=tpu', "device is 'tpu'; choose one of: auto, cpu, cuda"),
        ('peers', 'setting:=tiny', "setting is 'tiny'; choose "),
        ('peers', 'threads:=0', 'threads is 0; it must be 1 at least'),
        ('peers', 'updates:=-1', 'updates is -1; it must be 1 at least'),
        ('recorder', 'hours:=0', 'hours is 0.0; it must be above 0'),
        ('recorder', 'hours:=0.01', 'hours is 0.01; it must be 0.017 at least, one minute'),
        ('recorder', 'hours:=inf', 'hours is inf; it must be above 0 and finite'),
        ('replay_memory', 'transitions:=0', 'transitions is 0; it must be 1 at least'),
        ('sampling', 'device:=cuda', 'device is cuda, but torch'),
        ('sampling', 'device:=tpu', "device is 'tpu'; choose one of: auto, cpu, cuda"),
        ('sampling', 'repeats:=0', 'repeats is 0; it must be 1 at least'),
        ('sampling', 'threads:=65', 'threads is 65; allowed is 1 to 64'),
        ('servo_watchdog', 'duration:=nan', 'duration is nan; it must be above 0 and finite'),
        ('servo_watchdog', 'address:=foo', 'address is "foo"; the simulated controller listens on loopback'),
        ('spans', 'repeats:=0', 'repeats is 0; it must be 1 at least'),
        ('start', 'launch:=fly', "launch is 'fly'; choose seq_sac, async_sac_1, async_sac_2 or evaluate"),
        ('start', 'repeats:=0', 'repeats is 0; it must be 1 at least'),
        ('start', 'setting:=tiny', "setting is 'tiny'; choose "),
        ('update', 'device:=cuda', 'device is cuda, but torch'),
        ('update', 'device:=tpu', "device is 'tpu'; choose one of: auto, cpu, cuda"),
        ('update', 'only:=small,tiny', "setting is 'tiny'; choose "),
        ('update', 'threads:=0', 'threads is 0; it must be 1 at least'),
        ('virtual', 'architecture:=sac', "architecture is 'sac'; choose one of: seq_sac, async_sac_1, "),
        ('virtual', 'device:=cuda', 'device is cuda, but torch'),
        ('virtual', 'device:=tpu', "device is 'tpu'; choose one of: auto, cpu, cuda"),
        ('virtual', 'graph:=of', "graph is 'of'; choose one of: auto, on, off"),
        ('virtual', 'precision:=half', "precision is 'half'; choose one of: auto, float32, tf32, bfloat16"),
        ('virtual', 'task:=fly', "task is 'fly'; choose one of: reaching, tracking"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_line(module, monkeypatch, capsys, name, word, said):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    monkeypatch.setattr('shutil.which', lambda program: program)
    assert refused(module, name, [word], capsys).startswith(f'error: {said}')


@pytest.mark.parametrize('name', ['cycle', 'monitor', 'oracle'])
def test_a_setting_that_is_refused_leaves_no_folder(module, monkeypatch, capsys, tmp_path, name):
    monkeypatch.setattr('shutil.which', lambda program: program)
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    refused(module, name, ['setting:=tiny'], capsys)
    assert not list(tmp_path.iterdir())


def test_a_fault_of_a_measurement_is_not_hidden(module, monkeypatch):
    sampling = module('sampling')

    def fault(*_, **__):
        raise ValueError('not enough values to unpack')

    monkeypatch.setattr(sampling, 'copy_rates', lambda *_: RATES)
    monkeypatch.setattr(sampling, 'sampling_times', fault)
    with pytest.raises(ValueError, match='not enough values'):
        sampling.main([])


@pytest.mark.parametrize(('device', 'asked'), [('cpu', ['']), ('cuda', ['', 'cuda'])])
def test_samples_stand_beside_their_floor(module, monkeypatch, capsys, device, asked):
    sampling, found = module('sampling'), []

    def times(config, *_, places, device):
        found.append((places, device))
        return np.full((2, 2), 10.0)

    monkeypatch.setattr('torch.cuda.is_available', lambda: True)
    monkeypatch.setattr(sampling, 'copy_rates', lambda *_: RATES)
    monkeypatch.setattr(sampling, 'sampling_times', times)
    sampling.main([f'device:={device}'])
    *lines, last = capsys.readouterr().out.splitlines()
    figures, rows = json.loads(last), [line.split() for line in lines[1:]]
    assert found == [(places, where) for where in asked for places in (False, True)] * len(sampling.NAMES)
    assert (figures['baseline_ms'], figures['baseline_floor_ms']) == (10.0, 3.163)  # 31,629,312 bytes
    assert rows[0][4:] == ['slots', *4 * ['10.00'], '3.16', '3.2']
    assert rows[1][4:] == ['places', *4 * ['10.00'], '-', '-'], 'no image is copied'
    assert ('baseline_crops_on_cuda_ms' in figures) == (device == 'cuda')
    if device == 'cuda':
        assert rows[2][-2:] == ['3.80', '2.6'] and figures['baseline_slots_to_cuda_floor_ms'] == 3.796
        assert rows[3][-2:] == ['0.03', '316.2'] and figures['baseline_crops_on_cuda_floor_ms'] == 0.032


def test_what_copies_reach_is_measured_where_it_is_needed(module, monkeypatch, capsys):
    copies, threads = module('_copies'), []
    monkeypatch.setattr(copies, 'copy_rate', {'cpu': 20e9, 'cuda': 2e12}.get)
    monkeypatch.setattr(copies, 'bus_rate', lambda: 50e9)
    monkeypatch.setattr('torch.set_num_threads', threads.append)
    monkeypatch.setattr('torch.cuda.get_device_name', lambda number: 'a card')
    assert copies.copy_rates('cpu', 2).memory_ms(10**9) == 100.0, 'read and written'
    rates = copies.copy_rates('cuda')
    assert (rates.bus_ms(10**9), rates.gpu_ms(10**9), threads) == (20.0, 1.0, [2, 1])
    told = ['cpu: copies 20.0 GB/s', 'cuda (a card): copies 2000.0 GB/s, to it from pinned memory 50.0']
    assert capsys.readouterr().out.splitlines() == [told[0], *told]


@pytest.mark.parametrize(
    ('full', 'device', 'ms'),
    [(False, 'cpu', 0.0), (True, 'cpu', 1.0), (False, 'cuda', 0.2), (True, 'cuda', 1.2)],
)
def test_what_is_handed_over_is_copied_as_often_as_it_must(module, full, device, ms):
    pytest.importorskip('rclpy')
    handover = module('handover')
    assert handover.floor_ms(full, device, 10**7, RATES) == pytest.approx(ms)


def test_each_precision_has_peaks_and_a_floor(module, monkeypatch):
    gradient, asked = module('_gradient'), []
    monkeypatch.setattr(gradient, 'copy_rate', lambda device: 1e12)
    monkeypatch.setattr(gradient, 'convolution_rate', lambda device, precision: 0.0)
    monkeypatch.setattr(gradient, 'product_rate', lambda *given: asked.append(given) or 1e30)
    assert list(gradient.device_peaks('cuda')) == ['float32', 'tf32', 'bfloat16']
    peaks = gradient.device_peaks('cuda', ['bfloat16', 'tf32'])
    assert asked[3:] == [('cuda', 'bfloat16'), ('cuda', 'tf32')]
    config = configuration(AgentConfig, 'baseline')
    floors = [round(gradient.update_floor_ms(config, precision, peaks), 3) for precision in peaks]
    assert floors == [0.544, 0.873], 'GB of maps, weights and moments'


@pytest.mark.parametrize(
    'own', ['learner: {ros__parameters: {seed: 3}}', 'actor: {ros__parameters: {random_steps: 7}}']
)
def test_the_random_steps_of_a_busy_learner_are_those_of_the_options(module, monkeypatch, tmp_path, own):
    monkeypatch.setattr('shutil.which', lambda program: program)
    setting = tmp_path / 'own.yaml'
    setting.write_text(own, encoding='utf-8')
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    chosen = {'setting': str(setting), 'random_steps': 20, 'address': ''}
    folder, _ = module('_graph').busy_learner('cycle', chosen)
    nodes = parameter_file.read(folder / 'setting.yaml')
    assert [settings.of_node(nodes, node)['random_steps'] for node in ('actor', 'learner')] == [20, 20]


class Fake:
    """A contestant whose times grow by its step; notes who was asked."""

    def __init__(self, name, step, asked):
        self.name, self._step, self._asked, self._ms = name, step, asked, 0.0

    def time(self, kind):
        self._asked.append((kind, self.name))
        self._ms += self._step
        return [self._ms, 0.5]


def test_contestants_take_turns_in_each_round(module):
    peers, asked = module('peers'), []
    times = peers.measured([Fake('ours', 1.0, asked), Fake('other', 2.0, asked)], 2)
    once = [(kind, name) for kind in ('update', 'draw', 'act') for name in ('ours', 'other')]
    assert asked == once + once
    assert times['update']['ours'].tolist() == [[1.0, 0.5], [4.0, 0.5]]
    assert times['act']['other'].tolist() == [[6.0, 0.5], [12.0, 0.5]]


def test_ratios_are_of_medians_to_ours(module):
    ours, other = [[1.0, 1.0], [2.0, 2.0], [9.0, 3.0]], [[7.0, 5.0], [4.0, 6.0], [5.0, 7.0]]
    rows = module('peers').rows({'ours': np.array(ours), 'other': np.array(other)})
    assert rows == {'ours': (1.0, 2.0, 1.0, 2.0, 1.0), 'other': (4.0, 5.0, 2.5, 6.0, 3.0)}


def test_a_contestant_that_ends_is_said(module, monkeypatch):
    peers = module('peers')
    monkeypatch.setattr(sys, 'executable', '/bin/false')
    with pytest.raises(SystemExit, match='error: torchrl ended with exit code 1; see above'):
        peers.Contestant('torchrl', GIVEN)


def test_the_figures_of_a_cycle_are_of_those_after_the_first_update(module, tmp_path):
    def write(name, columns, rows):
        lines = [','.join(str(row.get(column, 1)) for column in columns) for row in rows]
        (tmp_path / name).write_text('\n'.join([','.join(columns), *lines]) + '\n')

    cycles = [{'stamp': 9, 'cycle_ms': 99, 'response_ms': 99}]
    for number, ms in enumerate((39, 41, 43)):
        cycles.append({'stamp': 11 + number, 'cycle_ms': ms, 'response_ms': 3, 'overrun': 0})
    write(run_files.CYCLES, CYCLE_COLUMNS, cycles)
    learner = [{'stamp': 8, 'updates': 0}, {'stamp': 10, 'updates': 1, 'updates_per_s': 5}]
    write(run_files.LEARNER, LEARNER_COLUMNS, learner)
    times = {'update_period_ms': 55.0, 'gradient_ms': 44.0, 'sampling_ms': 50.0}
    (tmp_path / run_files.TIMING).write_text(json.dumps(times))
    cycle = module('cycle')
    figures = cycle.figures_of(tmp_path)
    expected = {
        'cycles': 3,
        'mean_ms': 41.0,
        'p50_ms': 41.0,
        'max_ms': 43.0,
        'overruns': 0,
        'updates_per_s': 5.0,
    }
    expected |= {
        'within_2ms_fraction': 0.66667,
        'update_period_by_larger_part': 1.1,
        'observation_to_command_p99_ms': 3.0,
    }
    assert expected.items() <= figures.items()
    write(run_files.LEARNER, LEARNER_COLUMNS, learner[:1])
    with pytest.raises(SystemExit, match='error: the learner made no update'):
        cycle.figures_of(tmp_path)


def fake_learner(updates=0, precision='float32'):
    """A learner that does nothing."""
    return SimpleNamespace(
        updates=updates,
        config=configuration(AgentConfig, 'small'),
        precision=precision,
        update=lambda batch: None,
        statistics=lambda: {},
    )


class FakeClock:
    """A clock by which the first work takes 2 ms, the next 4 ms, and so on."""

    def __init__(self, device, now_s):
        self.device, self._number, self._ended = device, 0, []

    @contextmanager
    def measure(self, tag):
        yield
        self._number += 1
        self._ended.append((tag, 0.0, 2e-3 * self._number))

    def finished(self):
        ended, self._ended = self._ended, []
        return ended


@pytest.mark.parametrize(
    ('words', 'precision', 'way', 'floor_ms'),
    [
        ([], 'float32', 'cpu, eager', 37.6),
        (['graph:=on'], 'float32', 'cpu, static inputs', 37.6),
        (['precision:=bfloat16'], 'bfloat16', 'cpu, eager', 26.6),
        (['device:=cuda'], 'tf32', 'cuda, captured', 37.6),
        (['device:=cuda', 'graph:=off'], 'tf32', 'cuda, eager', 37.6),
        (['device:=cuda', 'precision:=bfloat16'], 'bfloat16', 'cuda, captured', 26.6),
    ],
)
def test_a_virtual_run_says_what_its_learner_ran_as_and_its_floor(
    module, monkeypatch, capsys, words, precision, way, floor_ms
):
    virtual, planned = module('virtual'), []

    class Lab:
        def __init__(self, plan, clock):
            planned.append(settings.configuration(plan.parameters, 'learner', LearnerConfig))
            self.learner = fake_learner(1, precision)
            self.train = self.close = lambda *_: None

        def run(self, look):
            self.learner.update(None)  # a random step's: not counted
            look()
            for _ in range(3):
                self.learner.update(None)

    def peaks(device, precisions):
        assert (device, precisions) == (planned[0].device, [precision])
        return {precision: Peaks(1e30, 1e9)}

    states = iter(virtual.State(n, 3.0 * n, 9.0 * n, dict.fromkeys(PARTS, n), {}) for n in (1, 2))
    monkeypatch.setattr('torch.cuda.is_available', lambda: True)
    for name, fake in {'Lab': Lab, 'DeviceClock': FakeClock, 'device_peaks': peaks}.items():
        monkeypatch.setattr(virtual, name, fake)
    monkeypatch.setattr(virtual, 'state', lambda lab: next(states))
    virtual.main(words)
    lines = capsys.readouterr().out.splitlines()
    asked = dict(word.split(':=') for word in words)
    expected = {'device': 'cpu', 'graph': 'auto', 'precision': 'auto'} | asked
    assert {name: getattr(planned[0], name) for name in expected} == expected
    assert f'learner: {way}, {precision}' in lines
    (line,) = [line for line in lines if line.startswith('an update: 6.00 ms (')]
    assert 'mean of 3' in line and float(line.split()[-4]) == pytest.approx(floor_ms, abs=0.1)
    assert ('processor time' in line) == way.startswith('cpu')
    figures = json.loads(lines[-1])
    assert (figures['one_update_ms'], figures['precision']) == (6.0, precision)
    assert f'{figures["device"]}, {figures["way"]}' == way


def test_what_a_setting_says_of_its_learner_holds_but_for_the_device(module, monkeypatch, tmp_path):
    monkeypatch.setattr('torch.cuda.is_available', lambda: True)
    own = tmp_path / 'small.yaml'
    own.write_text(
        'learner: {ros__parameters: {device: cuda, graph: "on", precision: tf32}}', encoding='utf-8'
    )
    given = {'setting': str(own), 'task': 'reaching', 'architecture': 'seq_sac', 'duration': 2.0, 'seed': 0}
    plan = module('virtual').plan(given | {'device': 'cpu', 'graph': 'off', 'precision': ''}, '-')
    learner = settings.configuration(plan.parameters, 'learner', LearnerConfig)
    assert (learner.device, learner.graph, learner.precision) == ('cpu', 'off', 'tf32')


@pytest.mark.parametrize('updates', [0, 1])
def test_a_virtual_run_too_short_to_be_measured_says_so(module, monkeypatch, updates):
    virtual = module('virtual')

    class Lab:
        def __init__(self, *_):
            self.learner = fake_learner(updates)
            self.train = self.close = lambda *_: None
            self.run = lambda look: look()

    monkeypatch.setattr(virtual, 'Lab', Lab)
    monkeypatch.setattr(virtual, 'device_peaks', lambda *_: {})
    monkeypatch.setattr(virtual, 'state', lambda lab: virtual.State(1000, 3.0, 10.0, {'rest': 1.0}, {}))
    with pytest.raises(SystemExit, match='error: duration is 2 s; no step after an update: give more'):
        virtual.main(['duration:=2'])


def test_a_step_of_virtual_time_is_shared_out_among_its_parts(module):
    virtual = module('virtual')
    names = (*virtual.ENVIRONMENT, 'updates')
    calls = dict.fromkeys(names, 7)
    began = virtual.State(50, 3.0, 10.0, dict.fromkeys((*names, 'rest'), 1.0), calls)
    parts_s = began.parts_s | {'guard': 1.5, 'physics': 1.25, 'updates': 1.05, 'rest': 1.2}
    ended = virtual.State(150, 7.0, 12.0, parts_s, calls | {'guard': 607})
    lines, figures = virtual.lines(began, ended)
    assert (figures['guard_ms'], figures['environment_ms'], figures['rest_ms']) == (5.0, 7.5, 2.0)
    assert figures['step_ms'] == 10.0
    assert (figures['times_real_time'], figures['times_real_time_alone']) == (2.0, 4.0)
    assert 'rendering, reward, guard, physics: 7.50 ms a step (goal 2)' in lines
    assert any(line.split() == ['guard', '5.000', '6.00', '50%'] for line in lines)
    assert any(line.split() == ['rest', '2.000', '20%'] for line in lines)


@pytest.mark.parametrize(('model', 'step_s', 'steps'), [('ur5', 0.008, 5), ('ur5e', 0.002, 20)])
def test_the_servos_watchdog_is_counted_in_the_steps_of_the_arms_model(module, model, step_s, steps):
    bench = module('servo_watchdog')
    configs = bench.configs_of(model, '127.0.0.9')
    assert configs['arm'].robot_model == configs['guard'].robot_model == model
    assert configs['guard'].control_period_s == step_s
    silent = np.zeros(1000, int)
    silent[:3] = steps, steps + 1, 3 * steps
    lines, figures = bench.lines(silent, step_s, 0.04)
    assert figures == {
        'writes': 1000,
        'longest_steps': 3 * steps,
        'trips_per_hour': pytest.approx(3600 * 2 / (1000 * step_s), abs=0.01),
    }
    assert lines[0] == f'1000 writes of speed motions, {1000 * step_s:.0f} s; control steps of ' + (
        f'{1000 * step_s:.0f} ms without a write:'
    )
    assert f'  more than {steps:2}       2' in lines and f'  more than {2 * steps:2}       1' in lines
    assert lines[-1] == f'longest {3 * steps}; the watchdog of {steps} steps would have tripped 2 times'
