"""The figures of a comparison, from run folders to numbers that were worked by hand."""

import csv
import json
import math
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from run_reading import outcome
from run_reading.comparison import comparison_figures, drawing, record
from run_reading.comparison.__main__ import main
from run_reading.comparison.compare import parse_references
from run_reading.comparison.estimates import bin_means, estimate, interval, t_quantile
from run_reading.report import facts

sys.path.insert(0, str(Path(__file__).parents[2] / 'run_recorder' / 'test'))
import recorded


def make_run(folder, returns=(10.0, 20.0, 30.0, 40.0), complete=True, evaluation=(), **about):
    """A run of 60 s with an episode at 0 s (random), 15, 30, 45 and 60 s, and an aborted one."""
    folder.mkdir(parents=True)
    identity = {'architecture': 'seq_sac', 'mode': 'virtual', 'task': 'reaching', 'setting': 'baseline'}
    identity |= {'seed': 1, 'duration': 60.0, 'costs': 'thesis', 'init': ''}
    (folder / 'run.json').write_text(json.dumps(identity | about))
    summary = {'complete': complete, 'elapsed_s': 60.0, 'steps': 500, 'cycle_mean_ms': 80.0}
    summary |= {'episodes': len(returns), 'updates': 500}
    (folder / 'summary.json').write_text(json.dumps(summary))
    rows = ['elapsed_s,return,aborted', '0,-100,0', '20,999,1']
    rows += [f'{15 * number},{value},0' for number, value in enumerate(returns, 1)]
    (folder / 'episodes.csv').write_text('\n'.join(rows) + '\n')
    (folder / 'learner.csv').write_text('elapsed_s,updates\n0,50\n10,100\n30,500\n')
    (folder / 'timing.json').write_text('{"mean_ms": 80.0}')
    if evaluation:
        (folder / 'evaluation.json').write_text(json.dumps({'returns': evaluation}))
    return folder


def rows(path):
    with path.open(newline='') as file:
        return list(csv.DictReader(file))


def test_mean_and_standard_error():
    # deviations -2, 0, 2: s = 2, standard error 2 / sqrt(3)
    mean, error, n = estimate(np.array([1.0, 3.0, np.nan, 5.0]))
    assert (mean, n) == (3.0, 3)
    assert error == pytest.approx(2 / math.sqrt(3))


def test_nothing_is_said_of_the_error_of_one_value():
    mean, error, n = estimate([7.0])
    assert (mean, n) == (7.0, 1)
    assert math.isnan(error)
    assert estimate([]).n == 0
    assert math.isnan(estimate([]).mean)
    assert math.isnan(interval([7.0]).low)


@pytest.mark.parametrize(
    ('degrees', 'quantile'), [(1, 12.7062), (2, 4.30265), (4, 2.77645), (9, 2.26216), (29, 2.04523)]
)
def test_quantiles_of_student_are_those_of_the_tables(degrees, quantile):
    assert t_quantile(0.975, degrees) == pytest.approx(quantile, abs=1e-4)


def test_confidence_interval():
    # mean 3, standard error 1.1547, t(2) = 4.3027: 4.9683 to each side
    mean, low, high, n = interval([1.0, 3.0, 5.0])
    assert (mean, n) == (3.0, 3)
    assert low == pytest.approx(3 - 4.96828, abs=1e-4)
    assert high == pytest.approx(3 + 4.96828, abs=1e-4)


def test_bins_take_episodes_by_their_end():
    edges = np.array([0.0, 10.0, 20.0, 30.0])
    times = np.array([1.0, 10.0, 10.1, 31.0])  # on an edge: before it; after the last edge: the last stretch
    np.testing.assert_array_equal(bin_means(times, np.array([1.0, 3.0, 5.0, 7.0]), edges), [2.0, 5.0, 7.0])
    np.testing.assert_array_equal(bin_means(np.array([25.0]), np.array([4.0]), edges), [np.nan, np.nan, 4.0])


