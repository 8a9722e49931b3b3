"""Parameters of node calibration."""

from dataclasses import dataclass

from ur5_rl_env.devices.monitor_config import MonitorConfig
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_graph.config import setting


@dataclass(frozen=True, kw_only=True)
class CalibrationConfig(SceneConfig, MonitorConfig):
    """About where the monitor stands and how large it is, how it is painted on, and what the launch gives."""

    home: tuple = setting(UR5.home, 'home position of arm_driver [rad]', low=-7, high=7)
    run_folder: str = setting('', 'folder that gets the setting and the plots')
    setting_file: str = setting('', 'the setting that is measured; a copy of it gets the values')
    confirm: bool = setting(
        False,
        "a real arm: wait for a person's environment/start, once in a launch; "
        'with run_folder and run_identity only',
    )
