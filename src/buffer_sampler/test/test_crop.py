import numpy as np
import pytest

from buffer_sampler.crop import centre_crop, check_crop, random_offsets


@pytest.mark.parametrize(
    ('height', 'width', 'crop_height', 'crop_width'),
    [(90, 160, 88, 156), (180, 320, 176, 314), (11, 14, 3, 5)],  # of the thesis; less than half an image
)
def test_every_offset_occurs_equally_often(height, width, crop_height, crop_width):
    rows, columns = height - crop_height + 1, width - crop_width + 1
    draws = 2000 * rows * columns
    offsets = random_offsets(np.random.default_rng(1), draws, height, width, crop_height, crop_width)
    counts = np.zeros((rows, columns))
    np.add.at(counts, tuple(offsets.T), 1)
    # Each cell is binomial with mean 2000 and standard deviation below 45.
    assert np.abs(counts - 2000).max() < 5 * 45


def test_offsets_reach_both_ends_of_the_margin():
    offsets = random_offsets(np.random.default_rng(0), 1000, 90, 160, 88, 156)
    assert offsets.min(0).tolist() == [0, 0]
    assert offsets.max(0).tolist() == [2, 4]


def test_no_margin_leaves_one_crop():
    assert not random_offsets(np.random.default_rng(0), 50, 45, 80, 45, 80).any()


def test_row_and_column_are_independent():
    offsets = random_offsets(np.random.default_rng(2), 20_000, 90, 160, 88, 156)
    assert abs(np.corrcoef(offsets.T)[0, 1]) < 0.03


def test_the_same_generator_draws_the_same_offsets():
    draws = [random_offsets(np.random.default_rng(7), 20, 90, 160, 88, 156) for _ in range(2)]
    np.testing.assert_array_equal(*draws)


def test_centre_crop_by_hand():
    image = np.arange(4 * 6 * 3).reshape(4, 6, 3)
    patch = centre_crop(image, 2, 2)
    np.testing.assert_array_equal(patch, image[1:3, 2:4])
    assert np.shares_memory(patch, image)


def test_a_centre_crop_that_is_not_square_and_less_than_half_the_image():
    image = np.arange(9 * 12 * 3).reshape(9, 12, 3)
    np.testing.assert_array_equal(centre_crop(image, 3, 5), image[3:6, 3:8])


def test_centre_crop_of_a_stack_at_the_thesis_size():
    stack = np.zeros((2, 3, 90, 160, 3), np.uint8)
    stack[:, :, 1:89, 2:158] = 1
    patch = centre_crop(stack, 88, 156)
    assert patch.shape == (2, 3, 88, 156, 3)
    assert patch.all()


def test_centre_crop_rounds_down():
    image = np.arange(5 * 5 * 3).reshape(5, 5, 3)
    np.testing.assert_array_equal(centre_crop(image, 2, 2), image[1:3, 1:3])


@pytest.mark.parametrize('crop', [(91, 156), (88, 161), (0, 156), (88, -1)])
def test_a_crop_that_does_not_fit_is_refused_with_both_sizes(crop):
    with pytest.raises(ValueError, match=rf'crop {crop[1]}x{crop[0]} does not fit into images of 160x90'):
        check_crop(90, 160, *crop)
