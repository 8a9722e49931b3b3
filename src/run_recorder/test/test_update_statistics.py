import json
import sys
from pathlib import Path

import pytest

from run_reading import evaluation
from run_reading.columns import EPISODE_COLUMNS
from run_reading.timing import UpdateStatistics, WeightsAges
from run_recorder import progress_line
from run_recorder.recorder_config import RecorderConfig
from run_recorder.recording import Recording

sys.path.insert(0, str(Path(__file__).parent))
from recorded import CYCLE


def test_period_is_that_of_the_mean_rate_after_the_first_report_with_updates():
    statistics = UpdateStatistics()
    for rate, gradient_ms in [(0.0, 0.0), (3.0, 90.0), (10.0, 40.0), (0.0, 0.0), (20.0, 46.0)]:
        statistics.add(rate, gradient_ms)
    for sampling_ms in (0.0, 5.0, 7.0):
        statistics.add_sampling(sampling_ms)
    update = statistics.summary()
    assert (update.updates_per_s, update.update_period_ms) == (10.0, 100.0)
    assert update.gradient_ms == pytest.approx((10 * 40.0 + 20 * 46.0) / 30)
    assert update.sampling_ms == 6.0


@pytest.mark.parametrize('rates', [[], [0.0, 0.0], [5.0], [5.0, 0.0]])
def test_there_is_no_period_without_updates(rates):
    statistics = UpdateStatistics()
    for rate in rates:
        statistics.add(rate, 1.0)
    assert statistics.summary() is None


def test_the_age_of_weights_counts_in_steps_from_the_first_learned_ones_on():
    ages = WeightsAges(0.04)
    for age_s, updates in [(0.5, 0), (0.1, 0), (30.0, 0), (31.0, 4)]:  # the untrained ones
        ages.add(age_s, updates)
    assert ages.summary() is None and ages.newest_s == 31.0
    for age_s in (0.04, 0.08, 3.12, 3.16, 3.17):  # a reset between the second and the third; the last are new
        ages.add(age_s, 9)
    assert ages.summary() == pytest.approx((1.0, 2.96))


def test_a_run_tells_how_old_the_weights_were_that_acted(tmp_path):
    recording = Recording(RecorderConfig(run_folder=str(tmp_path), random_steps=0, action_cycle_s=0.05))
    recording.updated(1)
    for number, age_s in enumerate([9.0, 0.1, 0.2, 0.3]):
        values = CYCLE | {'weights_age_s': age_s}
        recording.cycle(stamp=100.0 + number, overrun=False, episode=1, step=number, cycle_ms=40.0, **values)
    recording.close(200.0)
    found = json.loads((tmp_path / 'timing.json').read_text())
    assert found['weights_age_p50_steps'] == pytest.approx(1.0)
    assert found['weights_age_p99_steps'] == pytest.approx(1.98)
    told = progress_line.summary(recording.progress(200.0), {})
    assert 'weights that acted: median 1.0 steps old, 99th percentile 2.0\n' in told


def test_an_evaluation_is_over_with_its_episodes(tmp_path):
    recording = Recording(RecorderConfig(run_folder=str(tmp_path), episodes=2, random_steps=0))
    episode = dict.fromkeys(set(EPISODE_COLUMNS) - {'end', 'elapsed_s', 'aborted'}, 0)
    for value, aborted in [(10.0, False), (99.0, True), (14.0, False)]:
        assert not recording.over(0.0)
        recording.episode_ended(end=1.0, aborted=aborted, **(episode | {'return': value}))
    assert recording.over(0.0)
    recording.close(2.0)
    assert json.loads((tmp_path / 'evaluation.json').read_text()) == {
        'returns': [10.0, 14.0],
        'mean': 12.0,
        'sd': pytest.approx(8**0.5),
    }


def test_one_episode_has_no_deviation():
    assert evaluation.evaluation([3.0]) == {'returns': [3.0], 'mean': 3.0, 'sd': 0.0}
    assert evaluation.line([3.0]) == 'evaluation: mean return 3.0, sd 0.0 over 1 episodes'
    assert evaluation.line([]) == 'evaluation: no episode was finished'
