"""The page of a run: what it says, that it says it as text, and what it costs the run."""

import dataclasses
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from run_reading import identity, table
from run_reading.columns import EPISODE_COLUMNS, LEARNER_COLUMNS
from run_reading.report import __main__ as command
from run_reading.report import cycles, facts, flow, making, page, report_contents, report_figures
from run_reading.report.cycles import STRETCH, read_cycles
from run_reading.report.page import Folded, Picture, Section, Table, Words
from run_recorder.table_file import Table as Rows

sys.path.insert(0, str(Path(__file__).parents[2] / 'run_recorder' / 'test'))
from recorded import record

EVALUATION = {'duration': 0.0, 'architecture': 'evaluate'}
EVIL = '<script>alert("1")</script> & \'2\''


@pytest.fixture
def run(tmp_path):
    """A run of 16 episodes, the first two random; two of three reports of the learner have an entropy."""
    folder = tmp_path / 'run'
    recording = record(folder, 16)
    assert recording.over(1114.1)
    recording.close(1114.2, lost={'spans': 3, 'transitions': 0})
    about = {'architecture': 'async_sac_2', 'task': EVIL, 'origins': [{'host': EVIL, 'cores': '2'}]}
    (folder / 'run.json').write_text(json.dumps(about))
    (folder / 'configuration.yaml').write_text(
        '/robot_1/environment:\n  ros__parameters: {action_cycle_s: 0.05}\n'
        f'/buffer_sampler:\n  ros__parameters: {{updates_per_step: 2.0, title: {json.dumps(EVIL)}}}\n'
    )
    learner = Rows(folder / 'learner.csv', LEARNER_COLUMNS)
    for second, told in enumerate(['critic_loss=0.5', 'critic_loss=0.25 entropy=-2', 'entropy=x q=inf']):
        values = dict.fromkeys(LEARNER_COLUMNS, 1.0) | {'elapsed_s': 60.0 * second, 'metrics': told}
        learner.append(**values)
    learner.close()
    seconds = [1100.0 + 0.04 * cycle for cycle in range(9)]
    cycles = [f'{second},99,{step},40,0,0,5,9,2,14,0.3\n' for step, second in enumerate(seconds[1:])]
    with (folder / 'cycle_timing.csv').open('a') as file:
        file.writelines(cycles)
    (folder / 'spans.csv').write_text(
        'component,span,start_s,duration_ms\n' + ''.join(f'actor,act,{second},3\n' for second in seconds)
    )
    return folder


def words(parts):
    """All texts of some parts, in a line."""
    found = []
    for part in parts:
        match part:
            case Words(text, _):
                found.append(text)
            case Table(head, rows):
                found += [' '.join(map(str, row)) for row in (head, *rows)]
            case Folded(title, inner):
                found += [title, words(inner)]
            case Picture(caption, _):
                found.append(caption)
    return '\n'.join(found)


def test_the_facts_of_a_run(run):
    found = facts.read(run)
    assert found.planned_ms == 50.0, 'that of the environment, in whatever namespace'
    assert found.episodes.random.sum() == 2 and found.episodes.returns.tolist() == list(range(1, 17))
    assert found.episodes.minutes[-1] == pytest.approx(14 * 7 / 60)
    np.testing.assert_equal(found.learning.metrics['entropy'], [np.nan, -2.0, np.nan])
    assert found.learning.minutes.tolist() == [0.0, 1.0, 2.0]
    assert found.counted['changed_steps'] == 3 * 16 and found.counted['unreported_steps'] == 16
    assert found.cycles.summary.cycles == 24 and found.cycles.summary.within_2ms_fraction == 0.0
    assert found.aborts == [] and found.damages == [] and found.acted


GIVES = '/**:\n  ros__parameters: {{{}}}\n'