def test_a_record_leaves_out_random_and_aborted_episodes(tmp_path):
    run = record.read(make_run(tmp_path / 'run', evaluation=[1.0, 2.0]))
    np.testing.assert_array_equal(run.times_s, [15.0, 30.0, 45.0, 60.0])
    np.testing.assert_array_equal(run.returns, [10.0, 20.0, 30.0, 40.0])
    assert run.updates_per_s == (500 - 100) / 20  # the row before the clock started does not count
    assert run.cycle_ms == 80.0


def test_updates_that_a_learner_made_anew_after_its_death_count():
    updates = [0, 30, 60, 90, 0, 30, 60]  # it dies before its first checkpoint
    table = {'elapsed_s': list('1234567'), 'updates': list(map(str, updates))}
    assert record.updates_per_s(table) == 150 / 6


@pytest.mark.parametrize('random_steps', [8, 10])
def test_recorder_and_reader_agree_on_which_episodes_were_random(tmp_path, capsys, random_steps):
    recording = recorded.record(tmp_path, 16, random_steps=random_steps)  # 8: within the second episode
    assert recording.over(1115.0)
    recording.close(1115.0)
    about = {'architecture': 'seq_sac', 'mode': 'real_time', 'task': 'reaching', 'setting': 'small'}
    (tmp_path / 'run.json').write_text(json.dumps(about | {'seed': 1, 'duration': 100.0}))
    (tmp_path / 'learner.csv').write_text('elapsed_s,updates\n')
    run = record.read(tmp_path)
    assert len(run.returns) == 15 - (random_steps == 10)
    assert (run.times_s > 0).all()
    assert (~facts.read(tmp_path).episodes.random).sum() == len(run.returns)
    assert capsys.readouterr().err == ''


def test_a_table_that_has_no_time_for_an_episode_that_learned_is_read_by_its_steps():
    episodes = {'total_steps': ['5', '10', '15'], 'elapsed_s': ['0', '0', '7']}
    assert outcome.learned(episodes, {'random_steps': 8}).tolist() == [False, True, True]
    assert outcome.learned(episodes, {}).tolist() == [False, False, True]


def test_figures_on_numbers_worked_by_hand(tmp_path):
    make_run(tmp_path / 'a', seed=1, evaluation=[2.0, 4.0])
    make_run(tmp_path / 'b', seed=2, returns=(30.0, 40.0, 50.0, 60.0), evaluation=[5.0, 7.0])
    make_run(tmp_path / 'c', architecture='async_sac_2', returns=(1.0, 1.0, 1.0, 3.0), evaluation=[1.0, 3.0])
    found = comparison_figures.groups(record.find([tmp_path])[0])
    assert [group.line for group in found] == ['Seq-SAC', 'Async-SAC-2']

    curve = comparison_figures.learning_curves(found, 2)
    assert [(row['time_min'], row['return'], row['n_runs']) for row in curve] == [
        (0.25, 25.0, 2),  # 15 of a, 35 of b
        (0.75, 45.0, 2),
        (0.25, 1.0, 1),
        (0.75, 2.0, 1),
    ]
    assert curve[0]['standard_error'] == pytest.approx(10.0)  # s = sqrt(200), over sqrt(2)

    sequential, asynchronous = comparison_figures.overall_returns(found)
    assert sequential['return'] == 35.0
    assert sequential['standard_error'] == pytest.approx(10.0)
    assert (sequential['n_runs'], sequential['n_episodes']) == (2, 8)
    assert asynchronous['return'] == 1.5

    over_runs, over_episodes = comparison_figures.evaluations(found)
    assert over_runs['return'] == 4.5  # of 3 and 6: s = 2.1213, standard error 1.5, t(1) = 12.706
    assert over_runs['high'] == pytest.approx(4.5 + 1.5 * 12.7062, abs=1e-3)
    assert (over_runs['interval_over'], over_runs['n_runs'], over_runs['n_episodes']) == ('runs', 2, 4)
    assert over_episodes['return'] == 2.0
    assert over_episodes['low'] == pytest.approx(2 - 12.7062, abs=1e-3)
    assert (over_episodes['interval_over'], over_episodes['n_runs']) == ('episodes', 1)

    times = comparison_figures.timing(found)[0]
    assert (times['cycle_ms'], times['cycle_standard_error'], times['updates_per_s']) == (80.0, 0.0, 20.0)


