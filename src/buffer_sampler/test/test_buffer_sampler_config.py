import math

import pytest

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.replay import Replay


def test_the_defaults_are_the_thesis_baseline():
    config = BufferSamplerConfig(run_folder='x')
    assert (config.capacity, config.batch_size, config.random_steps) == (100_000, 128, 1000)
    assert config.observation_shape == (90, 160, 3)
    assert (config.crop_width, config.crop_height) == (156, 88)


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'run_folder': ''}, "run_folder is ''; it must name the folder of the run"),
        ({'crop_width': 161}, 'crop 161x88 does not fit into images of 160x90'),
        ({'capacity': 500}, 'random_steps is 1000, more than the capacity of 500'),
        ({'updates_per_step': -1.0}, 'updates_per_step is -1.0; allowed is 0.0 to 1000.0'),
        ({'updates_per_step': float('nan')}, 'updates_per_step is nan'),
        ({'slots': 0}, 'slots is 0; allowed is 1 to 16'),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(changes, words):
    with pytest.raises(ValueError, match=words) as error:
        BufferSamplerConfig(**({'run_folder': 'x'} | changes))
    assert '\n' not in str(error.value)


def frames_shown(cycle_s, period_s, episode_s, phase_s):
    """Distinct camera frames in the observations of an episode."""
    steps = max(1, round(episode_s / cycle_s))
    newest = [math.floor((step * cycle_s + phase_s) / period_s) for step in range(steps + 1)]
    return steps, len({frame - age for frame in newest for age in range(3)})


@pytest.mark.parametrize('period_s', [0.04, 1 / 30, 0.016])
@pytest.mark.parametrize('cycle_s', [0.008, 0.04, 0.048, 0.08, 0.12, 0.2, 1.0])
@pytest.mark.parametrize('episode_s', [4.0, 0.5])
def test_the_ring_of_frames_holds_what_the_transitions_show(cycle_s, period_s, episode_s):
    config = BufferSamplerConfig(
        run_folder='x', action_cycle_s=cycle_s, camera_period_s=period_s, episode_s=episode_s
    )
    for phase in range(7):
        steps, shown = frames_shown(cycle_s, period_s, episode_s, phase * period_s / 7)
        assert shown <= config.frames_per_transition * steps + 1e-9


@pytest.mark.parametrize(
    ('cycle_s', 'expected'),
    [(0.04, 1 + 3 / 100), (0.008, 1 + 3 / 500), (0.08, 2 + 3 / 50), (0.12, 3 + 3 / 33), (0.2, 3 + 3 / 20)],
)
def test_frames_that_an_episode_of_4_s_needs(cycle_s, expected):
    config = BufferSamplerConfig(run_folder='x', action_cycle_s=cycle_s)
    assert config.frames_per_transition == pytest.approx(expected)


def test_a_setting_with_another_action_cycle_alone_keeps_its_whole_buffer(tmp_path, experience):
    config = BufferSamplerConfig(run_folder='x', action_cycle_s=0.08)
    shape = {'capacity': 1000, 'height': experience.height, 'width': experience.width}
    replay = Replay(tmp_path, **shape, frames_per_transition=config.frames_per_transition)
    for _ in range(22):
        for transition in experience.run(50, new_per_step=2):
            replay.append(transition)
    assert (len(replay), replay.evicted) == (1000, 0)
    replay.close()
