"""The picture of the simulated wrist camera at a given instant."""

import numpy as np

from ur5_cell.cell_config import NATIVE, SimulatedCameraConfig
from ur5_cell.scene import Scene
from ur5_rl_env.devices.picture import subsample


class SimulatedCamera:
    """Draws frames; the noise is seeded. Bound to the thread that made it (OpenGL)."""

    def __init__(self, config: SimulatedCameraConfig, rng: np.random.Generator) -> None:
        """Builds the scene and draws it once (0.3 s); OSError where there is no off-screen OpenGL."""
        self._config = config
        self._scene = Scene(config)
        self._rng = rng
        self._size = NATIVE if config.strided else (config.image_height, config.image_width)
        shape = (4 * config.image_height, config.image_width, 3)
        self._noise = np.round(config.noise_sd * rng.standard_normal(shape)).astype(np.int16)
        self._scene.render((0.0,) * 6, None, *self._size)

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