def test_what_sets_runs_apart_is_a_line_of_its_own(tmp_path):
    make_run(tmp_path / 'a', init='policy.safetensors')
    make_run(tmp_path / 'b', mode='real_time', costs=None)
    found = comparison_figures.groups(record.find([tmp_path])[0])
    assert [group.line for group in found] == [
        'Seq-SAC, real time, this machine, untrained',
        'Seq-SAC, virtual, costs thesis, from a checkpoint',
    ]


@pytest.mark.parametrize(
    ('name', 'values', 'told'),
    [
        (
            'init',
            ['/r/a/checkpoints/learner.safetensors', '/r/b/checkpoints/learner.safetensors', ''],
            ['untrained', 'from checkpoint a', 'from checkpoint b'],
        ),
        ('init', ['/r/a', '/r/a/a'], ['from checkpoint r', 'from checkpoint r/a']),
        ('replay', ['/bags/one', '/bags/one,/bags/two'], ['with bags one', 'with bags one,/bags/two']),
        ('replay', ['/bags/one', ''], ['without bags', 'with bags']),
    ],
)
@pytest.mark.parametrize('mode', ['real_time', 'virtual'])
def test_runs_that_began_with_something_else_are_not_averaged(tmp_path, mode, name, values, told):
    for seed in (1, 2):
        for number, value in enumerate(values):
            make_run(tmp_path / f'{number}_{seed}', seed=seed, mode=mode, **{name: value})
    found = comparison_figures.groups(record.find([tmp_path])[0])
    assert [group.line for group in found] == [f'Seq-SAC, {text}' for text in told]
    assert [len(group.records) for group in found] == [2] * len(told)


def test_seed_after_seed_from_what_the_same_seed_had_learned_is_one_group(tmp_path):
    for seed in (1, 2, 3):
        make_run(tmp_path / str(seed), seed=seed, init=f'/runs/reaching_{seed}/learner.safetensors')
        make_run(tmp_path / f'new_{seed}', seed=seed)
    found = comparison_figures.groups(record.find([tmp_path])[0])
    assert [group.line for group in found] == ['Seq-SAC, untrained', 'Seq-SAC, from a checkpoint']
    assert [len(group.records) for group in found] == [3, 3]
    for seed in (1, 2, 3):
        shutil.rmtree(tmp_path / f'new_{seed}')
        init = f'/runs/reaching_{seed}/learner.safetensors'
        make_run(tmp_path / f'real_{seed}', seed=seed, init=init, mode='real_time')
    found = comparison_figures.groups(record.find([tmp_path])[0])
    assert [len(group.records) for group in found] == [3, 3]


def lines(folder):
    return [group.line for group in comparison_figures.groups(record.find([folder])[0])]


def configure(folder, text):
    (folder / 'configuration.yaml').write_text(text)


NODE = '/{}:\n  ros__parameters: {{action_cycle_s: {}, seed: {}, run_folder: /a/{}}}\n'
"""What a node said that it has; seed and folder are each run's own."""


def test_runs_of_other_parameters_are_not_averaged(tmp_path):
    for seed, cycle_s in ((1, 0.08), (2, 0.08), (3, 0.04)):
        folder = make_run(tmp_path / str(seed), mode='real_time', seed=seed)
        configure(
            folder, ''.join(NODE.format(node, cycle_s, seed, seed) for node in ('environment', 'actor'))
        )
    slow, fast = comparison_figures.groups(record.find([tmp_path])[0])
    assert (slow.line, len(slow.records)) == ('Seq-SAC, action_cycle_s 0.08', 2)
    assert (fast.line, len(fast.records)) == ('Seq-SAC, action_cycle_s 0.04', 1)


