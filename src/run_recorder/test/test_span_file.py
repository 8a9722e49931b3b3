"""A spans.csv of days stays below its limit, and what is read from it stays true."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from run_reading import chrome_trace, show_timeline, table, timeline
from run_reading.columns import CYCLE_COLUMNS
from run_reading.costs_of_run import mean_costs
from run_reading.span_table import STRETCH_S, covered, read_cycles, read_spans
from run_recorder import span_file
from run_recorder.recording import Recording
from run_recorder.span_file import SpanFile
from ur5_rl_graph.spans import Span

sys.path.insert(0, str(Path(__file__).parent))
from recorded import record

LIMIT = 90_000
BEGAN_S = 1_700_000_013.25
CYCLE_S = 0.5


def spans_of(cycle):
    """An action cycle's: the environment, and of every second one an update which the next one still sees."""
    start = int((BEGAN_S + CYCLE_S * cycle) * 1e9)
    yield 'environment', [Span('observe', start, 2_000_000), Span('command', start + 400_000_000, 1_000_000)]
    yield 'actor', [Span('act', start + 3_000_000, 5_000_000)]
    if cycle % 2 == 0:
        yield 'learner', [Span('update', start + 10_000_000, int(20e6) + 10_000 * (cycle % 100))]
        yield 'buffer_sampler', [Span('sample', start + 1_000_000, 4_000_000)]


def fill(file, cycles, first=0):
    return [
        line
        for cycle in range(first, first + cycles)
        for component, spans in spans_of(cycle)
        if (line := file.add(component, spans, 0.0))
    ]


def starts(path):
    return np.array(table.read(path)['start_s'], float)


def test_a_file_below_its_limit_holds_every_span(tmp_path):
    file = SpanFile(tmp_path / 'spans.csv', LIMIT)
    assert fill(file, 200) == []
    assert len(starts(file.path)) == 200 * 4 and file.left_out == 0