@pytest.mark.parametrize(
    ('configuration', 'parameters', 'timing', 'planned_ms'),
    [
        ('/actor:\n  ros__parameters: {seed: 1}\n', GIVES.format('action_cycle_s: 0.12'), '{}', 120.0),
        (None, '/r/environment:\n  ros__parameters: {action_cycle_s: 0.2}\n', '{}', 200.0),
        (None, GIVES.format('task: reaching'), '{"planned_ms": 80.0}', 40.0),
        (GIVES.format('task: reaching'), None, '{}', 40.0),
        (None, None, '{"planned_ms": 80.0}', 80.0),
        (None, None, '{"planned_ms": true}', np.nan),
        (None, None, '{}', np.nan),
    ],
)
def test_the_plan_is_what_the_run_was_given_and_is_never_made_up(
    run, configuration, parameters, timing, planned_ms
):
    for name, text in (
        ('configuration.yaml', configuration),
        ('parameters.yaml', parameters),
        ('timing.json', timing),
    ):
        (run / name).unlink(missing_ok=True)
        if text is not None:
            (run / name).write_text(text)
    found = facts.read(run)
    np.testing.assert_equal(found.planned_ms, planned_ms)
    unknown = f'the planned action cycle of {run} is not known: none of configuration.yaml, parameters.yaml'
    assert [line[: len(unknown)] for line in found.damages] == [unknown] * bool(np.isnan(planned_ms))


def test_a_run_whose_plan_is_not_known_is_not_held_against_one(run):
    (run / 'configuration.yaml').unlink()
    (run / 'timing.json').unlink()
    assert making.make(run) == []
    text = (run / 'report.html').read_text(encoding='utf-8')
    assert 'within 2 ms' not in text and 'nan' not in text and '<td>not known</td>' in text


def test_a_metric_that_is_none_is_told_and_one_that_is_missing_is_not(run):
    learner = Rows(run / 'learner.csv', LEARNER_COLUMNS)
    learner.append(**dict.fromkeys(LEARNER_COLUMNS, 1.0) | {'metrics': 'critic_loss=nan entropy=1'})
    learner.close()
    assert facts.read(run).learning.not_finite == ('critic_loss', 'q')
    assert 'Not finite: critic_loss, q. The learner has diverged.' in words(
        report_contents.glance(facts.read(run))
    )


ENDED = {'complete': True, 'elapsed_s': 100.0, 'steps': 2500, 'random_steps': 10, 'cycle_mean_ms': 40.0}


@pytest.mark.parametrize(
    ('summary', 'about', 'told'),
    [
        (ENDED, {'duration': 300.0}, 'it has had 100 s of its 300 s'),
        (ENDED, {'duration': 100.0}, ''),
        (ENDED, {'duration': 'long'}, ''),
        (ENDED | {'random_steps': 'many'}, {}, ''),
        (ENDED | {'elapsed_s': 3605.0}, {'duration': 100.0}, 'it counts 3605 s for a duration of 100 s'),
        (ENDED | {'elapsed_s': 90.0}, {'duration': 0.0}, 'its episodes go on after 90 s'),
        (ENDED | {'complete': False, 'elapsed_s': 90.0}, {'duration': 0.0}, 'its episodes go on after 90 s'),
    ],
)
def test_the_summary_of_a_run_that_was_resumed_and_killed_is_not_believed(run, summary, about, told):
    """Its last episode has ended after 98 s."""
    found = dataclasses.replace(facts.read(run), about=about, summary=summary)
    said = [line for line in report_contents._warnings(found) if 'is not that of' in line]
    assert said == [
        f'What summary.json tells is not that of the whole run, or is doubtful: {told}. '
        'So it is, for example, where a resumed run was killed or goes on.'
    ] * bool(told)


def test_no_more_is_called_well_than_is_known(run):
    found = facts.read(run)
    within = found.cycles.summary._replace(within_2ms_fraction=1.0)
    told = {
        'summary': ENDED | {'lost': {}},
        'cycles': found.cycles._replace(summary=within),
        'learning': found.learning._replace(not_finite=()),
    }
    well = dataclasses.replace(found, **told)
    assert 'Nothing was lost, and the action cycle was held.' in words(report_contents.glance(well))
    unknown = dataclasses.replace(well, summary=ENDED, cycles=found.cycles._replace(summary=None))
    last = words(report_contents.glance(unknown)).splitlines()[-1]
    assert last == 'What was lost is not known, and the action cycle is not known.'
    unplanned = words(report_contents.glance(dataclasses.replace(well, planned_ms=np.nan)))
    assert unplanned.splitlines()[-1] == 'Nothing was lost, and the plan of the action cycle is not known.'


@pytest.mark.parametrize(
    ('about', 'told'),
    [
        ({'duration': 900.0}, 'it ended before its duration was over'),
        (EVALUATION, 'it ended before its episodes were over'),
        ({'duration': 0.0, 'architecture': 'async_sac_2'}, ''),
        ({}, 'it is not said to be complete, and its duration is not known'),
    ],
)
def test_a_run_without_end_did_not_end_before_it(run, about, told):
    found = dataclasses.replace(facts.read(run), about=about, summary={'complete': False})
    said = [line for line in report_contents._warnings(found) if 'complete' in line]
    assert said == [f'The run is not complete: {told}.'] * bool(told)


