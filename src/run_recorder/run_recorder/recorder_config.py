"""Configuration of the recorder."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class RecorderConfig:
    """What is recorded, where, and for how long."""

    run_folder: str = setting('', 'folder of the run; made if it is not there')
    title: str = setting('run', 'title of the learning curve')
    architecture: str = setting('', 'name of the launch file; of this and the next seven run.json tells')
    task: str = setting('', 'name of the task')
    setting_name: str = setting('', 'name of the setting')
    robot_ip: str = setting('', 'address of a real arm; empty = simulated')
    seed: int = setting(0, 'seed of the run', low=0, high=2**31 - 1)
    init: str = setting('', 'checkpoint that the run started from; empty = none')
    replay: str = setting('', 'bags that the run began with, commas between them; empty = none')
    duration: float = setting(
        0.0,
        'time of the run after the random steps, while steps can be made [s], 0 = without end',
        low=0.0,
        high=1e6,
    )
    episodes: int = setting(
        0, 'finished episodes after which an evaluation ends, 0 = no evaluation', low=0, high=1_000_000
    )
    random_steps: int = setting(1000, 'environment steps of the initial random policy', low=0, high=1_000_000)
    reset_s: float = setting(3.0, 'shortest pause between two episodes [s]', low=0.0, high=60.0)
    action_timeout_s: float = setting(
        1.0, 'an action later than this aborts the episode [s]', low=0.05, high=600.0
    )
    action_cycle_s: float = setting(0.04, 'planned action cycle [s]', low=0.008, high=1.0)
    progress_period_s: float = setting(10.0, 'time between progress lines [s]', low=0.5, high=3600.0)

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
        if not self.run_folder:
            raise ValueError("run_folder is ''; give the folder that the run is to be written to")
