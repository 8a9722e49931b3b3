"""Whole runs in virtual time, with a network as small as it goes."""

import csv
import errno
import itertools
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml

from buffer_sampler import serving
from run_reading import speed
from run_reading.costs import Costs
from sac_learner.checkpoint import load_checkpoint, save_checkpoint
from sac_learner.learner import SacLearner
from ur5_rl_graph import whole_run
from ur5_rl_graph.writing import Writing
from virtual_time import __main__ as command
from virtual_time import environment
from virtual_time import lab as lab_module
from virtual_time.__main__ import main
from virtual_time.ledger import PARTS, REST

COSTS = {'action_ms': 2.0, 'sampling_ms': 20.0, 'gradient_ms': 30.0, 'environment_ms': 4.0}
PARAMETERS = {
    'observation_width': 80,
    'observation_height': 45,
    'crop_width': 76,
    'crop_height': 42,
    'channels': 2,
    'strides': [2, 2, 1, 1],
    'hidden_width': 8,
    'batch_size': 4,
    'capacity': 1000,
    'random_steps': 50,
    'episode_s': 2.0,
    'reset_s': 1.0,
    'updates_per_step': 0.0,
    'weights_period_s': 0.2,
    'report_limit_s': 0.0,
}


@pytest.fixture(scope='module')
def lab(tmp_path_factory):
    """Makes runs, each once: lab(architecture, name, *arguments, **parameters) -> run folder."""
    root = tmp_path_factory.mktemp('virtual')

    def setting(**parameters):
        path = root / 'tiny.yaml'
        path.write_text(yaml.safe_dump({'/**': {'ros__parameters': PARAMETERS | parameters}}))
        (root / 'costs.yaml').write_text(yaml.safe_dump({'tiny': COSTS}))
        return f'setting:={path}'

    def run(architecture, name, *arguments, **parameters):
        folder = root / name
        if folder.exists():
            return folder
        common = [setting(**parameters), 'duration:=6', f'costs:={root / "costs.yaml"}', f'output:={folder}']
        assert main([architecture, *common, *arguments]) == 0
        return folder

    run.setting, run.costs = setting, root / 'costs.yaml'
    return run


def rows(path):
    with path.open(newline='') as file:
        return list(csv.DictReader(file))


def spans(folder, component, name):
    """Starts of spans [ms], and their durations."""
    found = [r for r in rows(folder / 'spans.csv') if (r['component'], r['span']) == (component, name)]
    return [1e3 * float(r['start_s']) for r in found], [float(r['duration_ms']) for r in found]


