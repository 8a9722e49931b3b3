"""Where things stand in a frame: panels, the network's positions, the reward so far."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / 'ur5_rl_monitor/test'))
from looking_encoder import AGENT, BLUE, TASK, pictures, weights

from ur5_rl_monitor.network_view import POSITION, NetworkView
from ur5_rl_video import composition
from ur5_rl_video.composition import CHART, HEIGHT, LINE, NETWORK, NOW, ROOM, WIDTH, WRIST, Composition
from ur5_rl_video.moments import Episode, Moment

GREY = (120, 130, 140)
PEAK = 2 + 15 + 8 * 7, 1 + 15 + 8 * 3
"""A pixel of the camera at the centre of what a cell of the last map sees, with the strides of AGENT."""
REWARDS = [0.0, 2.0, 8.0, -2.0, 4.0]


def room(moment, height, width):
    return np.full((height, width, 3), GREY, np.uint8)


def drawing(view=None):
    if view is None:
        view = NetworkView(AGENT, TASK, 3)
        view.load(weights(), 'policy')
    return Composition(view, room, 0.04)


def episode(images=None):
    shown = tuple(images or pictures({BLUE: PEAK}))
    moments = [
        Moment(step, shown, (0.0,) * 6, None, reward, sum(REWARDS[: step + 1]))
        for step, reward in enumerate(REWARDS)
    ]
    return Episode('reaching, episode 1', moments, sum(REWARDS))


def cut(frame, area):
    return frame[area.top : area.top + area.height, area.left : area.left + area.width]


def centre(area, colour):
    """Column and row of the middle of what has a colour exactly."""
    rows, columns = np.nonzero((area == colour).all(axis=-1))
    return columns.mean(), rows.mean()


def test_every_panel_is_in_its_place():
    frame = drawing().frame(episode(), 2)
    assert frame.shape == (HEIGHT, WIDTH, 3) and WIDTH % 2 == HEIGHT % 2 == 0
    assert (cut(frame, ROOM)[60:] == GREY).all()
    wrist = cut(frame, WRIST)
    x, y = (3 * coordinate + 1 for coordinate in PEAK)
    assert wrist[y, x].tolist() == [255, 0, 0], 'the newest image, three times as large'
    assert wrist[60:].any(axis=-1).sum() == 9
    spot = centre(cut(frame, NETWORK), POSITION)
    assert spot == pytest.approx((x, y), abs=0.6), 'the peak is marked where the camera shows it'


def test_the_reward_so_far_is_drawn_and_no_more():
    for index in range(len(REWARDS)):
        frame = drawing().frame(episode(), index)
        x, y = CHART.left + CHART.width * index / 4, CHART.top + CHART.height * (8.0 - REWARDS[index]) / 10
        assert centre(frame[CHART.top - 8 :], NOW) == pytest.approx((x, y - CHART.top + 8), abs=0.6)
        columns = np.nonzero((cut(frame, CHART) == LINE).all(axis=-1))[1]
        if index < 2:
            assert not len(columns), 'no step led to the first observation'
        else:
            assert columns.min() == pytest.approx(CHART.width / 4, abs=2)
            assert columns.max() <= CHART.width * index / 4 + 2


def test_time_and_return_stand_beside_it(monkeypatch):
    told = []
    monkeypatch.setattr(composition, '_write', lambda frame, text, place, size: told.append(text))
    drawing().frame(episode(), 3)
    assert told[-1] == 'reaching, episode 1    0.12 s   reward  -2.00   return     8.0'
    assert {'-2', '0', '8'} <= set(told)


def test_the_return_counts_the_steps_that_are_not_shown(monkeypatch):
    told = []
    monkeypatch.setattr(composition, '_write', lambda frame, text, place, size: told.append(text))
    whole = episode()
    drawing().frame(whole._replace(moments=[whole.moments[0], whole.moments[3]]), 1)
    assert told[-1].endswith('return     8.0')


def test_an_episode_that_never_had_a_reward_has_a_chart_too():
    moments = [moment._replace(reward=0.0) for moment in episode().moments[:1]]
    frame = drawing().frame(Episode('x', moments, 0.0), 0)
    assert centre(frame[CHART.top - 8 :], NOW) == pytest.approx((CHART.left, CHART.height + 8), abs=0.6)


@pytest.mark.parametrize(('height', 'width'), [(480, 640), (45, 80)])
def test_pictures_of_other_shapes_keep_theirs(height, width):
    class View:
        def picture(self, images):
            return images[-1]

    white = [np.full((height, width, 3), 255, np.uint8)] * 3
    frame = drawing(View()).frame(episode(white), 1)
    for area in (WRIST, NETWORK):
        rows, columns = np.nonzero((cut(frame, area)[40:] == 255).all(axis=-1))
        shown = columns.max() - columns.min() + 1, rows.max() + 41 - (area.height - rows.max() - 41)
        assert shown[0] / shown[1] == pytest.approx(width / height, rel=0.1)


def test_images_of_another_size_are_refused():
    with pytest.raises(ValueError, match='160x90'):
        drawing().frame(episode(pictures({}, 180, 320)), 0)
