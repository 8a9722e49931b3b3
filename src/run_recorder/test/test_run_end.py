"""The end of a run: decided once, kept on the disk, whatever happens to its recorder or to a picture."""

import json
import sys
from pathlib import Path

import pytest

from run_reading import learning_curve
from run_recorder.recorder_config import RecorderConfig
from run_recorder.recording import Recording

sys.path.insert(0, str(Path(__file__).parent))
from recorded import record


def summary(folder):
    return json.loads((folder / 'summary.json').read_text())


@pytest.fixture
def finished(tmp_path):
    """A run that has had its 100 s at 1114.0, and of which nothing is written yet but its tables."""
    recording = record(tmp_path, 16)
    assert recording.over(1113.9) == ''
    assert recording.over(1114.1) == 'the duration of 100 s is over'
    return recording


def draw(monkeypatch, drawing):
    monkeypatch.setattr(learning_curve, 'draw', drawing)


def test_a_picture_that_fails_is_a_warning(tmp_path, finished, monkeypatch):
    def fails(path, *_):
        assert summary(tmp_path)['complete'] and (tmp_path / 'timing.json').exists(), 'they come first'
        raise ImportError('no backend\nfor you')

    draw(monkeypatch, fails)
    picture = tmp_path / 'learning_curve.png'
    assert finished.close(1114.2) == [f'warning: {picture} was not drawn (ImportError: no backend for you)']
    assert not (tmp_path / 'learning_curve.drawing').exists()


@pytest.mark.parametrize('death', [KeyboardInterrupt, SystemExit])
def test_a_recorder_that_dies_as_it_draws_comes_back_to_a_run_that_is_over(
    tmp_path, finished, monkeypatch, death
):
    def dies(path, *_):
        raise death

    draw(monkeypatch, dies)
    with pytest.raises(death):
        finished.close(1114.2)
    before = summary(tmp_path)
    again = record(tmp_path, 0)
    assert again.over(1115.0) == 'the duration of 100 s is over'
    (told,) = again.close(1120.0)
    assert told.endswith('learning_curve.png was not drawn: the recorder died as it was drawn before')
    assert summary(tmp_path) == before
    assert before['complete'] and before['elapsed_s'] == pytest.approx(100.1)
    assert len(again.close(1130.0)) == 1, 'nor by the next one'
    monkeypatch.undo()
    assert resume(tmp_path, 100.0).close(90_000.0) == []
    assert (tmp_path / 'learning_curve.png').is_file()


def test_a_recorder_that_dies_at_the_end_comes_back_and_completes_the_folder(tmp_path, finished):
    again = record(tmp_path, 0)  # nothing but the tables and the clock is there
    assert again.over(1000.0) == 'the duration of 100 s is over', 'whatever its own clock says'
    assert again.close(1000.0) == []
    assert summary(tmp_path)['complete'] and summary(tmp_path)['elapsed_s'] == pytest.approx(100.1)
    assert (tmp_path / 'learning_curve.png').is_file()


def test_a_curve_is_drawn_again_by_the_launch_that_resumes_a_run(tmp_path):
    record(tmp_path, 4).close(1030.0)
    (tmp_path / 'learning_curve.png').unlink()
    (tmp_path / 'learning_curve.drawing').touch()  # killed as it drew after Ctrl-C
    assert record(tmp_path, 1, first=5).close(1040.0) == []
    assert (tmp_path / 'learning_curve.png').is_file()


def resume(folder, duration, launch='launch 2', **config):
    return Recording(
        RecorderConfig(run_folder=str(folder), duration=duration, random_steps=10, **config), launch
    )


def test_a_resumed_run_goes_on_with_all_that_it_had(tmp_path, finished):
    finished.updated(70)
    finished.close(1114.2)
    again = resume(tmp_path, 150.0)
    assert again.over(90_000.0) == ''
    assert again.progress(90_000.0)[:2] == (pytest.approx(100.1), pytest.approx(49.9))
    assert (
        (again.figures.total_steps, again.figures.updates) == (80, 70)
        and len(again.figures.curve.returns) == 16
        and again.figures.episode == 16
    )
    again.steps(80, 90_000.0)
    again.clock.step(90_000.0)
    again.clock.step(90_005.0)
    again.close(90_005.0)
    after = summary(tmp_path)
    assert not after['complete'] and after['elapsed_s'] == pytest.approx(105.1)
    assert after['episodes'] == 14 and after['steps'] == 80


def test_a_finished_run_that_is_started_again_as_it_was_keeps_its_summary(tmp_path, finished):
    finished.close(1114.2)
    before = summary(tmp_path)
    again = resume(tmp_path, 100.0)
    assert again.over(90_000.0)
    assert again.close(90_000.0) == []
    assert summary(tmp_path) == before


def test_a_finished_folder_without_its_tables_keeps_its_summary(tmp_path, finished):
    finished.close(1114.2)
    before = summary(tmp_path)
    for name in ('episodes.csv', 'cycle_timing.csv', 'clock.json'):
        (tmp_path / name).unlink()
    (told,) = resume(tmp_path, 150.0).close(90_000.0)
    assert 'summary.json stays as it is' in told
    assert summary(tmp_path) == before


def test_updates_are_those_of_the_last_report_after_a_restart(tmp_path):
    recording = record(tmp_path, 3)
    names = ('weights_version', 'updates_per_s', 'update_ms', 'handover_ms', 'waiting_fraction')
    recording.learner(stamp=1021.0, metrics={}, updates=42, **dict.fromkeys(names, 1.0))
    again = record(tmp_path, 0)
    assert again.figures.updates == 42
    again.close(1022.0)
    assert summary(tmp_path)['updates'] == 42