def periods(folder):
    """Times from update to update [ms] when nothing was waited for: the shortest half."""
    starts, _ = spans(folder, 'learner', 'update')
    between = sorted(b - a for a, b in zip(starts, starts[1:], strict=False))
    return between[: len(between) // 2]


def test_asynchronous_architectures_hold_the_cycle_and_update_as_their_processes_allow(lab):
    one, two = lab('async_sac_1', 'one'), lab('async_sac_2', 'two')
    for folder, period in ((one, 50.0), (two, 30.0)):
        cycles = [float(row['cycle_ms']) for row in rows(folder / 'cycle_timing.csv')]
        assert len(cycles) >= 100
        assert cycles == pytest.approx([40.0] * len(cycles), abs=0.01)
        assert periods(folder) == pytest.approx([period] * len(periods(folder)), abs=0.01)
    assert 1.5 < updates(two) / updates(one) < 1.7  # 50 / 30


def updates(folder):
    return json.loads((folder / 'summary.json').read_text())['updates']


def test_a_sequential_cycle_holds_what_is_done_in_it_and_is_counted_as_late(lab):
    folder = lab('seq_sac', 'seq')
    cycles = [row for row in rows(folder / 'cycle_timing.csv') if int(row['episode']) >= 3]
    late = [float(row['cycle_ms']) for row in cycles if row['overrun'] == '1']
    # environment 4, sampling 20, update 30, action 2
    assert late == pytest.approx([56.0] * len(late), abs=0.01)
    assert len(late) > 0.9 * len(cycles)
    summary = json.loads((folder / 'summary.json').read_text())
    assert abs(summary['updates'] - (summary['steps'] - 50)) <= 1
    starts, _ = spans(folder, 'learner', 'update')
    acts, _ = spans(folder, 'actor', 'act')
    alone = {round(start + 30.0, 3) for start in starts} - {round(act, 3) for act in acts}
    ended = len(rows(folder / 'episodes.csv'))
    assert len(alone) <= ended  # the last step of an episode is learned from, not answered


def test_a_sequential_agent_that_fits_its_cycle_is_never_late(lab):
    folder = lab('seq_sac', 'fits', action_cycle_s=0.08)
    assert json.loads((folder / 'summary.json').read_text())['overruns'] == 0
    assert {row['cycle_ms'][:5] for row in rows(folder / 'cycle_timing.csv')} <= {'80', '80.00', '79.99'}


def test_where_the_time_of_a_run_went_is_told_and_written(lab, capsys):
    folder = lab('seq_sac', 'told', random_steps=20)
    found = speed.read(folder)
    assert found.virtual_s > 6.0 and set(found.parts_s) == {*PARTS, REST}
    assert f'{found.line.split(" in ")[0]} in ' in capsys.readouterr().out


def test_a_run_folder_that_cannot_take_its_speed_lacks_it(tmp_path, capsys):
    recording = SimpleNamespace(writing=Writing(), lacking=[])
    run = SimpleNamespace(recording=recording, speed=speed.Speed(60.0, {'updates': 19.0, 'rest': 1.0}))
    command.tell_speed(run, tmp_path)
    assert speed.read(tmp_path) == run.speed and recording.lacking == []
    command.tell_speed(run, tmp_path / 'gone')
    assert recording.lacking == ['speed.json']
    assert capsys.readouterr().out.count('3.00 times real time; updates 95.0 %, rest 5.0 %\n') == 2


def test_every_part_of_a_run_is_booked_where_it_is_done(tmp_path):
    """By a clock that ticks when it is read, so that each part gets what its calls make."""
    plan = lab_module.Plan(
        parameters={'/**': PARAMETERS | {'random_steps': 20}},
        costs=Costs(**COSTS),
        seed=0,
        folder=tmp_path,
        title='',
        duration_s=1.0,
    )
    run = lab_module.Lab(plan, itertools.count().__next__)
    run.train('async_sac_2')
    run.run(lambda: None)
    calls, steps = run.ledger.calls, run.recording.progress(run.now_s).total_steps
    assert all(calls.values()), calls
    assert steps <= calls['reward'] <= steps + 1 and calls['guard'] >= 5 * steps
    assert calls['physics'] > calls['controller'] > calls['guard']
    found = run.speed
    assert found.virtual_s == run.now_s - 1.0
    assert found.computing_s == 2 * sum(calls.values()) + 1, 'both ends of each part, and now'
    run.close()


def test_the_arm_reports_on_every_command_and_the_guard_changes_some(lab):
    episodes = rows(lab('async_sac_2', 'two') / 'episodes.csv')
    assert {row['unreported_steps'] for row in episodes} == {'0'}
    changed = [int(row['changed_steps']) for row in episodes]
    assert 0 < sum(changed) < sum(int(row['steps']) for row in episodes)


@pytest.mark.parametrize('feedback', ['executed', 'requested'])
def test_which_action_is_learned_from_is_the_parameter_of_all(feedback, tmp_path, monkeypatch):
    drawn, shown = [], []
    sampler, environment = serving.MiniBatchSampler, lab_module.VirtualEnvironment
    monkeypatch.setattr(serving, 'MiniBatchSampler', lambda *a, **w: drawn.append(a[-1]) or sampler(*a, **w))
    monkeypatch.setattr(
        lab_module, 'VirtualEnvironment', lambda *a: shown.append(a[2].action_feedback) or environment(*a)
    )
    parameters = PARAMETERS | {'action_feedback': feedback}
    plan = lab_module.Plan(
        parameters={'/**': parameters}, costs=Costs(**COSTS), seed=0, folder=tmp_path, title=''
    )
    made = lab_module.Lab(plan)
    made.train('async_sac_2')
    made.close()
    assert drawn == shown == [feedback]


def test_a_run_begins_with_the_bags_that_it_is_given(tmp_path, monkeypatch):
    pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
    from experience_bags import bag, transitions

    sampler, given = serving.MiniBatchSampler, []

    def make(*words, past, past_share, **more):
        given.extend((len(past), past_share))
        return sampler(*words, past=past, past_share=past_share, **more)

    monkeypatch.setattr(serving, 'MiniBatchSampler', make)
    folder = bag(tmp_path / 'bag', transitions(height=45, width=80))
    plan = lab_module.Plan(
        parameters={'/**': PARAMETERS | {'replay_share': 0.75}},
        costs=Costs(**COSTS),
        seed=0,
        folder=tmp_path,
        title='',
    )
    made = lab_module.Lab(plan)
    made.train('async_sac_2', bags=str(folder))
    assert not list(tmp_path.glob('replay_*')), 'nothing of it stays, whatever ends the process'
    made.close()
    assert given == [24, 0.75]


def test_what_a_slow_learner_owes_is_bounded_and_told(lab, capsys):
    # 50 a second are earned, 20 are done
    folder = lab('async_sac_1', 'debt', updates_per_step=2.0, error_band=5)
    name = 'buffer_sampler: updates given up as the learner was too slow'
    told = re.search(rf'{name} (\d+)', capsys.readouterr().out)
    assert 60 < int(told[1]) < 240
    assert json.loads((folder / 'summary.json').read_text())['lost'] == {name: int(told[1])}
    lab('async_sac_1', 'paid', updates_per_step=0.2, error_band=5)
    assert 'lost or dropped: nothing' in capsys.readouterr().out


def test_losses_of_actor_sampler_and_learner_are_added_to_those_of_the_run(tmp_path):
    plan = lab_module.Plan(
        parameters={'/**': PARAMETERS}, costs=Costs(**COSTS), seed=0, folder=tmp_path, title=''
    )
    made = lab_module.Lab(plan)
    made.train('async_sac_2')
    made._learner.learning.losses['mini-batches refused'] = 3
    made.recording.figures.aborted = 2
    counts = {name: count for name, count in made.lost.items() if count}
    nodes = {name.partition(':')[0] for name in made.lost if ':' in name}
    made.close()
    assert counts == {'learner: mini-batches refused': 3, 'episodes aborted': 2}
    assert nodes == {'actor', 'buffer_sampler', 'learner'}


def test_arm_guard_and_watchdog_are_those_of_the_setting(tmp_path, monkeypatch):
    """Also where it gives them to arm_driver alone; another node's own values are none of theirs."""
    made, arm = [], lab_module.VirtualArm
    monkeypatch.setattr(lab_module, 'VirtualArm', lambda *a: made.append(arm(*a)) or made[-1])
    home = (1.5, -1.9, 1.8, -3.0, -1.5, 3.1)
    parameters = {
        '/**': PARAMETERS | {'home': home, 'max_velocity': 0.9, 'acceleration': 1.1, 'watchdog_s': 0.3},
        '/arm_driver': {'acceleration': 1.0, 'stop_deceleration': 1.2},
        '/environment': {'acceleration': 0.5, 'reset_s': 0.0},
    }
    plan = lab_module.Plan(parameters=parameters, costs=Costs(**COSTS), seed=0, folder=tmp_path, title='')
    lab = lab_module.Lab(plan)
    (arm,) = made
    assert arm.joints.position.tolist() == list(home)
    assert (arm._servo._guard.acceleration, arm.link._stop_deceleration) == (1.0, 1.2)
    assert arm._servo._watchdog._limit_ns == 300_000_000
    assert lab._environment._task.reset_s == 0.0
    lab.close()


def test_the_same_seed_gives_the_same_run_bit_for_bit_and_another_one_another(lab):
    first, again = lab('async_sac_2', 'two'), lab('async_sac_2', 'again')
    other = lab('async_sac_2', 'other', 'seed:=4')
    for name in ('episodes.csv', 'learner.csv', 'cycle_timing.csv', 'spans.csv'):
        assert (first / name).read_bytes() == (again / name).read_bytes()
    assert (first / 'episodes.csv').read_bytes() != (other / 'episodes.csv').read_bytes()
    states = [load_checkpoint(f / 'checkpoints/learner.safetensors')[0] for f in (first, again)]
    assert all((states[0][key] == states[1][key]).all() for key in states[0])
    assert json.loads((first / 'run.json').read_text())['mode'] == 'virtual'


def test_an_evaluation_gives_the_same_figure_twice_and_acts_without_noise(lab, capsys, monkeypatch):
    checkpoint = lab('async_sac_2', 'two') / 'checkpoints/learner.safetensors'
    found, reports = [], []
    monkeypatch.setattr(command, 'make_within', lambda *words: reports.append(words))
    for _ in range(2):
        output = checkpoint.parents[1] / 'evaluation.json'
        words = [f'checkpoint:={checkpoint}', lab.setting(), 'episodes:=2', f'output:={output}']
        assert main(['evaluate', *words]) == 0
        found.append(json.loads(output.read_text()))
    assert found[0] == found[1]
    assert len(found[0]['returns']) == 2
    assert reports == 2 * [(checkpoint.parents[1], 0.0)], 'that of its run tells of it'
    told = capsys.readouterr().out
    assert f'mean {found[0]["mean"]:.1f}' in told
    assert ' times real time; ' in told.splitlines()[-1]


def test_an_evaluation_at_another_pace_than_that_of_training_says_so(tmp_path, capsys):
    def made(**parameters):
        return lab_module.evaluation_lab({'/**': PARAMETERS | parameters}, 0, 1)

    path = tmp_path / 'learner.safetensors'
    with made(action_cycle_s=0.12) as lab:
        save_checkpoint(path, SacLearner(lab._agent_config, 0).get_state(), lab.setting)
        lab.evaluate(path)
    assert 'another pace' not in capsys.readouterr().out
    with made() as lab:
        lab.evaluate(path)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if 'another pace' in line]
    assert line.startswith(f'{path} was trained at another pace: action_cycle_s 0.12 there, 0.04 here; ')


