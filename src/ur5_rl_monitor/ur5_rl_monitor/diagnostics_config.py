"""Parameters of the diagnostics: the one table of what is still in order."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class DiagnosticsConfig:
    """From where on something is told as a warning or an error; counts are those of the last `window_s`."""

    run_folder: str = setting('', 'folder of the run, whose disk and tables are looked at; empty = none')
    architecture: str = setting('', 'name of the launch file; in evaluate and environment nobody learns')
    robot_ip: str = setting('', 'address of a real arm; empty = simulated')
    action_cycle_s: float = setting(0.04, 'planned action cycle [s]', low=0.008, high=1.0)
    camera_period_s: float = setting(0.040, 'time between two camera frames [s]', low=0.004, high=1.0)
    random_steps: int = setting(1000, 'environment steps of the initial random policy', low=0, high=1_000_000)

    window_s: float = setting(10.0, 'counts and rates are those of so long [s]', low=2.0, high=600.0)
    silent_s: float = setting(5.0, 'a device not heard of for longer is stale [s]', low=1.0, high=600.0)
    learning_silent_s: float = setting(
        15.0,
        'sampler or learner not heard of for longer is stale: one update may last [s]',
        low=1.0,
        high=600.0,
    )
    pause_s: float = setting(
        15.0, 'no action cycle for longer is more than a reset: the cycle is stale [s]', low=1.0, high=600.0
    )
    hold_s: float = setting(
        15.0, 'an arm that holds for longer without a fresh command is a warning [s]', low=1.0, high=600.0
    )
    no_frame_s: float = setting(1.5, 'no camera frame for longer is an error [s]', low=0.1, high=60.0)
    frames_missing: float = setting(
        0.05, 'share of camera frames that did not come: more is a warning', low=0.0, high=1.0
    )
    image_age_cycles: float = setting(
        3.0, 'images older than so many camera periods when they are used are a warning', low=1.0, high=100.0
    )
    images_discarded: float = setting(
        0.05,
        'images discarded, or used with joints carried on, for each step: more is a warning',
        low=0.0,
        high=1.0,
    )
    overruns_warn: float = setting(0.01, 'share of late actions: more is a warning', low=0.0, high=1.0)
    overruns_error: float = setting(0.2, 'share of late actions: more is an error', low=0.0, high=1.0)
    within_2ms: float = setting(
        0.95, 'share of cycles within 2 ms of the plan: fewer is a warning', low=0.0, high=1.0
    )
    weights_age_s: float = setting(
        60.0, 'weights that act and are older are a warning, once updates go on [s]', low=0.1, high=1e5
    )
    entropy_low: float = setting(
        -15.0, 'entropy of the policy below it is a warning: it hardly explores [nat]', low=-100.0, high=100.0
    )
    checkpoint_age_s: float = setting(300.0, 'no checkpoint for longer is a warning [s]', low=1.0, high=1e5)
    recorder_behind_warn_s: float = setting(
        5.0, 'the table of cycles behind the cycles: more is a warning [s]', low=1.0, high=600.0
    )
    recorder_behind_error_s: float = setting(
        30.0, 'the table of cycles behind the cycles: more is an error [s]', low=1.0, high=600.0
    )
    disk_low_gb: float = setting(
        1.0,
        'less room on the disk of the run is an error [GB]; what the buffer needs yet, a warning',
        low=0.0,
        high=1e4,
    )

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)

    @property
    def learns(self) -> bool:
        """Whether this run has a sampler and a learner."""
        return self.architecture not in ('evaluate', 'environment')
