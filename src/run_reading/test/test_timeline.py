"""Timeline and trace of a run: which cycles are shown, what shares a process, what is written."""

import json

import numpy as np
import pytest

from run_reading import chrome_trace, show_timeline, span_table, timeline

BEGAN = 1_700_000_000.0
HEADERS = {
    'spans.csv': 'component,span,start_s,duration_ms',
    'cycle_timing.csv': 'stamp,episode,step,cycle_ms,lateness_ms,overrun,response_ms,image_age_ms,'
    'joint_age_ms,image_to_command_ms,weights_age_s',
}


@pytest.fixture
def folder(tmp_path):
    """Three episodes of ten cycles of 40 ms, which begin at 0, 1 and 2 s; updates from 1.0 to 2.2 s."""
    spans, cycles = [], []
    for episode in range(3):
        for step in range(11):
            stamp = BEGAN + episode + 0.04 * step
            spans.append(f'environment,observe,{stamp:.6f},2.0')
            spans.append(f'actor,act,{stamp + 0.002:.6f},3.0')
            if step:
                cycles.append(f'{stamp:.6f},{episode + 1},{step},40,0,{int(step == 4)},5,9,2,14,0.3')
    for index in range(13):
        start = BEGAN + 1.0 + 0.1 * index
        spans.append(f'buffer_sampler,sample,{start:.6f},4.0')
        spans.append(f'learner,update,{start + 0.005:.6f},50.0')
    for name, lines in (('spans.csv', spans), ('cycle_timing.csv', cycles)):
        (tmp_path / name).write_text('\n'.join([HEADERS[name], *lines]) + '\n')
    return tmp_path


def test_spans_are_sorted_and_a_torn_line_is_left_out(folder):
    with (folder / 'spans.csv').open('a') as file:
        file.write('learner,update,17000')
    spans = span_table.read_spans(folder)
    assert len(spans.start_s) == 2 * 33 + 2 * 13
    assert (np.diff(spans.start_s) >= 0).all()


def test_the_middle_of_learning_is_shown_within_one_episode(folder):
    spans, cycles = span_table.read_spans(folder), span_table.read_cycles(folder)
    # The middle, 1.605 s, is in a reset; episode 3 is nearer than the last five cycles of episode 2.
    assert timeline.stretch(spans, cycles, 5) == slice(20, 25)
    assert timeline.stretch(spans, cycles, 5, start_s=0.21) == slice(5, 10)
    assert timeline.stretch(spans, cycles, 5, start_s=0.39) == slice(5, 10)  # not across the end of episode 1
    assert timeline.stretch(spans, cycles, 10, start_s=2.2) == slice(20, 30)


@pytest.mark.parametrize(
    ('count', 'start', 'sentence'),
    [
        (11, None, 'cycles is 11; no episode of this run has so many'),
        (0, None, 'cycles is 0'),
        (5, 9.0, 'start is 9 s; this run has spans from 0 to 2.4 s'),
        (5, -1.0, 'start is -1 s'),
    ],
)
def test_a_stretch_that_is_not_there(folder, count, start, sentence):
    with pytest.raises(ValueError, match=sentence):
        timeline.stretch(span_table.read_spans(folder), span_table.read_cycles(folder), count, start)


def test_an_architecture_says_who_shares_a_process():
    names = ['environment', 'actor', 'buffer_sampler', 'learner']
    assert timeline.processes(names, 'async_sac_2') == {name: [name] for name in names}
    assert timeline.processes(names, 'async_sac_1') == {
        'environment': ['environment'],
        'actor': ['actor'],
        'buffer_sampler + learner': ['buffer_sampler', 'learner'],
    }
    assert list(timeline.processes(names, 'seq_sac')) == ['environment', 'actor + buffer_sampler + learner']


