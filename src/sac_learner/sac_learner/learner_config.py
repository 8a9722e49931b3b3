"""Parameters of the learner beside those of the agent."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting

PRECISIONS = ('float32', 'tf32', 'bfloat16')


def is_static(graph: str, device: str) -> bool:
    """Returns whether updates are made from static inputs."""
    return graph == 'on' or (graph == 'auto' and device == 'cuda')


@dataclass(frozen=True, kw_only=True)
class LearnerConfig:
    """Where the learner runs and what it leaves."""

    run_folder: str = setting('', 'folder of the run; checkpoints go there; empty = none are written')
    init: str = setting('', 'checkpoint that a new run starts from; empty = untrained networks')
    init_from_other_setting: bool = setting(
        False, 'start from init although it was saved in another setting; what differs is said'
    )
    device: str = setting(
        'auto', 'torch device of the learner; auto = cuda if there is one', choices=('auto', 'cpu', 'cuda')
    )
    graph: str = setting(
        'auto',
        'updates from static inputs, captured as a CUDA graph where there is CUDA; auto = on CUDA only',
        choices=('auto', 'on', 'off'),
    )
    precision: str = setting(
        'auto',
        'of products: tf32 rounds their factors to 11 significant bits on CUDA; bfloat16 = the encoder in 8; '
        'auto = tf32 on CUDA (bfloat16 is faster, too coarse for low softmax temperatures), float32 on a CPU',
        choices=('auto', *PRECISIONS),
    )
    mini_batches: str = setting(
        'auto',
        'how they come: device = frames are kept on the device and cropped there, slots = images in shared '
        'memory, full = all in messages; auto = device on CUDA while they fit, else slots',
        choices=('auto', 'device', 'slots', 'full'),
    )
    threads: int = setting(1, 'threads of torch on the CPU', low=1, high=256)
    weights_period_s: float = setting(
        0.2, 'least time between two publications of weights [s]', low=0.0, high=60.0
    )
    checkpoint_period_s: float = setting(60.0, 'time between checkpoints [s]', low=1.0, high=3600.0)
    seed: int = setting(0, 'seed of weights and noise', low=0, high=2**31 - 1)

    @property
    def chosen_device(self) -> str:
        """The device, where 'auto' says that it is found out here; ValueError for a GPU that is not there."""
        if self.device == 'cpu':
            return self.device
        import torch  # here: who only asks what there is to set does not wait for it

        if torch.cuda.is_available():
            return 'cuda'
        if self.device == 'cuda':
            raise ValueError(
                f'device is cuda, but torch {torch.__version__} sees no GPU; choose cpu, or auto'
            )
        return 'cpu'

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