@pytest.fixture
def drawn(monkeypatch):
    """What a picture is made of, by the titles of its panels, or by what is on their y axes."""
    panels = {}

    def keep(figure, *_, **__):
        panels.update({axes.get_title() or axes.get_ylabel(): axes for axes in figure.axes})

    monkeypatch.setattr(report_figures, 'save_figure', keep)
    return panels


def test_a_metric_of_every_other_report_is_a_line_also_in_a_long_run(run, drawn):
    """A line has no point where a value is none; a mean of neighbours would be none, too."""
    found = facts.read(run)
    count = 3 * report_figures.POINTS
    values = np.where(np.arange(count) % 2, np.nan, 4.0)
    learning = found.learning._replace(minutes=np.arange(float(count)), metrics={'entropy': values})
    report_figures.metrics(Path('none.png'), dataclasses.replace(found, learning=learning))
    (line,) = drawn['entropy'].lines
    assert np.isfinite(line.get_ydata()).all() and len(line.get_xdata()) == report_figures.POINTS
    assert line.get_xdata()[-1] > count - 5


def test_what_a_stretch_is_does_not_depend_on_the_action_cycle(run, drawn):
    report_figures.over_time(Path('none.png'), facts.read(run))
    labels = [text.get_text() for text in drawn['action cycle [ms]'].get_legend().get_texts()]
    assert labels == [f'longest of {STRETCH}', 'median', 'plan']


def test_what_is_called_longest_or_largest_is_so_also_in_a_long_run(run, drawn):
    found = facts.read(run)
    count = 5 * report_figures.POINTS
    told = np.full(count, 40.0)
    told[1234] = 5000.0
    stretches = cycles.Stretches(np.arange(float(count)), *[told] * 4)
    long = dataclasses.replace(found, cycles=found.cycles._replace(stretches=stretches))
    report_figures.over_time(Path('none.png'), long)
    for name, label in (('action cycle [ms]', 0), ('age of the weights, largest [s]', 0)):
        line = drawn[name].lines[label]
        assert line.get_ydata().max() == 5000.0 and len(line.get_xdata()) == report_figures.POINTS
    assert drawn['action cycle [ms]'].lines[1].get_ydata().max() < 1100.0, 'of medians the mean'


def test_each_episode_of_a_long_run_is_a_dot(run, drawn):
    found = facts.read(run)
    returns = np.where(np.arange(2000) == 777, 5000.0, 0.0)
    episodes = facts.Episodes(np.arange(2000.0), returns, np.zeros(2000, bool))
    report_figures.learning(Path('none.png'), dataclasses.replace(found, episodes=episodes))
    dots, means = drawn['return'].lines
    assert len(dots.get_xdata()) == 2000 and dots.get_ydata().max() == 5000.0
    assert len(means.get_xdata()) == report_figures.POINTS


def test_an_aborted_episode_is_no_part_of_the_curve_and_its_cause_is_told(run):
    aborted = dict.fromkeys(EPISODE_COLUMNS, 1) | {'episode': 17, 'return': 900.0, 'text': 'no image for 1 s'}
    episodes = Rows(run / 'episodes.csv', EPISODE_COLUMNS)
    episodes.append(**aborted)
    episodes.close()
    found = facts.read(run)
    assert found.episodes.returns.max() == 16.0 and found.aborted == 1
    assert '17 no image for 1 s' in words(report_contents.lost(found))
    assert 'Episodes that were aborted: 1.' in words(report_contents.glance(found))


def test_why_something_was_lost_is_what_the_nodes_have_logged(run):
    (run / 'log').mkdir()
    late = ''.join(f'[ERROR] [{second}.5] [arm_driver]: stop {second}\n' for second in range(3661, 3681))
    (run / 'log' / 'a.log').write_text(f'[INFO] [1.0] [learner]: fine\n{late}[WARN] [x] [y]: z\n')
    (run / 'log' / 'b.log').write_bytes(f'[WARN] [3600.25] [camera]: {EVIL}\nmore\n\xff\n'.encode('latin-1'))
    found = facts.read(run)
    assert found.said[0] == ('01:00:00', 'camera', EVIL) and len(found.said) == 21
    told = words(report_contents.lost(found))
    assert 'log/ of the run folder' in told and 'on the terminal' in told
    assert 'the last of 21' in told and '01:01:20 arm_driver stop 3680' in told and EVIL not in told


