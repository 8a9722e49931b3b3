"""Configuration of the simulated cell: room, camera and controller. Nothing here needs MuJoCo."""

from dataclasses import dataclass

from ur5_rl_env.devices.picture import stride_of
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_graph.config import check, setting

SIMULATORS = ('mujoco', 'gazebo')
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


@dataclass(frozen=True, kw_only=True)
class CellConfig:
    """Parameters of node robot_cell beside those of camera and delay."""

    simulator: str = setting(
        'mujoco', 'what moves the arm and draws: mujoco, or gazebo beside it', choices=SIMULATORS
    )
    controller_address: str = setting(
        '127.0.0.1', 'loopback address of the simulated controller; another for each further cell'
    )
    publish_camera: bool = setting(True, 'False where a real camera is used with the simulated arm')
    camera_period_s: float = setting(0.040, 'time between two camera frames [s]', low=0.004, high=1.0)
    seed: int = setting(0, 'seed of jitter, dropout and pixel noise', low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)