def test_the_same_value_of_another_node_is_another_difference(tmp_path):
    text = '{}:\n  ros__parameters: {{target_radius: {}}}\n'
    for seed, radii in ((1, (0.02, 0.03)), (2, (0.03, 0.02)), (3, (0.03, 0.03))):
        nodes = zip(('robot_cell', 'target_monitor'), radii, strict=True)
        configure(make_run(tmp_path / str(seed), seed=seed), ''.join(text.format(*node) for node in nodes))
    assert lines(tmp_path) == [
        'Seq-SAC, target_radius (robot_cell) 0.02, target_radius (target_monitor) 0.03',
        'Seq-SAC, target_radius (robot_cell) 0.03, target_radius (target_monitor) 0.02',
        'Seq-SAC, target_radius 0.03',
    ]


def test_what_a_virtual_run_was_not_given_is_the_default(tmp_path):
    text = '/**:\n  ros__parameters: {{strides: [2, 1], {}}}\n'
    configure(make_run(tmp_path / 'a', seed=1), text.format('task: reaching'))
    configure(make_run(tmp_path / 'b', seed=2), text.format('reward: released'))
    assert lines(tmp_path) == ['Seq-SAC', 'Seq-SAC, reward released']


def test_architectures_and_settings_may_have_parameters_of_their_own(tmp_path):
    for name, cycle_s in (('seq_sac', 0.08), ('async_sac_2', 0.04)):
        configure(make_run(tmp_path / name, architecture=name), NODE.format('environment', cycle_s, 1, 1))
    configure(make_run(tmp_path / 'other', setting='mine'), NODE.format('environment', 0.2, 1, 1))
    assert lines(tmp_path) == ['Seq-SAC', 'Async-SAC-2', 'Seq-SAC']


def test_what_is_not_known_is_not_compared(tmp_path):
    for seed in (1, 2, 3):
        make_run(tmp_path / str(seed), seed=seed, mode='real_time')
    configure(tmp_path / '2', NODE.format('environment', 0.04, 2, 2))
    configure(tmp_path / '3', NODE.format('learner', 0.08, 3, 3))  # its environment never answered
    assert lines(tmp_path) == ['Seq-SAC']


def test_a_parameter_that_older_nodes_did_not_have_sets_nothing_apart(tmp_path):
    for seed, further in ((1, ''), (2, ', margin: 0.1'), (3, ', margin: 0.2')):
        folder = make_run(tmp_path / str(seed), seed=seed, mode='real_time')
        configure(folder, f'/b/environment:\n  ros__parameters: {{action_cycle_s: 0.04{further}}}\n')
    assert lines(tmp_path) == ['Seq-SAC', 'Seq-SAC, margin 0.1', 'Seq-SAC, margin 0.2']
    (tmp_path / '3' / 'summary.json').unlink()
    assert lines(tmp_path) == ['Seq-SAC']


def test_a_damaged_configuration_is_told_and_not_compared(tmp_path, capsys):
    configure(make_run(tmp_path / 'a', seed=1), '\0')
    configure(make_run(tmp_path / 'b', seed=2), NODE.format('environment', 0.04, 2, 2))
    assert lines(tmp_path) == ['Seq-SAC']
    said = capsys.readouterr().err
    assert said.startswith(f'{tmp_path}/a/configuration.yaml is damaged') and said.count('\n') == 1
    assert 'what it was given is not known' in said


def test_runs_of_the_arm_and_of_the_simulated_one_are_not_averaged(tmp_path):
    make_run(tmp_path / 'a', seed=1, mode='real_time', robot_ip='10.0.0.1')
    make_run(tmp_path / 'b', seed=2, mode='real_time')
    assert lines(tmp_path) == ['Seq-SAC, real arm', 'Seq-SAC, simulated arm']


