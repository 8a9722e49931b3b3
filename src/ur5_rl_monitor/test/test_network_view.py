"""A network whose peak is known is drawn there; what cannot be drawn is refused in one line."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))
from looking_encoder import AGENT, BLUE, FLAT, GREEN, TASK, pictures, weights

from sac_learner.agent_config import AgentConfig
from ur5_rl_env.task import TaskConfig
from ur5_rl_monitor.encoder_view import EncoderView, peakedness, pixel_of_cell
from ur5_rl_monitor.network_view import BAR, CROP, MASK, POSITION, NetworkView

torch.set_num_threads(1)
FIRST = 15
"""The pixel of the crop at the centre of what the first cell sees, with strides 2, 2, 2, 1."""
LEFT, TOP = 2, 1
"""The centre crop of 156x88 out of 160x90."""
CELLS = [(0, 0), (15, 6), (7, 3), (15, 0)]  # column, row of the last map, which has 16 x 8


def spot_of(cell):
    return LEFT + FIRST + 8 * cell[0], TOP + FIRST + 8 * cell[1]


@pytest.fixture
def view():
    made = NetworkView(AGENT, TASK)
    made.load(weights(), 'weights 7')
    return made


@pytest.mark.parametrize('cell', CELLS)
def test_the_peak_of_a_map_is_found_where_its_cell_looks(cell):
    encoder = EncoderView(AGENT, TASK.observation_shape)
    encoder.load(weights())
    found = encoder.positions(np.stack(pictures({BLUE: spot_of(cell), GREEN: spot_of((4, 2))})))
    assert (found.x[BLUE], found.y[BLUE]) == pytest.approx(spot_of(cell))
    assert (found.x[GREEN], found.y[GREEN]) == pytest.approx(spot_of((4, 2)))
    assert (found.x[FLAT], found.y[FLAT]) == pytest.approx(spot_of((7.5, 3.5)))
    assert found.peaked == pytest.approx([1.0, 1.0, 0.0])


@pytest.mark.parametrize('cell', CELLS)
def test_the_peak_is_drawn_there(view, cell):
    x, y = spot_of(cell)
    picture = view.picture(pictures({BLUE: (x, y)}))
    assert picture.shape == (4 * 90 + BAR, 4 * 160, 3)
    around = picture[4 * y - 2 : 4 * y + 6, 4 * x - 2 : 4 * x + 6]
    assert (around == POSITION).all()
    marked = (picture[: 4 * 90] == POSITION).all(axis=-1)
    rows, columns = np.nonzero(marked)
    near = np.hypot(columns - (4 * x + 1.5), rows - (4 * y + 1.5)) < 10
    # Nothing else but the flat channels' small mark in the middle: green and flat see nothing.
    middle = (
        np.hypot(columns - (4 * spot_of((7.5, 3.5))[0] + 1.5), rows - (4 * spot_of((7.5, 3.5))[1] + 1.5)) < 4
    )
    assert near.sum() > 100 and (near | middle).all()


def test_the_newest_of_the_three_frames_is_drawn_and_all_three_are_looked_at(view):
    one, two, three = pictures({BLUE: spot_of((3, 3))})
    blank = view.picture([one, one, one])
    assert not np.array_equal(view.picture([one, two, three]), blank)
    assert np.array_equal(view.picture([three, one, one]), blank)  # this encoder looks at the newest only


def test_an_observation_smaller_than_the_camera_frame_is_placed_in_that():
    task = TaskConfig(image_width=320, image_height=180, observation_width=160, observation_height=90)
    view = NetworkView(AGENT, task, scale=2)
    view.load(weights(), 'x')
    x, y = spot_of((5, 2))
    frames = pictures({}, 180, 320)
    frames[-1][2 * y : 2 * y + 2, 2 * x : 2 * x + 2, BLUE] = 255
    picture = view.picture(frames)
    rows, columns = np.nonzero(
        (picture[:, :, 1] == POSITION[1]) & (picture[:, :, 0] == 0) & (picture[:, :, 2] == 0)
    )
    near = np.hypot(columns - (4 * x + 1.5), rows - (4 * y + 1.5)) < 6
    assert near.sum() > 15


def test_the_outline_of_the_rewards_mask_and_the_crop_are_drawn(view):
    frames = pictures({})
    frames[-1][20:30, 40:60] = (20, 20, 200)  # the target, as the reward knows it
    frames[-1][60:70, 40:60] = (90, 20, 200)  # not red enough
    picture = view.picture(frames)
    rows, columns = np.nonzero((picture == MASK).all(axis=-1))
    assert (rows.min(), rows.max()) == (80, 119) and (columns.min(), columns.max()) == (160, 239)
    rows, columns = np.nonzero((picture[: 4 * 90] == CROP).all(axis=-1))
    assert (rows.min(), rows.max()) == (4 * TOP, 4 * (TOP + 88) - 1)
    assert (columns.min(), columns.max()) == (4 * LEFT, 4 * (LEFT + 156) - 1)


def test_without_weights_mask_and_crop_are_drawn_all_the_same():
    view = NetworkView(AGENT, TASK)
    frames = pictures({BLUE: spot_of((3, 3))})
    frames[-1][20:30, 40:60] = (20, 20, 200)
    picture = view.picture(frames)
    assert not (picture == POSITION).all(axis=-1).any()
    assert (picture == MASK).all(axis=-1).any() and (picture == CROP).all(axis=-1).any()


def test_the_bar_says_whose_weights_they_are(view):
    frames = pictures({BLUE: spot_of((3, 3))})
    before = view.picture(frames)
    view.load(weights(), 'weights 8')
    after = view.picture(frames)
    assert np.array_equal(before[:-BAR], after[:-BAR]) and not np.array_equal(before[-BAR:], after[-BAR:])


def lacking(state):
    return {name: array for name, array in state.items() if name != 'encoder.frames.bias'}


def of_other_shape(state):
    return state | {'encoder.frames.weight': np.zeros((5, 3, 3, 3, 3), np.float32)}


def not_finite(state):
    return state | {'encoder.frames.bias': np.full(3, np.nan, np.float32)}


@pytest.mark.parametrize(
    ('spoilt', 'sentence'),
    [
        (lacking, 'lack encoder.frames.bias'),
        (of_other_shape, r'\(5, 3, 3, 3, 3\)'),
        (not_finite, 'not finite'),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_those_before_stay(view, spoilt, sentence):
    frames = pictures({BLUE: spot_of((3, 3))})
    before = view.picture(frames)
    with pytest.raises(ValueError, match=sentence) as refusal:
        view.load(spoilt(weights()), 'weights 8')
    assert '\n' not in str(refusal.value)
    assert np.array_equal(view.picture(frames), before)


@pytest.mark.parametrize(
    ('frames', 'sentence'),
    [
        (pictures({}, 180, 320), 'camera image is 320x180, expected is 160x90'),
        ([*pictures({})[:2], *pictures({}, 45, 80)[:1]], 'camera image is 80x45, expected is 160x90'),
        (pictures({})[:2], '2 images are given; the network sees 3'),
    ],
)
def test_images_that_do_not_fit_are_refused_and_the_next_is_drawn(view, frames, sentence):
    with pytest.raises(ValueError, match=sentence):
        view.picture(frames)
    assert view.picture(pictures({})).any()


def test_a_crop_that_does_not_fit_is_refused_when_the_view_is_made():
    with pytest.raises(ValueError, match='crop 200x88 does not fit'):
        NetworkView(AgentConfig(crop_width=200), TASK)


@pytest.mark.parametrize('strides', [(2, 2, 2, 1), (2, 2, 1, 1), (1, 1, 1, 1), (3, 1, 2, 2)])
def test_the_pixel_of_a_cell_is_the_one_in_the_middle_of_what_it_sees(strides):
    """Against the extent of the gradient, which is what a cell sees."""
    image = torch.zeros(1, 1, 120, 120, requires_grad=True)
    features = image
    for stride in strides:
        features = torch.nn.functional.conv2d(features, torch.ones(1, 1, 3, 3), stride=stride)
    features[0, 0, 2, 4].backward()
    rows, columns = np.nonzero(image.grad[0, 0].numpy())
    assert pixel_of_cell(np.array([4.0, 2.0]), strides) == pytest.approx(
        [(columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2]
    )


def test_how_peaked_a_map_is_worked_by_hand():
    features = torch.zeros(4, 1, 4)
    features[1, 0, 2] = 100.0  # one cell
    features[2, 0, 0] = features[2, 0, 3] = 100.0  # two peaks at the ends: wider than flat
    features[3, 0, 1] = features[3, 0, 2] = 100.0  # two neighbours: sd 1/2, flat has sqrt(5/4)
    assert peakedness(features, 1.0) == pytest.approx([0.0, 1.0, 0.0, 1 - 0.5 / np.sqrt(1.25)])
    gentle = torch.tensor([[[0.0, 1.0, 0.0]]])
    assert peakedness(gentle, 0.1) > peakedness(gentle, 1.0)