def test_both_files_are_written(folder, capsys):
    (folder / 'run.json').write_text('{"architecture": "async_sac_1"}')
    assert show_timeline.main([str(folder), 'cycles:=3']) == 0
    assert (folder / 'timeline.png').read_bytes().startswith(b'\x89PNG')
    events = json.loads((folder / 'trace.json').read_text())['traceEvents']
    names = {event['pid']: event['args']['name'] for event in events if event['name'] == 'process_name'}
    assert names == {0: 'action cycle', 1: 'environment', 2: 'actor', 3: 'buffer_sampler + learner'}
    update = next(event for event in events if event['name'] == 'update')
    assert (update['ph'], update['pid'], update['tid']) == ('X', 3, 2)
    assert update['ts'] == pytest.approx(1_005_000.0, abs=1.0)  # [us]
    assert update['dur'] == 50_000.0
    assert sum(event['name'] == 'action cycle, overrun' for event in events) == 3
    assert sum(event['name'] == 'action cycle' and event['ph'] == 'X' for event in events) == 27
    assert 'note' not in capsys.readouterr().out


def test_a_huge_run_is_cut_around_the_picture(folder):
    spans = span_table.read_spans(folder)
    assert len(chrome_trace.around(spans, BEGAN + 1.0, 1000).start_s) == len(spans.start_s)
    for middle in (BEGAN, BEGAN + 1.0, BEGAN + 9.0):
        assert len(chrome_trace.around(spans, middle, 20).start_s) == 20
    around = chrome_trace.around(spans, BEGAN + 1.0, 20).start_s
    assert (around < BEGAN + 1.0).sum() == 10


@pytest.mark.parametrize(
    ('prepare', 'arguments', 'sentence'),
    [
        (lambda f: None, [], 'timeline needs one run folder'),
        (lambda f: None, ['nowhere'], 'there is no folder nowhere; give the folder of a run'),
        (lambda f: (f / 'spans.csv').unlink(), None, 'holds no spans.csv'),
        (lambda f: (f / 'spans.csv').write_text(HEADERS['spans.csv'] + '\n'), None, 'holds no spans yet'),
        (lambda f: (f / 'cycle_timing.csv').unlink(), None, 'no episode of this run has so many'),
        (lambda f: None, ['.', 'speed:=3'], "'speed:=3' is no option"),
    ],
)
def test_what_goes_wrong_is_one_line(folder, capsys, prepare, arguments, sentence):
    prepare(folder)
    assert show_timeline.main([str(folder)] if arguments is None else arguments) == 2
    errors = capsys.readouterr().err
    assert sentence in errors
    assert errors.startswith('error: ') and errors.count('\n') == 1


@pytest.mark.parametrize('text', ['', '[]', '{"arch', '\0' * 40, '{"architecture": 3}'])
def test_without_its_architecture_a_run_is_shown_all_the_same(folder, capsys, text):
    (folder / 'run.json').write_text(text)
    assert show_timeline.main([str(folder)]) == 0
    errors = capsys.readouterr().err
    assert errors.startswith(f'{folder}/run.json is damaged (') and errors.count('\n') == 1


def test_damaged_tables_are_shown_without_what_is_lost(folder, capsys):
    whole = len(span_table.read_spans(folder).start_s)
    for name in HEADERS:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        lines[3:4] = [b'\0' * 500, lines[3], b'learner,update\n']
        (folder / name).write_bytes(b''.join(lines))
    assert show_timeline.main([str(folder)]) == 0
    told = [f'{folder / name} is damaged; lost: 2 damaged lines' for name in HEADERS]
    assert capsys.readouterr().err.splitlines() == told
    assert len(span_table.read_spans(folder).start_s) == whole - 1


def test_spans_of_other_columns_are_refused(folder, capsys):
    (folder / 'spans.csv').write_text('component,name\nlearner,update\n')
    assert show_timeline.main([str(folder)]) == 2
    assert 'spans.csv has the columns component,name; expected component,span' in capsys.readouterr().err


def test_a_picture_that_fails_leaves_the_trace(folder, capsys, monkeypatch):
    def fails(*_):
        raise MemoryError

    monkeypatch.setattr(timeline, 'draw', fails)
    assert show_timeline.main([str(folder)]) == 1
    assert f'warning: {folder}/timeline.png was not drawn (MemoryError' in capsys.readouterr().out
    assert (folder / 'trace.json').is_file()


def test_ctrl_c_is_no_traceback(folder, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(show_timeline, 'show', interrupted)
    assert show_timeline.main([str(folder)]) == 130