EPISODE = {
    'steps': 50, 'duration_s': 2.0, 'reset_s': 1.0, 'overruns': 0, 'changed_steps': 0, 'unreported_steps': 0,
    'stale_images': 0, 'refused_stamps': 0, 'extrapolated_joints': 0, 'older_images': 0, 'target_x': 0.0,
    'target_y': 0.0, 'text': '', 'aborted': False,
}  # fmt: skip
CYCLE = dict.fromkeys(
    ('lateness_ms', 'image_age_ms', 'joint_age_ms', 'weights_age_s', 'response_ms', 'image_to_command_ms'),
    1.0,
)


def act(recording, episode, ends_s, total_steps, value=0.0):
    """One episode of two cycles of 40 ms, the second of which ends at `ends_s`."""
    for step, stamp in ((1, ends_s - 0.04), (2, ends_s)):
        recording.cycle(stamp=stamp, overrun=False, episode=episode, step=step, cycle_ms=40.0, **CYCLE)
    recording.steps(total_steps, ends_s)
    recording.episode_ended(
        end=ends_s + 0.001, **EPISODE, **{'return': value}, episode=episode, total_steps=total_steps
    )


def test_the_first_episode_of_an_evaluation_counts(tmp_path):
    recording = Recording(RecorderConfig(run_folder=str(tmp_path), episodes=2, random_steps=0))
    act(recording, 1, 1000.0, 2, value=10.0)
    assert recording.clock.elapsed_s(1000.0) == pytest.approx(0.08), 'from its first observation on'
    assert recording.over(1000.1) == ''
    act(recording, 2, 1003.0, 4, value=30.0)
    assert recording.over(1003.1) == '2 episodes are finished'
    recording.close(1003.1)
    found = summary(tmp_path)
    assert (found['episodes'], found['return_mean'], found['complete']) == (2, 20.0, True)


def test_an_episode_of_random_steps_alone_is_none_of_learning_whoever_says_first_that_they_are_done(tmp_path):
    recording = Recording(RecorderConfig(run_folder=str(tmp_path), duration=60.0, random_steps=4))
    act(recording, 1, 1000.0, 2)
    recording.steps(4, 1002.9)  # the sampler, before the episode's summary has come
    act(recording, 2, 1003.0, 4, value=10.0)
    act(recording, 3, 1006.0, 6, value=30.0)
    recording.close(1006.1)
    assert (summary(tmp_path)['episodes'], summary(tmp_path)['return_mean']) == (1, 30.0)
    rows = (tmp_path / 'episodes.csv').read_text().splitlines()[1:]
    assert [float(row.split(',')[2]) > 0 for row in rows] == [False, False, True]


def test_an_evaluation_whose_time_is_over_in_its_first_episode_has_acted(tmp_path):
    config = RecorderConfig(run_folder=str(tmp_path), duration=2.0, episodes=10, random_steps=0)
    recording = Recording(config)
    for step in range(60):
        recording.cycle(
            stamp=1000.0 + 0.04 * step, overrun=False, episode=1, step=step, cycle_ms=40.0, **CYCLE
        )
    assert recording.close(1002.4) == []
    assert summary(tmp_path)['complete'] and recording.state.endswith('is complete')


def test_a_run_that_never_acted_is_not_complete(tmp_path):
    recording = Recording(RecorderConfig(run_folder=str(tmp_path), duration=1.0, random_steps=0))
    recording.steps(0, 1000.0)  # the sampler is there, and nothing else
    assert recording.over(5000.0) == ''
    recording.close(5000.0)
    assert summary(tmp_path)['complete'] is False and summary(tmp_path)['steps'] == 0


def test_a_run_of_which_only_the_time_is_left_is_not_complete(tmp_path, finished):
    for name in ('episodes.csv', 'cycle_timing.csv'):
        (tmp_path / name).unlink()
    record(tmp_path, 0).close(1114.2)
    assert summary(tmp_path)['elapsed_s'] > 100.0 and summary(tmp_path)['complete'] is False


@pytest.mark.parametrize(('reset_s', 'action_timeout_s', 'counted'), [(3.0, 1.0, 8.0), (1.0, 10.0, 15.0)])
def test_a_pause_counts_as_long_as_two_steps_in_order_can_lie_apart(
    tmp_path, reset_s, action_timeout_s, counted
):
    config = RecorderConfig(
        run_folder=str(tmp_path), random_steps=0, reset_s=reset_s, action_timeout_s=action_timeout_s
    )
    recording = Recording(config)
    act(recording, 1, 1000.0, 2)
    before = recording.clock.elapsed_s(1000.0)
    assert recording.clock.elapsed_s(1600.0) - before == counted  # a protective stop of ten minutes
    act(recording, 2, 1600.04, 4)
    assert recording.progress(1600.04).elapsed_s - before == pytest.approx(counted + 0.04)


def test_a_pause_is_no_part_of_the_learning_curve(tmp_path, monkeypatch):
    drawn = []
    draw(monkeypatch, lambda path, minutes, *_: drawn.append(60.0 * minutes))
    recording = Recording(RecorderConfig(run_folder=str(tmp_path), random_steps=0))
    for number, ends_s in enumerate((1000.0, 1003.0, 81_003.0, 500.0, 503.0), 1):  # a night; a clock set back
        act(recording, number, ends_s, 2 * number)
    recording.close(503.0)
    Recording(RecorderConfig(run_folder=str(tmp_path), random_steps=0)).close(503.0)
    for times_s in drawn:
        assert list(times_s) == pytest.approx([0.0, 3.0, 13.0, 13.0, 16.0], abs=0.01)  # 2 s and a reset
