"""Costs from the spans of a run."""

import json

import numpy as np
import pytest

from cost_profile.__main__ import main
from run_reading.costs_of_run import mean_costs
from run_reading.span_table import SpanTable

ROWS = [
    ('actor', 'act', 0.0, 99.0),  # before the first update: not counted
    ('learner', 'update', 1.0, 20.0),
    ('learner', 'handover', 1.1, 1.0),
    ('learner', 'weights', 1.2, 6.0),
    ('learner', 'update', 2.0, 30.0),
    ('learner', 'handover', 2.1, 3.0),
    ('actor', 'act', 2.2, 2.0),
    ('actor', 'transition', 2.3, 1.0),
    ('actor', 'load', 2.4, 4.0),
    ('buffer_sampler', 'sample', 2.5, 10.0),
    ('buffer_sampler', 'store', 2.6, 2.0),
    ('environment', 'observe', 2.7, 5.0),
    ('environment', 'command', 2.8, 0.5),
]


def table():
    component, span, start, duration = zip(*ROWS, strict=True)
    return SpanTable(np.array(component), np.array(span), np.array(start), np.array(duration))


def test_means_by_hand():
    costs = mean_costs(table(), 'async_sac_2')
    assert (costs.action_ms, costs.sampling_ms, costs.gradient_ms, costs.environment_ms) == (3, 12, 30, 5.5)


def test_an_actor_in_the_learners_process_takes_weights_over_in_its_time():
    assert mean_costs(table(), 'seq_sac').gradient_ms == 32


def test_a_run_folder_gives_a_cost_table(tmp_path, capsys):
    (tmp_path / 'run.json').write_text(json.dumps({'setting': 'mine', 'architecture': 'async_sac_2'}))
    lines = ['component,span,start_s,duration_ms', *(','.join(map(str, row)) for row in ROWS)]
    (tmp_path / 'spans.csv').write_text('\n'.join(lines) + '\n')
    assert main([str(tmp_path), f'output:={tmp_path}/costs.yaml']) == 0
    assert 'mine: {action_ms: 3.000, sampling_ms: 12.000,' in (tmp_path / 'costs.yaml').read_text()
    assert '30.00 ms' in capsys.readouterr().out
    assert main([str(tmp_path), f'output:={tmp_path}/costs']) == 2
    assert f'output is {tmp_path}/costs; a cost table is a .yaml file' in capsys.readouterr().err


@pytest.mark.parametrize('rows', [[], ROWS[:1]])
def test_a_run_without_updates_is_refused_in_one_line(tmp_path, capsys, rows):
    (tmp_path / 'run.json').write_text(json.dumps({'setting': 'mine', 'architecture': 'async_sac_2'}))
    lines = ['component,span,start_s,duration_ms', *(','.join(map(str, row)) for row in rows)]
    (tmp_path / 'spans.csv').write_text('\n'.join(lines) + '\n')
    assert main([str(tmp_path), f'output:={tmp_path}/costs.yaml']) == 2
    assert capsys.readouterr().err.count('\n') == 1


@pytest.mark.parametrize('text', ['', '[]', '\0' * 40, '{"setting": "mine"}'])
def test_a_damaged_run_is_refused_in_one_line(tmp_path, capsys, text):
    (tmp_path / 'run.json').write_text(text)
    assert main([str(tmp_path), f'output:={tmp_path}/costs.yaml']) == 2
    error = capsys.readouterr().err
    assert error.startswith(f'error: {tmp_path}/run.json is damaged (') and error.count('\n') == 1
