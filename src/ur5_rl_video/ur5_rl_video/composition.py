"""One frame of a film: the room, the wrist camera, what the network sees, and the reward so far."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_video.moments import Episode, Moment

WIDTH, HEIGHT = 1280, 720
"""Of a frame [pixel]."""
DARK, INK, FAINT, LINE, NOW = (
    (32, 32, 32),
    (230, 230, 230),
    (90, 90, 90),
    (255, 200, 90),
    (80, 160, 255),
)  # BGR
FONT = cv2.FONT_HERSHEY_SIMPLEX


class Area(NamedTuple):
    """A rectangle of the frame [pixel]."""

    left: int
    top: int
    width: int
    height: int


ROOM, WRIST, NETWORK = Area(0, 0, 800, 562), Area(800, 0, 480, 270), Area(800, 270, 480, 292)
CHART = Area(70, 608, 1190, 94)
"""Where reward is drawn over time; the axes are its edges."""


class Composition:
    """Draws the frames of an episode; knows no file and no clock."""

    def __init__(
        self, view: NetworkView, room: Callable[[Moment, int, int], np.ndarray], step_s: float
    ) -> None:
        """Makes one.

        Args:
            view: draws what the network sees.
            room: draws the room at a moment, (height, width, 3) uint8 BGR, of a height and a width.
            step_s: time from one observation to the next [s].
        """
        self._view, self._room, self._step_s = view, room, step_s

    def frame(self, episode: Episode, index: int) -> np.ndarray:
        """Returns the frame of one moment of an episode, (HEIGHT, WIDTH, 3) uint8 BGR.

        Raises:
            ValueError: its images are not those that the network expects.
        """
        moment = episode.moments[index]
        frame = np.full((HEIGHT, WIDTH, 3), DARK, np.uint8)
        _put(frame, ROOM, self._room(moment, ROOM.height, ROOM.width))
        _put(frame, WRIST, moment.images[-1])
        _put(frame, NETWORK, self._view.picture(moment.images))
        for area, text in ((ROOM, 'the room'), (WRIST, 'wrist camera'), (NETWORK, 'what the network sees')):
            _label(frame, area, text)
        self._draw_reward(frame, episode, index)
        return frame

    def _draw_reward(self, frame: np.ndarray, episode: Episode, index: int) -> None:
        steps = np.array([moment.step for moment in episode.moments])
        rewards = np.array([moment.reward for moment in episode.moments])
        low, high = min(rewards.min(), 0.0), max(rewards.max(), 1.0)
        for value in (low, 0.0, high) if low < -0.1 * high else (0.0, high):
            y = chart_point(0, value, steps[-1], low, high)[1]
            cv2.line(frame, (CHART.left, y), (CHART.left + CHART.width, y), FAINT, 1)
            _write(frame, f'{value:.0f}', (CHART.left - 42, y + 5), 0.45)
        points = [chart_point(*pair, steps[-1], low, high) for pair in zip(steps, rewards, strict=True)]
        rewarded = [point for point, step in zip(points[: index + 1], steps, strict=False) if step]
        if rewarded:  # no step led to the first observation
            cv2.polylines(frame, [np.array(rewarded)], False, LINE, 2, cv2.LINE_AA)
        cv2.circle(frame, points[index], 6, NOW, cv2.FILLED, cv2.LINE_AA)
        so_far = f'return {episode.moments[index].so_far:7.1f}'
        told = f'{steps[index] * self._step_s:5.2f} s   reward {rewards[index]:6.2f}   {so_far}'
        _write(frame, f'{episode.title}   {told}', (CHART.left, ROOM.height + 28), 0.6)


def chart_point(step: float, reward: float, last: int, low: float, high: float) -> tuple[int, int]:
    """Returns the pixel of a reward at a step in the chart of an episode.

    Args:
        step: of the episode.
        reward: of that step.
        last: step of the episode, at the right edge.
        low: reward at the lower edge.
        high: reward at the upper edge, more than `low`.
    """
    x = CHART.left + CHART.width * step / max(last, 1)
    y = CHART.top + CHART.height * (high - reward) / (high - low)
    return round(float(x)), round(float(y))


def _put(frame: np.ndarray, area: Area, picture: np.ndarray) -> None:
    """Puts a picture into the middle of an area, as large as fits without a change of its shape."""
    height, width = picture.shape[:2]
    scale = min(area.width / width, area.height / height)
    size = min(round(scale * width), area.width), min(round(scale * height), area.height)
    if size != (width, height):
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
        picture = cv2.resize(picture, size, interpolation=way)
    left, top = area.left + (area.width - size[0]) // 2, area.top + (area.height - size[1]) // 2
    frame[top : top + size[1], left : left + size[0]] = picture


def _label(frame: np.ndarray, area: Area, text: str) -> None:
    """Writes on a dark ground, so that it can be read on any picture."""
    (width, height), _ = cv2.getTextSize(text, FONT, 0.45, 1)
    corner = area.left + width + 12, area.top + height + 12
    cv2.rectangle(frame, (area.left, area.top), corner, DARK, cv2.FILLED)
    _write(frame, text, (area.left + 6, area.top + height + 6), 0.45)


def _write(frame: np.ndarray, text: str, place: tuple[int, int], size: float) -> None:
    cv2.putText(frame, text, place, FONT, size, INK, 1, cv2.LINE_AA)
