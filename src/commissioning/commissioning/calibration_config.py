"""Parameters of node calibration."""

from dataclasses import dataclass

from ur5_rl_env.devices.monitor_config import MonitorConfig
from ur5_rl_env.robot_models import joints_of_model, take_own
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_graph.config import setting


@dataclass(frozen=True, kw_only=True)
class CalibrationConfig(SceneConfig, MonitorConfig):
    """About where the monitor stands and how large it is, how it is painted on, and what the launch gives."""

    home: tuple = joints_of_model('home position of arm_driver')
    run_folder: str = setting('', 'folder that gets the setting and the plots')
    setting_file: str = setting('', 'the setting that is measured; a copy of it gets the values')
    confirm: bool = setting(
        False,
        "a real arm: wait for a person's environment/start, once in a launch; "
        'with run_folder and run_identity only',
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        take_own(self, 'home')