def test_a_cost_table_that_has_changed_under_its_name_is_another(tmp_path):
    for seed, gradient_ms in ((1, 12.0), (2, 13.5)):
        make_run(tmp_path / str(seed), seed=seed, costs_ms={'action_ms': 2.0, 'gradient_ms': gradient_ms})
    assert lines(tmp_path) == ['Seq-SAC, gradient_ms 12.0', 'Seq-SAC, gradient_ms 13.5']


@pytest.mark.parametrize('mode', ['real_time', 'virtual'])
def test_one_run_never_counts_twice(tmp_path, mode):
    make_run(tmp_path / 'a', mode=mode)
    make_run(tmp_path / 'b', mode=mode)
    with pytest.raises(ValueError, match=f'{tmp_path}/b and {tmp_path}/a are one run, seed 1: name one'):
        comparison_figures.groups(record.find([tmp_path])[0])
    assert len(record.find([tmp_path / 'a', tmp_path / 'a'])[0]) == 1


def test_real_time_runs_of_one_seed_are_runs_of_their_own(tmp_path):
    make_run(tmp_path / 'a', mode='real_time')
    make_run(tmp_path / 'b', mode='real_time', returns=(10.0, 20.0, 30.0, 40.5))
    make_run(tmp_path / 'c', mode='real_time', returns=())
    make_run(tmp_path / 'd', mode='real_time', returns=())
    (group,) = comparison_figures.groups(record.find([tmp_path])[0])
    assert len(group.records) == 4


def test_compare_writes_pictures_and_tables(tmp_path, capsys):
    make_run(tmp_path / 'a', seed=1, evaluation=[2.0, 4.0])
    make_run(tmp_path / 'b', task='tracking', evaluation=[2.0, 4.0])
    make_run(tmp_path / 'c', complete=False)
    assert main([str(tmp_path), 'bins:=4', 'reference:=servo=50,tracking/zero=3']) == 0
    names = ['evaluation', 'learning_curves', 'overall_return', 'timing']
    assert sorted(path.name for path in (tmp_path / 'comparison').iterdir()) == sorted(
        [f'{name}.csv' for name in names] + [f'{name}.png' for name in names] + ['report.html']
    )
    for name in names:
        assert (tmp_path / 'comparison' / f'{name}.png').read_bytes().startswith(b'\x89PNG')
    assert rows(tmp_path / 'comparison' / 'learning_curves.csv')[3] == {
        'task': 'reaching',
        'setting': 'baseline',
        'line': 'Seq-SAC',
        'time_min': '0.875',
        'return': '40',
        'standard_error': '',
        'n_runs': '1',
    }
    output = capsys.readouterr().out
    assert f'left out: {tmp_path}/c is not complete' in output
    assert '2 runs compared' in output
    page = (tmp_path / 'comparison' / 'report.html').read_text(encoding='utf-8')
    assert page.count('src="data:image/png;base64,') == 4 and f'{tmp_path}/c is not complete' in page
    assert '<td>0.875</td><td>40</td>' in page, 'the figures behind the curves'


def test_an_evaluation_of_an_earlier_comparison_is_not_left_among_the_new_files(tmp_path):
    run = make_run(tmp_path / 'a', evaluation=[2.0, 4.0])
    assert main([str(tmp_path)]) == 0
    (run / 'evaluation.json').unlink()
    assert main([str(tmp_path)]) == 0
    assert sorted({path.stem for path in (tmp_path / 'comparison').iterdir()}) == [
        *('learning_curves', 'overall_return', 'report', 'timing')
    ]