def test_a_run_starts_from_a_checkpoint_where_init_says_so(lab):
    start = lab('async_sac_2', 'two')
    on = lab('async_sac_2', 'on', f'init:={start}/checkpoints/learner.safetensors')
    assert (on / 'episodes.csv').read_bytes() != (start / 'episodes.csv').read_bytes()


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['dqn'], 'the first word must be one of seq_sac'),
        (['seq_sac', 'colour:=red'], "'colour:=red' is no option"),
        (['seq_sac', 'setting:=huge'], "setting is 'huge'; choose"),
        (['seq_sac', 'task:=juggling'], 'juggling'),
        (['seq_sac', 'duration:=-5'], 'duration is -5'),
        (['seq_sac', 'duration:=0'], 'duration is 0: a run without end; give seconds, such as 900'),
        (['async_sac_1', 'setting:={unlimited}', 'costs:={free}'], 'sampling_ms and gradient_ms are 0 and'),
        (['seq_sac', 'costs:=cheap', 'setting:=baseline'], 'there is no cost table'),
        (['seq_sac', 'setting:=baseline', 'init:=nowhere'], 'no checkpoint at nowhere'),
        (['seq_sac', 'setting:={large}'], 'buffer_sampler: crop 156x88 does not fit into images of 80x45'),
        (['seq_sac', 'setting:={gpu}'], 'device is cuda'),
        (['evaluate'], "checkpoint is ''"),
        (['evaluate', 'checkpoint:=nowhere', 'episodes:=0'], 'episodes is 0: an evaluation without end'),
        (['evaluate', 'checkpoint:=nowhere'], 'no checkpoint at nowhere'),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    settings = {
        'large': 'observation_width: 80, observation_height: 45',
        'gpu': 'device: cuda',
        'unlimited': 'updates_per_step: 0.0',
    }
    paths = {name: tmp_path / name / 'baseline.yaml' for name in settings}  # whose costs are known
    for name, values in settings.items():
        paths[name].parent.mkdir()
        paths[name].write_text(f'/**: {{ros__parameters: {{{values}}}}}')
    paths['free'] = tmp_path / 'free.yaml'
    paths['free'].write_text(
        'baseline: {action_ms: 2, sampling_ms: 0, gradient_ms: 0, environment_ms: 5}', encoding='utf-8'
    )
    words = [word.format(**paths) for word in words]
    if words[0] in ('seq_sac', 'async_sac_1'):
        words = [*words, f'output:={tmp_path / "run"}']
    assert main(words) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count('\n') == 1
    assert not (tmp_path / 'run').exists(), 'the corrected words may name the same folder'


