"""summary.json and run.json: what a campaign and a comparison go by."""

import json

import numpy as np
import pytest

from run_reading import identity
from run_reading.outcome import doubt
from run_recorder import identity_file
from run_recorder.outcome_file import outcome, write
from run_recorder.recorder_config import RecorderConfig

NOTHING = {
    'complete': False,
    'elapsed_s': 0.0,
    'steps': 0,
    'random_steps': 0,
    'updates': 0,
    'aborted': 0,
    'returns': np.array([]),
    'cycle': None,
    'lost': {},
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


def test_a_continued_run_keeps_its_identity_but_for_its_duration(tmp_path):
    first = RecorderConfig(run_folder=str(tmp_path), architecture='seq_sac', task='tracking', seed=3)
    assert identity_file.write(first, costs_ms={'action_ms': 3.0}) == ''
    assert identity_file.write(RecorderConfig(run_folder=str(tmp_path), duration=90.0)) == ''
    values = json.loads((tmp_path / 'run.json').read_text())
    assert values['duration'] == 90.0
    identity_file.write(RecorderConfig(run_folder=str(tmp_path), duration=30.0), over=True)
    assert identity.read(tmp_path)['duration'] == 90.0
    (tmp_path / 'run.json').write_text(json.dumps(values | {'init': None, 'costs': 3}))
    assert (identity.read(tmp_path)['init'], identity.read(tmp_path)['costs']) == ('', '')
    assert values['costs_ms'] == {'action_ms': 3.0}
    assert values['architecture'] == 'seq_sac'
    assert values['task'] == 'tracking'
    assert values['seed'] == 3
    assert values['mode'] == 'real_time'


def test_a_run_tells_with_which_code_it_went_on(tmp_path, monkeypatch):
    config = RecorderConfig(run_folder=str(tmp_path))
    for revision in ('a', 'a', 'b'):
        monkeypatch.setattr(identity_file, 'origin', lambda revision=revision: {'revision': revision})
        identity_file.write(config)
    monkeypatch.setattr(identity_file, 'origin', lambda: {'revision': 'c'})
    identity_file.write(config, over=True)  # goes on with nothing
    about = json.loads((tmp_path / 'run.json').read_text())
    assert identity.origins(about) == [{'revision': 'a'}, {'revision': 'b'}]
    assert identity.origins({'origins': 3}) == identity.origins({}) == []
    assert identity.origins({'origins': [7, {'cores': 2}]}) == [{'cores': '2'}]


def test_only_what_was_lost_is_told():
    assert outcome(**NOTHING | {'lost': {'spans': 3, 'transitions': 0}})['lost'] == {'spans': 3}


@pytest.mark.parametrize(
    'text', ['', '{"architecture": "seq', '[]', '\0' * 90, '{"architecture": "seq_sac"}']
)
def test_a_damaged_identity_is_written_anew_and_said_in_one_line(tmp_path, text):
    (tmp_path / 'run.json').write_text(text)
    with pytest.raises(ValueError, match='run.json is damaged'):
        identity.read(tmp_path)
    said = identity_file.write(RecorderConfig(run_folder=str(tmp_path), architecture='seq_sac', seed=3))
    assert said.startswith(f'{tmp_path}/run.json is damaged (') and said.isprintable()
    assert identity.read(tmp_path)['seed'] == 3


def test_a_folder_holds_a_run_from_its_first_file_on(tmp_path):
    (tmp_path / 'parameters.yaml').touch()  # of a launch that was refused
    (tmp_path / 'notes.txt').touch()
    assert not identity.holds_run(tmp_path) and not identity.holds_run(tmp_path / 'nowhere')
    for name in identity.TRACES:
        (tmp_path / name).touch()
        assert identity.holds_run(tmp_path), name
        (tmp_path / name).unlink()


def test_the_summary_of_a_complete_run_is_not_replaced_by_one_of_less(tmp_path):
    full = outcome(**NOTHING | {'complete': True, 'elapsed_s': 900.0, 'steps': 5000, 'updates': 4000})
    assert write(tmp_path, full) == ''
    for less in ({'steps': 0, 'updates': 0}, {'elapsed_s': 20.0}):
        said = write(tmp_path, full | less)
        assert said.startswith(f'{tmp_path}/summary.json stays as it is') and said.isprintable()
        assert json.loads((tmp_path / 'summary.json').read_text()) == full
    further = full | {'complete': False, 'elapsed_s': 1000.0, 'steps': 5600}
    assert write(tmp_path, further) == ''
    assert write(tmp_path, further | {'steps': 3}) == ''  # it was not complete
    assert json.loads((tmp_path / 'summary.json').read_text())['steps'] == 3


@pytest.mark.parametrize('text', ['', '{', '[]', '{"complete": true}'])
def test_a_damaged_summary_is_written_anew(tmp_path, text):
    (tmp_path / 'summary.json').write_text(text)
    assert write(tmp_path, outcome(**NOTHING)) == ''
    assert json.loads((tmp_path / 'summary.json').read_text())['steps'] == 0


GOOD = {'complete': True, 'elapsed_s': 900.4, 'steps': 14000, 'random_steps': 1000, 'cycle_mean_ms': 40.0}


@pytest.mark.parametrize(
    ('changes', 'sentence'),
    [
        ({}, ''),
        ({'elapsed_s': 899.995}, ''),
        ({'elapsed_s': 955.0}, ''),
        ({'random_steps': None}, ''),  # as of before it was kept
        ({'steps': 2300}, ''),
        ({'complete': False}, 'it ended before its duration was over'),
        ({'complete': 'yes'}, 'it ended before'),
        ({'elapsed_s': 880.0}, 'it has had 880 s of its 900 s'),
        ({'elapsed_s': -60.0}, 'it has had -60 s of its 900 s'),
        ({'elapsed_s': 3605.0}, 'it counts 3605 s for a duration of 900 s'),
        ({'steps': 176}, 'its 176 steps are 7 s'),
        ({'steps': 0}, 'its 0 steps are 0 s'),
        ({'steps': 30000}, 'its steps after the random ones are 1160 s'),
        ({'steps': 30000, 'random_steps': None}, ''),
        ({'cycle_mean_ms': None}, 'it has not acted'),
        ({'elapsed_s': '900'}, 'it has not acted'),
    ],
)
def test_a_complete_run_is_believed_where_its_time_and_its_steps_agree(changes, sentence):
    summary = {name: value for name, value in (GOOD | changes).items() if name != 'random_steps' or value}
    said = doubt(summary, {'duration': 900.0})
    assert sentence in said and bool(said) == bool(sentence)


def test_an_evaluation_has_no_duration_to_be_doubted():
    summary = GOOD | {'elapsed_s': 70.0, 'steps': 1000, 'random_steps': 0}
    assert doubt(summary, {'duration': 0.0, 'architecture': 'evaluate'}) == ''


@pytest.mark.parametrize(
    ('about', 'sentence'),
    [
        ({'duration': 900.0}, 'it ended before its duration was over'),
        ({'duration': 0.0, 'architecture': 'evaluate'}, 'it ended before its episodes were over'),
        ({'duration': 0.0, 'architecture': 'async_sac_2'}, 'it has no duration, and so it is never complete'),
        ({}, 'it is not said to be complete, and its duration is not known'),
        ({'duration': 'long'}, 'it is not said to be complete, and its duration is not known'),
    ],
)
def test_why_a_run_is_not_complete_depends_on_what_it_was_to_be(about, sentence):
    assert doubt(GOOD | {'complete': False}, about) == sentence
