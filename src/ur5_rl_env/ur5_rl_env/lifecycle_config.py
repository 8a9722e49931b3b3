"""Parameters of how the environment runs; what it is stands in `task.TaskConfig`."""

from dataclasses import dataclass

from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_graph.config import setting


@dataclass(frozen=True, kw_only=True)
class LifecycleConfig(SensorConfig):
    """How the environment runs. Raises ValueError when made with a value out of range."""

    seed: int = setting(
        0,
        'seed of the targets, with the episode number; one that is set later counts from the next episode on',
        low=0,
        high=2**31 - 1,
        live=True,
    )
    run_folder: str = setting('', 'folder for the episode count across restarts; empty = do not keep it')
    awaits_recorder: bool = setting(False, 'begin the first episode only when a run_recorder hears of it')
    autostart: bool = setting(True, 'run from the beginning; otherwise environment/start starts it')
    action_timeout_s: float = setting(
        1.0, 'an action later than this aborts the episode [s]', low=0.05, high=600.0
    )
    reset_timeout_s: float = setting(
        30.0, 'a reset that takes longer, without its way home, is tried again [s]', low=1.0, high=600.0
    )
    frame_margin_s: float = setting(
        0.006, 'the schedule starts this long after the arrival of a camera frame [s]', low=0.0, high=0.5
    )

    confirm: bool = setting(
        False,
        "a real arm: wait for a person's environment/start, once in a launch; "
        'with run_folder and run_identity only',
    )
    pause_when_slowed: bool = setting(
        True, 'pause while the arm has less than 100 % of its speed; otherwise go on and mark the steps'
    )