def test_the_page_shows_no_picture_of_an_earlier_comparison(tmp_path, capsys, monkeypatch):
    make_run(tmp_path / 'a')
    assert main([str(tmp_path)]) == 0

    def fails(path, *_):
        raise ImportError('no backend')

    monkeypatch.setattr(drawing, 'timing', fails)
    assert main([str(tmp_path)]) == 1
    page = (tmp_path / 'comparison' / 'report.html').read_text(encoding='utf-8')
    assert page.count('<img') == 2 and 'timing.png is not there; the figures are.' in page
    assert 'timing.png was not drawn' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['{}/nowhere'], 'there is no folder {}/nowhere'),
        (['{}/empty'], '{}/empty holds no run'),
        (['{}/killed'], 'nothing to compare: {}/killed is not complete'),
        (['{}/other'], '{}/other/run.json is missing'),
        (['{}/torn'], '{}/torn/run.json is damaged'),
        (['{}/poor'], '{}/poor/run.json is damaged (its architecture is no str)'),
        ([], 'name the folders of runs'),
        (['{}/good', 'bin:=3'], "'bin:=3' is no option"),
        (['{}/good', 'bins:=0'], 'bins is 0; allowed is 1 to 1000'),
        (['{}/good', 'reference:=servo'], "reference has 'servo'; write name=value"),
    ],
)
def test_whatever_is_wrong_is_one_line_and_exit_code_2(tmp_path, capsys, arguments, message):
    for name in ('good', 'killed', 'other', 'torn', 'poor'):
        make_run(tmp_path / name, complete=name != 'killed')
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'other' / 'run.json').unlink()
    (tmp_path / 'torn' / 'run.json').write_text('{')
    (tmp_path / 'poor' / 'run.json').write_text('{}')
    assert main([*(argument.format(tmp_path) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert message.format(tmp_path) in error
    assert error.count('\n') == 1


def test_a_folder_that_holds_a_run_is_not_written_into(tmp_path, capsys):
    run = make_run(tmp_path / 'run')
    (run / 'report.html').write_text('of the run')
    before = sorted(run.iterdir())
    assert main([str(run), f'output:={run}']) == 2
    assert f'output is {run}, which holds a run' in capsys.readouterr().err
    assert sorted(run.iterdir()) == before and (run / 'report.html').read_text() == 'of the run'


def test_a_picture_that_fails_costs_nothing_but_itself(tmp_path, capsys, monkeypatch):
    make_run(tmp_path / 'a', evaluation=[2.0, 4.0])

    def fails(*_):
        raise RuntimeError('no fonts')

    monkeypatch.setattr(drawing, 'overall_returns', fails)
    assert main([str(tmp_path)]) == 1
    output, folder = capsys.readouterr().out, tmp_path / 'comparison'
    assert f'warning: {folder}/overall_return.png was not drawn (RuntimeError: no fonts)' in output
    assert '1 runs compared' in output
    assert len(list(folder.glob('*.csv'))) == 4 and len(list(folder.glob('*.png'))) == 3


@pytest.mark.parametrize(
    ('name', 'damage'),
    [
        ('episodes.csv', lambda content: content.replace(b'15,10.0,0', b'\0' * 40)),
        ('episodes.csv', lambda content: content + b'75,3\n'),
        ('learner.csv', lambda content: content + b'\xff\xfe\n'),
        ('timing.json', lambda content: b''),
        ('timing.json', lambda content: b'{"mean_ms": "much"}'),
        ('evaluation.json', lambda content: b'\0' * 40),
        ('evaluation.json', lambda content: b'{"returns": [1, "b"]}'),
    ],
)
def test_a_damaged_file_of_a_run_is_told_in_one_line_and_the_rest_compared(tmp_path, capsys, name, damage):
    folder = make_run(tmp_path / 'a', evaluation=[2.0, 4.0])
    (folder / name).write_bytes(damage((folder / name).read_bytes()))
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert '1 runs compared' in said.out
    further = [line for line in said.err.splitlines() if 'holds 3 of the 4 episodes' not in line]
    assert said.err.startswith(f'{folder / name} is damaged') and len(further) == 1


@pytest.mark.parametrize(
    ('name', 'content', 'told'),
    [
        ('episodes.csv', 'elapsed_s,return,aborted\n15,10,0\n', 'holds 1 of the 4 episodes'),
        ('episodes.csv', '', 'holds 0 of the 4 episodes'),
        ('timing.json', None, 'is missing: its action cycle is not known'),
        ('learner.csv', None, 'is missing: its rate of updates is not known'),
    ],
)
def test_what_a_run_has_lost_without_a_trace_is_told_by_its_summary(tmp_path, capsys, name, content, told):
    folder = make_run(tmp_path / 'a')
    record.read(folder)
    assert capsys.readouterr().err == ''
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content)
    record.read(folder)
    said = capsys.readouterr().err
    assert said.startswith(f'{folder / name} {told}') and said.count('\n') == 1


def test_a_table_that_lacks_a_column_is_named_with_it(tmp_path, capsys):
    make_run(tmp_path / 'good')
    poor = make_run(tmp_path / 'poor', seed=2)
    (poor / 'episodes.csv').write_text('elapsed_s,return\n15,10\n')
    told = f'{poor}/episodes.csv lacks the columns aborted, as of another version'
    assert main([str(tmp_path)]) == 0
    assert f'left out: {told}\n' in capsys.readouterr().out
    assert main([str(poor)]) == 2
    assert capsys.readouterr().err.startswith(f'error: {told}')


def test_a_learner_that_lacks_a_column_costs_its_rate_of_updates_only(tmp_path, capsys):
    folder = make_run(tmp_path / 'a')
    (folder / 'learner.csv').write_text('elapsed_s\n10\n30\n')
    assert math.isnan(record.read(folder).updates_per_s)
    said = capsys.readouterr().err
    assert said.startswith(f'{folder}/learner.csv lacks the columns updates') and said.count('\n') == 1


@pytest.mark.parametrize('random_steps', ['many', None, [8]])
def test_random_steps_that_are_no_number_are_not_known(random_steps):
    summary = {'complete': True, 'elapsed_s': 60.0, 'steps': 500, 'cycle_mean_ms': 80.0}
    assert outcome.doubt(summary | {'random_steps': random_steps}, {'duration': 60.0}) == ''


@pytest.mark.parametrize('duration', ['long', None])
def test_a_duration_that_is_no_number_is_not_known(duration):
    summary = {'complete': True, 'elapsed_s': 60.0, 'steps': 500, 'cycle_mean_ms': 80.0}
    assert outcome.doubt(summary, {'duration': duration}) == ''


@pytest.mark.parametrize('name', ['run.json', 'summary.json'])
@pytest.mark.parametrize('text', ['', '[]', '\0' * 40, '{"complete": true}'])
def test_a_run_that_does_not_say_what_it_was_is_left_out(tmp_path, capsys, name, text):
    make_run(tmp_path / 'good')
    (make_run(tmp_path / 'torn') / name).write_text(text)
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert f'left out: {tmp_path}/torn' in said.out and '1 runs compared' in said.out
    assert said.err == ''


def test_a_run_whose_time_cannot_be_is_left_out(tmp_path, capsys):
    make_run(tmp_path / 'good')
    summary = {'complete': True, 'elapsed_s': 3605.0, 'steps': 176, 'cycle_mean_ms': 40.0}
    (make_run(tmp_path / 'set') / 'summary.json').write_text(json.dumps(summary))
    assert main([str(tmp_path)]) == 0
    left_out = f'left out: {tmp_path}/set is not complete: it counts 3605 s for a duration of 60 s'
    assert left_out in capsys.readouterr().out


def test_a_run_without_end_is_left_out_and_not_called_an_evaluation(tmp_path, capsys):
    make_run(tmp_path / 'good')
    folder = make_run(tmp_path / 'endless', duration=0.0)
    (folder / 'summary.json').write_text('{"complete": false}')
    assert main([str(tmp_path)]) == 0
    assert f'left out: {folder} is not complete: it has no duration, and so' in capsys.readouterr().out


def test_references():
    assert parse_references('') == []
    assert parse_references('servo=1490,tracking/zero=3.5') == [
        ('', 'servo', 1490.0),
        ('tracking', 'zero', 3.5),
    ]
    for wrong in ('servo', 'servo=', '=3', 'dancing/servo=3', 'servo=nan'):
        with pytest.raises(ValueError, match='reference has'):
            parse_references(wrong)