def test_a_full_file_keeps_whole_stretches_evenly_and_the_first(tmp_path):
    file = SpanFile(tmp_path / 'spans.csv', LIMIT)
    cycles, row, said = 4000, 60, []
    for cycle in range(cycles):
        said += fill(file, 1, cycle)
        assert file.path.stat().st_size <= LIMIT + 2 * row
    assert [line.split(': ')[1] for line in said] == [
        f'of each {every} stretches of 10 s one is kept, from the beginning on' for every in (2, 4, 8)
    ]
    assert all(line.startswith('spans.csv is full (0 MB): ') for line in said)
    found = starts(file.path)
    kept, counts = np.unique(found // STRETCH_S, return_counts=True)
    np.testing.assert_array_equal(kept, np.arange(BEGAN_S // STRETCH_S, found[-1] // STRETCH_S + 1, 8))
    assert found[0] == BEGAN_S and found[-1] > BEGAN_S + CYCLE_S * cycles - 8 * STRETCH_S
    assert (counts[1:-1] == STRETCH_S / CYCLE_S * 4).all(), 'every stretch is whole'
    assert len(found) + file.left_out == cycles * 4


def test_a_file_that_is_thinned_in_many_goes_becomes_the_same(tmp_path, monkeypatch):
    contents = []
    for lines in (span_file.LINES, 7):
        monkeypatch.setattr(span_file, 'LINES', lines)
        file = SpanFile(tmp_path / f'{lines}.csv', LIMIT)
        sizes = [fill(file, 1, cycle) and file.path.stat().st_size for cycle in range(4000)]
        assert [size for size in sizes if size][-1] < 1.1 * LIMIT
        contents.append((file.path.read_bytes(), file.left_out, file.every))
        file.close()
    assert contents[0] == contents[1]
    assert not list(tmp_path.glob('*.part'))


def test_a_file_that_is_closed_while_it_is_thinned_holds_all(tmp_path, monkeypatch):
    monkeypatch.setattr(span_file, 'LINES', 7)
    file = SpanFile(tmp_path / 'spans.csv', LIMIT)
    cycle = 0
    while not fill(file, 1, cycle):
        cycle += 1
    file.close()
    assert len(starts(file.path)) > 4 * cycle
    assert [path.name for path in tmp_path.iterdir()] == ['spans.csv']


def test_a_spans_file_that_is_opened_again_stays_below_its_limit_and_even(tmp_path):
    for part in range(8):
        file = SpanFile(tmp_path / 'spans.csv', LIMIT)
        fill(file, 500, 500 * part)
        file.close()
        assert file.path.stat().st_size <= LIMIT + 200
    file = SpanFile(tmp_path / 'spans.csv', LIMIT)
    while not fill(file, 1, first := 4000):
        pass
    kept = np.unique(starts(file.path) // STRETCH_S) - BEGAN_S // STRETCH_S
    assert (kept % file.every == 0).all() and first


def test_a_run_that_goes_on_with_an_earlier_clock_stays_below_its_limit_and_even(tmp_path):
    file = SpanFile(tmp_path / 'spans.csv', LIMIT)
    fill(file, 10)
    said = []
    for cycle in range(-100_000, -96_000):
        said += fill(file, 1, cycle)
        assert file.path.stat().st_size <= LIMIT + 200
    assert len(said) == 3 and file.every == 8, 'as often as a run whose clock went on'
    kept = np.unique(starts(file.path) // STRETCH_S) - BEGAN_S // STRETCH_S
    assert (kept % file.every == 0).all() and len(kept) > 20


def test_a_line_that_is_no_span_is_left_out_when_the_file_is_full(tmp_path):
    path = tmp_path / 'spans.csv'
    fill(SpanFile(path, LIMIT), 10)
    with path.open('a') as file:
        file.write('actor,act\nactor,act,x,1\nactor,act,nan,1\n')
    assert fill(SpanFile(path, LIMIT), 900, 10)
    assert np.isfinite(starts(path)).all()


def test_a_full_disk_leaves_the_file_as_it_is_and_thins_what_comes(tmp_path):
    file = SpanFile(tmp_path / 'spans.csv', LIMIT)
    in_the_way = tmp_path / 'spans.csv.part'
    in_the_way.mkdir()  # in whose place no file can be opened
    said = fill(file, 800)
    assert said[0] == (
        f'{file.path} cannot be thinned ([Errno 21] Is a directory: {str(in_the_way)!r}): '
        'from here on, of each 2 stretches of 10 s one is kept'
    )
    assert len(said) == 2, 'it is not tried at every message'
    in_the_way.rmdir()  # there is room again
    assert 'is full' in fill(file, 4000, 800)[0]
    assert file.path.stat().st_size <= LIMIT + 200


@pytest.fixture
def long_run(tmp_path):
    """The folder of a run of 4000 cycles, 20 in an episode, of which every eighth stretch is kept."""
    recording = Recording(record(tmp_path, 0)._config)
    recording._spans.close()
    (tmp_path / 'spans.csv').unlink()
    recording._spans = SpanFile(tmp_path / 'spans.csv', LIMIT)
    for cycle in range(4000):
        for component, spans in spans_of(cycle):
            recording.spans(component, spans)
        values = dict.fromkeys(set(CYCLE_COLUMNS) - {'stamp', 'overrun'}, 1.0)
        values |= {'episode': cycle // 20, 'step': cycle % 20 + 1, 'cycle_ms': 1e3 * CYCLE_S}
        recording.cycle(stamp=BEGAN_S + CYCLE_S * (cycle + 1), overrun=False, **values)
    return tmp_path


def test_a_timeline_shows_cycles_with_all_their_spans(long_run, capsys):
    spans, cycles = read_spans(long_run), read_cycles(long_run)
    for start_s in (None, 0.0, 3.0, 4.5, 6.5, 77.0, 500.0, 1234.5, 1990.0):
        chosen = timeline.stretch(spans, cycles, 5, start_s)
        for index in range(chosen.start, chosen.stop):
            number = int(round((cycles.start_s[index] - BEGAN_S) / CYCLE_S))
            expected = sorted(span.start_ns for _, part in spans_of(number) for span in part)
            begin_s, end_s = cycles.start_s[index] - 1e-3, cycles.end_s[index] - 1e-3
            inside = (spans.start_s > begin_s) & (spans.start_s < end_s)
            np.testing.assert_allclose(spans.start_s[inside], 1e-9 * np.array(expected), atol=2e-6)
            assert np.any(np.abs(spans.start_s - cycles.start_s[index] + CYCLE_S) < 1e-3) or number == 0
        if start_s is not None:
            assert abs(cycles.start_s[chosen.start] - BEGAN_S - start_s) <= 8 * STRETCH_S
    assert show_timeline.main([str(long_run), 'start:=1234.5']) == 0
    assert 'note: spans.csv holds all spans of 11 % of the action cycles' in capsys.readouterr().out
    assert json.loads((long_run / 'trace.json').read_text())['traceEvents']
    assert chrome_trace.LIMIT > len(spans.start_s)


def test_too_many_cycles_in_a_row_for_a_stretch_are_refused(long_run):
    with pytest.raises(ValueError, match='cycles is 20; no episode of this run has so many action cycles'):
        timeline.stretch(read_spans(long_run), read_cycles(long_run), 20)


@pytest.mark.parametrize('count', [0, -2])
def test_no_cycles_at_all_are_refused_as_such(long_run, count):
    with pytest.raises(ValueError, match=f'cycles is {count}; it takes a number from 1 on'):
        timeline.stretch(read_spans(long_run), read_cycles(long_run), count)


def test_costs_of_a_thinned_run_are_those_of_the_whole(tmp_path):
    costs = []
    for name, limit in (('whole', 10**9), ('thinned', LIMIT)):
        folder = tmp_path / name
        folder.mkdir()
        fill(SpanFile(folder / 'spans.csv', limit), 4000)
        costs.append(mean_costs(read_spans(folder), 'async_sac_2'))
    assert costs[1].action_ms == pytest.approx(costs[0].action_ms, rel=1e-6)
    assert costs[1].environment_ms == pytest.approx(3.0, rel=0.01)
    assert costs[1].gradient_ms == pytest.approx(costs[0].gradient_ms, rel=0.02)


def test_every_cycle_of_a_run_that_was_not_thinned_is_covered(tmp_path):
    recording = record(tmp_path, 0)
    fill(recording._spans, 100)
    for cycle in range(100):
        values = dict.fromkeys(set(CYCLE_COLUMNS) - {'stamp', 'overrun'}, 500.0)
        recording.cycle(stamp=BEGAN_S + CYCLE_S * (cycle + 1), overrun=False, **values)
    assert covered(read_spans(tmp_path), read_cycles(tmp_path))[:-1].all()