def test_a_bag_that_is_not_there_is_refused_before_anything_is_written(capsys, tmp_path):
    pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
    words = ['seq_sac', 'setting:=baseline', 'replay:=nowhere', f'output:={tmp_path / "run"}']
    assert main(words) == 2
    assert "replay is 'nowhere': " in capsys.readouterr().err and not (tmp_path / 'run').exists()


def test_a_run_whose_environment_waits_for_ever_ends_with_what_it_waits_for(
    lab, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(environment, 'STANDSTILL_S', 5.0)
    words = ['async_sac_1', lab.setting(camera_dropout=1.0), f'output:={tmp_path / "run"}', 'duration:=1']
    assert main([*words, f'costs:={lab.costs}']) == 2
    assert capsys.readouterr().err == (
        'error: environment: no observation for 5 s of virtual time, the newest word: '
        'waiting: no camera yet\n'
    )


def test_a_folder_with_a_run_is_not_written_over(lab, capsys):
    folder = lab('seq_sac', 'seq')
    before = (folder / 'episodes.csv').read_bytes()
    assert main(['seq_sac', 'setting:=baseline', f'output:={folder}']) == 2
    assert 'holds a run' in capsys.readouterr().err
    with whole_run.alone_in(folder):
        assert main(['seq_sac', 'setting:=baseline', f'output:={folder}']) == 2
    assert f'a run is at work in {folder} already' in capsys.readouterr().err
    assert (folder / 'episodes.csv').read_bytes() == before


@pytest.mark.parametrize('name', ['configuration.yaml', 'run.json'])
def test_a_file_of_somebody_else_is_not_written_over(capsys, tmp_path, name):
    (tmp_path / name).write_text('mine: 1')
    assert main(['seq_sac', 'setting:=baseline', 'duration:=1', f'output:={tmp_path}']) == 2
    assert 'choose a' in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, 'mine: 1')]


