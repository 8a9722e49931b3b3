import pytest

from buffer_sampler.config import BufferSamplerConfig


def test_the_defaults_are_the_thesis_baseline():
    config = BufferSamplerConfig(run_folder='x')
    assert (config.capacity, config.batch_size, config.random_steps) == (100_000, 128, 1000)
    assert (config.observation_width, config.observation_height) == (160, 90)
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