def test_what_a_person_should_look_at_stands_first(run):
    found = words(report_contents.glance(facts.read(run)))
    assert 'return of the last 10 episodes 11.5 (sd 3.0)' in found
    assert 'return of the 2 random episodes 1.5 (sd 0.7)' in found
    for warning in ('0.00% of the action cycles were', 'Not finite: q.', 'Lost or dropped: spans 3.'):
        assert warning in found
    assert 'transitions' not in found and 'aborted' not in found


def test_all_that_a_run_tells_is_on_the_page_as_text(run):
    assert making.make(run) == []
    text = (run / 'report.html').read_text(encoding='utf-8')
    assert text.count('&lt;script&gt;') >= 4, 'task in title and heading, host, configuration'
    reader = Reader()
    reader.feed(text)
    assert not reader.tags & {'script', 'link', 'iframe', 'object', 'form'}
    assert not re.search(r'(src|href)="(?!data:image/png;base64,)', text)
    assert reader.pictures == 5 and len(text) < 2_000_000
    assert EVIL in reader.text


class Reader(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.text, self.pictures = set(), '', 0

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.pictures += tag == 'img'

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize('text', ['\udcff', '\0', '<b>'])
def test_no_text_breaks_the_page(text):
    shown = page.page(text, text, [Section(text, [Words(text), Table([text], [[text]]), Picture(text, b'')])])
    assert shown.encode() and '<b>' not in shown


def test_a_picture_that_fails_is_told_and_the_page_is_made(run, monkeypatch, capsys):
    def fails(path, *_):
        raise ImportError(f'no font for {path}')

    monkeypatch.setattr(report_figures, 'metrics', fails)
    assert command.main([str(run)]) == 1
    assert capsys.readouterr().err == 'warning: fails was not drawn (ImportError: no font for fails)\n'
    assert 'fails was not drawn' in (run / 'report.html').read_text(encoding='utf-8')


def test_damage_is_told_and_what_is_whole_is_shown(run):
    with (run / 'episodes.csv').open('ab') as file:
        file.write(b'17,garbage\n\0\0\0\0\n')
    (run / 'learner.csv').write_bytes((run / 'learner.csv').read_bytes()[:-3])
    (run / 'spans.csv').write_bytes(b'')
    (run / 'summary.json').write_text('{')
    (run / 'evaluation.json').write_text('[]')
    (run / 'clock.json').write_text('{"started"')
    (run / 'timing.json').write_text('{')
    found = facts.read(run)
    assert len(found.episodes.returns) == 16
    told = words(report_contents.glance(found))
    for name in ('episodes.csv', 'summary.json', 'evaluation.json', 'clock.json', 'timing.json'):
        assert re.search(rf'Damaged: .*{name} is damaged', told), name
    assert 'has not ended in good order' in told
    assert f'Damaged: {run}/learner.csv ends in a torn line, which is left out' in told
    assert told.count('torn') == 1 and len(found.learning.minutes) == 2
    assert words(report_contents.lost(found)).count('is damaged') == 5
    assert 'run 16 episodes\n' in told, 'and no more is known'


def test_of_a_damaged_configuration_of_an_ended_run_nothing_is_promised(run):
    (run / 'configuration.yaml').write_bytes(b'\0')
    (line,) = facts.read(run).damages
    assert line.startswith(f'{run}/configuration.yaml is damaged (') and line.endswith(')')


def test_all_that_a_run_began_with_stands_on_its_page(run):
    about = dict.fromkeys((*identity.KINDS, *identity.TEXTS), EVIL)
    told = words([report_contents._identity(dataclasses.replace(facts.read(run), about=about))])
    assert [line.partition(' ')[0] for line in told.splitlines()[2:]] == list(about)


def test_tables_of_another_version_cost_what_they_lack(run):
    for name in ('episodes.csv', 'learner.csv', 'cycle_timing.csv'):
        (run / name).write_text('colour,size\nred,3\n')
    found = facts.read(run)
    assert not found.acted and found.cycles.summary is None and found.learning.metrics == {}
    assert 'lacks the columns cycle_ms' in '\n'.join(found.damages)
    making.make(run)


def test_a_run_that_never_acted_has_a_page_that_says_so(tmp_path, capsys):
    record(tmp_path, 0).close(1000.0)
    assert command.main([str(tmp_path)]) == 0
    text = (tmp_path / 'report.html').read_text(encoding='utf-8')
    assert 'Nothing has acted' in text and '<img' not in text
    assert 'is in log/' not in text and 'on the terminal' in text and 'log/&lt;launch&gt;/launch.log' in text
    assert capsys.readouterr().out == f'{tmp_path}/report.html\n'


@pytest.mark.parametrize(
    ('words', 'told'),
    [
        ([], 'report needs the folder of one run'),
        (['{}/nowhere'], 'there is no folder {}/nowhere; give the folder of a run'),
        (['{}'], '{} is no run folder: it holds none of run.json'),
    ],
)
def test_what_is_no_run_is_refused_in_one_line(tmp_path, capsys, words, told):
    assert command.main([word.format(tmp_path) for word in words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith('error: ' + told.format(tmp_path))


def test_cycles_are_summed_up_in_stretches(tmp_path):
    path = tmp_path / 'cycle_timing.csv'
    rows = [f'{40 + (i == 7)},{i % 3},9,{int(i == 7)},{i}\n' for i in range(STRETCH + 3)]
    path.write_text('cycle_ms,response_ms,image_to_command_ms,overrun,weights_age_s\n' + ''.join(rows))
    found = read_cycles(path, 40.0, pytest.fail)
    assert found.stretches.last.tolist() == [STRETCH, STRETCH + 3]
    assert found.stretches.longest_ms.tolist() == [41.0, 40.0]
    assert found.stretches.weights_age_s.tolist() == [STRETCH - 1, STRETCH + 2]
    assert found.summary.overruns == 1
    counted = {cycles.EDGES_MS[i] + 0.25: n for i, n in enumerate(found.cycle_counts) if n}
    assert counted == {40.0: STRETCH + 2, 41.0: 1}
    assert found.response_counts.sum() == STRETCH + 3


def test_a_long_line_is_thinned_and_nothing_of_it_left_out():
    x = np.arange(1801.0)
    thin, y = report_figures.thinned(x, (x == 900).astype(float))
    assert len(thin) == report_figures.POINTS and thin[0] == 1.0 and y.sum() == pytest.approx(1 / 3)
    assert (
        report_figures.thinned(x[:5], x[:5])[0] is not None
        and len(report_figures.thinned(x[:5], x[:5])[0]) == 5
    )


@pytest.fixture
def long_run(tmp_path):
    """10 s of action cycles after 5 s of other spans, of which the first update comes last."""
    seconds = np.arange(100.0, 115.0, 0.04)
    spans = ''.join(f'actor,act,{second:.6f},3\nlearner,update,{second + 0.01:.6f},9\n' for second in seconds)
    (tmp_path / 'spans.csv').write_text(f'component,span,start_s,duration_ms\n{spans}')
    rows = ''.join(f'1,{k},{105 + 0.04 * k:.6f},40,0\n' for k in range(1, 251))
    (tmp_path / 'cycle_timing.csv').write_text(f'episode,step,stamp,cycle_ms,overrun\n{rows}')
    return tmp_path


def test_of_a_long_run_the_middle_is_read_and_shows_the_same(long_run, monkeypatch):
    whole = flow.read_flow(long_run, pytest.fail)
    monkeypatch.setattr(flow, 'WINDOW', 8_000)
    part = flow.read_flow(long_run, pytest.fail)
    assert len(part.spans.start_s) < 0.7 * len(whole.spans.start_s)
    assert len(part.cycles.step) == flow.CYCLES and np.ptp(part.cycles.step) == flow.CYCLES - 1
    assert part.into_run_s == pytest.approx(part.cycles.start_s[0] - 100.0)
    assert abs(part.into_run_s - whole.into_run_s) < 1.0 and whole.into_run_s == pytest.approx(7.5, abs=0.1)
    began, ended = part.cycles.start_s[0], part.cycles.end_s[-1]
    of_both = [
        found.spans.where((found.spans.start_s >= began) & (found.spans.start_s < ended)).start_s.tolist()
        for found in (part, whole)
    ]
    assert of_both[0] == of_both[1] and len(of_both[0]) == 2 * flow.CYCLES


def test_cycles_of_another_version_cost_the_picture_of_the_flow(run):
    (run / 'cycle_timing.csv').write_text('stamp,episode\n1,2\n')
    assert 'lack the columns step, cycle_ms, overrun' in words(report_contents._flow(facts.read(run), None))


@pytest.mark.parametrize(('begin', 'rows'), [(0, [0, 1, 2]), (13, [2, 3]), (12, [1, 2]), (41, [])])
def test_a_window_of_a_table_holds_whole_rows(tmp_path, begin, rows):
    path = tmp_path / 'table.csv'
    path.write_text('stamp,x\n' + ''.join(f'{row},{row}\n' for row in range(8)))
    found = table.read_window(path, begin, 20 if not begin else 11)
    assert [int(stamp) for stamp in found.get('stamp', [])] == rows


def test_a_row_is_found_by_its_time(tmp_path):
    path = tmp_path / 'cycle_timing.csv'
    path.write_text('stamp,x\n' + ''.join(f'{second},0\n' for second in range(9000)))
    for second in (0, 1, 4321, 8999, 99999):
        begin = table.first_at(path, 'stamp', second)
        found = [int(stamp) for stamp in table.read_window(path, begin, 2 * table.NEAR)['stamp']]
        assert min(second, 8999) in found, second


def python(tmp_path, monkeypatch, text):
    """Has `make_within` run a program of its own for the report."""
    program = tmp_path / 'python'
    program.write_text(f'#!/bin/sh\n{text}\n')
    program.chmod(0o755)
    monkeypatch.setattr(making.sys, 'executable', str(program))


@pytest.mark.parametrize(
    ('program', 'told'),
    [
        ('exit 0', ''),
        ('echo first >&2; echo "error: a full disk" >&2; exit 2', 'not as it should be (error: a full disk)'),
        ('kill -9 $$', 'not as it should be (exit code -9)'),
        ('echo "warning: flow was not drawn" >&2; exit 1', 'should be (warning: flow was not drawn)'),
    ],
)
def test_a_report_that_fails_is_one_line(tmp_path, monkeypatch, program, told):
    python(tmp_path, monkeypatch, program)
    said = making.make_within(tmp_path, 60.0)
    assert told in said and bool(said) == bool(told) and said.isprintable()


def test_a_report_that_hangs_is_given_up(tmp_path, monkeypatch):
    python(tmp_path, monkeypatch, 'exec sleep 1000')
    said = making.make_within(tmp_path, 0.01)
    assert said == (
        f'warning: {tmp_path}/report.html was given up after 0.01 s; ./ur5rl report {tmp_path} makes it'
    )
    monkeypatch.setattr(making.sys, 'executable', str(tmp_path / 'none'))
    assert 'was not made (' in making.make_within(tmp_path, 1.0)
    assert making.make_within(tmp_path, 0.0) == '', 'where none is asked for'


@pytest.mark.parametrize('killed', [False, True])
def test_a_report_leaves_nothing_among_the_temporary_files(tmp_path, monkeypatch, killed):
    monkeypatch.setattr(making.tempfile, 'tempdir', str(tmp_path))

    def run(*_, env, **__):
        (Path(env['TMPDIR']) / 'report_of_a_picture').mkdir()
        assert env['PATH'], 'and all else that is inherited'
        if killed:
            raise making.subprocess.TimeoutExpired('report', 1.0)
        return Done()

    monkeypatch.setattr(making.subprocess, 'run', run)
    assert ('given up' in making.make_within(tmp_path / 'run', 1.0)) == killed
    assert not list(tmp_path.iterdir())


def test_a_report_without_room_for_temporary_files_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(making.tempfile, 'tempdir', str(tmp_path / 'nowhere'))
    assert 'was not made ([Errno 2]' in making.make_within(tmp_path, 1.0)


def test_a_report_ends_with_the_recorder(tmp_path, monkeypatch):
    monkeypatch.setattr(making, 'end_with_parent', lambda: pytest.fail)
    asked = {}
    monkeypatch.setattr(making.subprocess, 'run', lambda *_, **words: asked.update(words) or Done())
    assert making.make_within(tmp_path, 1.0) == ''
    assert asked['preexec_fn'] is pytest.fail and asked['start_new_session'] and asked['timeout'] == 1.0


class Done:
    returncode, stderr = 0, ''


def test_the_launch_has_the_report_made_where_there_is_a_run(tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(making, 'make_within', lambda *words: asked.append(words) or 'warning: none')
    making.tell_report(tmp_path, 3.0)
    assert asked == [] and capsys.readouterr().out == ''
    (tmp_path / 'run.json').write_text('{}')
    making.tell_report(tmp_path, 3.0)
    assert asked == [(tmp_path, 3.0)] and capsys.readouterr().out == 'warning: none\n'