def test_a_machine_without_opengl_is_told_so_before_anything_is_written(monkeypatch, capsys, tmp_path):
    def none(*_):
        raise RuntimeError('no EGL display')

    monkeypatch.setattr('mujoco.Renderer', none)
    assert main(['seq_sac', 'setting:=baseline', f'output:={tmp_path / "run"}']) == 2
    error = capsys.readouterr().err
    assert 'no EGL display' in error and error.count('\n') == 1
    assert not (tmp_path / 'run').exists()


@pytest.mark.parametrize('whose', ['os.posix_fallocate', 'run_recorder.identity_file.write_json'])
def test_a_run_that_a_full_disk_refuses_names_its_folder_and_leaves_none(
    monkeypatch, capsys, tmp_path, whose
):
    def full(*_):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(whose, full)
    folder = tmp_path / 'run'
    words = ['seq_sac', 'setting:=baseline', f'output:={folder}']
    assert main(words) == 2
    assert f'error: output is {folder}, whose disk is full' in capsys.readouterr().err
    assert not folder.exists()
    folder.mkdir()
    (folder / 'notes.txt').write_text('mine')
    assert main(words) == 2
    assert (folder / 'notes.txt').read_text() == 'mine'


@pytest.mark.parametrize('place', ['.', 'none/evaluation.json', 'file/evaluation.json'])
def test_an_evaluation_that_could_not_be_written_is_refused_at_once(capsys, tmp_path, place):
    (tmp_path / 'file').touch()
    words = ['evaluate', 'checkpoint:=nowhere', f'output:={tmp_path / place}']
    assert main(words) == 2
    error = capsys.readouterr().err
    assert f'output is {tmp_path / place}, ' in error and error.count('\n') == 1


def test_virtual_time_needs_no_ros_and_no_opengl_to_be_imported():
    left_out = {'rclpy', 'ur5_rl_interfaces', 'mujoco'}
    code = f'import sys, virtual_time.__main__; print({left_out} & set(sys.modules))'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout == 'set()\n'
