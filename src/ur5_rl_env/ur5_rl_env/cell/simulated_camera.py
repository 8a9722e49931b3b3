"""The picture of the simulated wrist camera at a given instant."""

from dataclasses import dataclass

import numpy as np

from ur5_rl_env.cell.scene import Scene, SceneConfig
from ur5_rl_env.devices.picture import stride_of, subsample
from ur5_rl_graph.config import setting

NATIVE = (360, 640)
"""Height and width of the thesis' camera before its sub-sampling [pixel]."""


@dataclass(frozen=True, kw_only=True)
class SimulatedCameraConfig(SceneConfig):
    """Size and quality of the picture."""

    image_width: int = setting(160, 'width of the camera frames [pixel]', low=16, high=1920)
    image_height: int = setting(90, 'height of the camera frames [pixel]', low=9, high=1080)
    strided: bool = setting(
        False,
        'draw 640x360 and keep every n-th pixel, as the real camera; 8 times the work of drawing 160x90',
    )
    noise_sd: float = setting(0.0, 'standard deviation of the pixel noise [grey levels]', low=0.0, high=50.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.strided:
            stride_of(NATIVE, self.image_height, self.image_width)


class SimulatedCamera:
    """Draws frames; the noise is seeded. Bound to the thread that made it (OpenGL)."""

    def __init__(self, config: SimulatedCameraConfig, rng: np.random.Generator) -> None:
        """Builds the scene; raises OSError where there is no off-screen OpenGL."""
        self._config = config
        self._scene = Scene(config)
        self._rng = rng
        self._size = NATIVE if config.strided else (config.image_height, config.image_width)
        shape = (4 * config.image_height, config.image_width, 3)
        self._noise = np.round(config.noise_sd * rng.standard_normal(shape)).astype(np.int16)

    def picture(self, q: tuple, target: tuple[float, float] | None) -> np.ndarray:
        """Returns the frame (image_height, image_width, 3), uint8 BGR, for joints [rad] and target [m]."""
        height, width = self._config.image_height, self._config.image_width
        picture = subsample(self._scene.render(q, target, *self._size), height, width)
        if not self._config.noise_sd:
            return picture
        row = self._rng.integers(3 * height)  # a window of noise drawn once: 20 times cheaper than new noise
        return np.clip(picture + self._noise[row : row + height], 0, 255).astype(np.uint8)

    def close(self) -> None:
        """Frees the OpenGL contexts."""
        self._scene.close()
