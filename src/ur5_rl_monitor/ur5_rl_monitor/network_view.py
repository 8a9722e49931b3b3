"""What the network sees: the camera's frame with crop, reward mask and positions (thesis figure 8.5)."""

from collections.abc import Sequence

import cv2
import numpy as np

from sac_learner.agent_config import AgentConfig
from ur5_rl_env.observation import frame_from_image
from ur5_rl_env.reward import target_mask
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.data import STACK
from ur5_rl_monitor.encoder_view import EncoderView, Positions

CROP, MASK, POSITION, EDGE = (255, 255, 255), (255, 255, 0), (0, 220, 0), (0, 60, 0)  # BGR
RADII = (1.0, 8.0)
"""Of a position that is not peaked at all and of one that is one cell [pixel at a scale of 4]."""
PEAKED = 0.5
"""From here on the text counts a position as peaked."""
BAR, MARGIN, FONT = 22, 6, cv2.FONT_HERSHEY_PLAIN


class NetworkView:
    """Draws the frames of one policy; knows no graph, no clock and no file."""

    def __init__(self, agent: AgentConfig, task: TaskConfig, scale: int = 4) -> None:
        """Makes one that draws each pixel of the camera `scale` times as large.

        Raises:
            ValueError: the crop does not fit into the observations.
        """
        self._task, self._scale = task, scale
        image, observed = task.image_shape, task.observation_shape
        self._along = [scale * image[axis] / observed[axis] for axis in (1, 0)]  # x, y: drawn / observed
        self._encoder = EncoderView(agent, task.observation_shape)
        self._crop = (self._encoder.left, self._encoder.top, agent.crop_width, agent.crop_height)
        self._told = ''  # of the weights; '' = there are none

    def load(self, weights: dict[str, np.ndarray], told: str) -> None:
        """Takes the weights of a policy, and what the picture says of them.

        Raises:
            ValueError: a tensor of the encoder is missing, unknown, of another shape or not finite.
        """
        self._encoder.load(weights)
        self._told = told

    def picture(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Returns the annotated newest image, (scale H + bar, scale W, 3) uint8 BGR.

        Args:
            images: three of the camera, each (H, W, 3) uint8 BGR, oldest first.

        Raises:
            ValueError: they are not three, or not of the size that the task expects.
        """
        if len(images) != STACK:
            raise ValueError(f'{len(images)} images are given; the network sees {STACK} at once')
        frames = [frame_from_image(image, 0, self._task) for image in images]
        canvas = cv2.resize(
            frames[-1].camera, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_NEAREST
        )
        mask = target_mask(frames[-1].camera)
        _draw_mask(canvas, mask)
        self._draw_crop(canvas)
        share = f'target {100 * np.count_nonzero(mask) / mask.size:.1f} % of the pixels'
        if not self._told:
            return _with_bar(canvas, f'no weights yet; {share}')
        positions = self._encoder.positions(np.stack([frame.observed for frame in frames]))
        self._draw_positions(canvas, positions)
        peaked = np.count_nonzero(positions.peaked >= PEAKED)
        return _with_bar(canvas, f'{self._told}; {peaked} of {len(positions.x)} peaked; {share}')

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Returns where a point of an observation's frame, in pixels, lies in the picture."""
        across, down = self._along
        return (x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5

    def _draw_crop(self, canvas: np.ndarray) -> None:
        left, top, width, height = self._crop
        across, down = self._along
        first = _pixel(across * left, down * top)
        last = _pixel(across * (left + width) - 1, down * (top + height) - 1)
        cv2.rectangle(canvas, first, last, CROP, 1)

    def _draw_positions(self, canvas: np.ndarray, positions: Positions) -> None:
        """The sharpest last, so that they are not hidden by others."""
        for index in np.argsort(positions.peaked):
            centre = _pixel(*self.place(positions.x[index], positions.y[index]))
            radius = round(float(np.interp(positions.peaked[index], (0, 1), RADII)) * self._scale / 4)
            cv2.circle(canvas, centre, radius, POSITION, cv2.FILLED, cv2.LINE_AA)
            cv2.circle(canvas, centre, radius, EDGE, 1, cv2.LINE_AA)


def _draw_mask(canvas: np.ndarray, mask: np.ndarray) -> None:
    """Draws the outline of what the reward takes for the target."""
    height, width = canvas.shape[:2]
    large = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST)
    contours, _ = cv2.findContours(large, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(canvas, contours, -1, MASK, 1)


def _with_bar(canvas: np.ndarray, text: str) -> np.ndarray:
    """Puts a dark bar with one line of text below; the letters shrink where the picture is narrow."""
    bar = np.full((BAR, canvas.shape[1], 3), 32, np.uint8)
    (width, _), _ = cv2.getTextSize(text, FONT, 1.0, 1)
    size = min(1.0, (canvas.shape[1] - 2 * MARGIN) / width)
    cv2.putText(bar, text, (MARGIN, BAR - MARGIN), FONT, size, (230, 230, 230), 1, cv2.LINE_AA)
    return np.vstack([canvas, bar])


def _pixel(x: float, y: float) -> tuple[int, int]:
    return round(float(x)), round(float(y))
