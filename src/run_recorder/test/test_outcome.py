"""summary.json and run.json: what a campaign and a comparison go by."""

import json

import numpy as np

from run_recorder import identity
from run_recorder.config import RecorderConfig
from run_recorder.outcome import outcome

NOTHING = {
    'complete': False,
    'elapsed_s': 0.0,
    'steps': 0,
    'updates': 0,
    'aborted': 0,
    'returns': np.array([]),
    'cycle': None,
}


def test_figures_of_the_end_are_those_of_the_last_ten_episodes():
    values = outcome(**NOTHING | {'returns': np.array([90.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])})
    assert values['episodes'] == 11
    assert values['return_mean'] == 145.0 / 11
    assert values['return_last10_mean'] == 5.5
    np.testing.assert_allclose(values['return_last10_sd'], (82.5 / 9) ** 0.5)


def test_a_run_without_episodes_has_no_means():
    values = outcome(**NOTHING)
    assert values['episodes'] == 0
    assert values['return_mean'] is values['return_last10_sd'] is values['cycle_mean_ms'] is None


def test_a_continued_run_keeps_its_identity(tmp_path):
    identity.write(RecorderConfig(run_folder=str(tmp_path), architecture='seq_sac', task='tracking', seed=3))
    identity.write(RecorderConfig(run_folder=str(tmp_path), architecture='async_sac_2'))
    values = json.loads((tmp_path / 'run.json').read_text())
    assert values['architecture'] == 'seq_sac'
    assert values['task'] == 'tracking'
    assert values['seed'] == 3
    assert values['mode'] == 'real_time'
