"""Configuration of the recorder of bags."""

from dataclasses import dataclass

from ur5_rl_graph.config import check, setting

MB = 1_000_000


@dataclass(frozen=True, kw_only=True)
class BagConfig:
    """What is recorded, and where."""

    run_folder: str = setting('', 'folder of the run, in which the bag is made')
    record: str = setting(
        'true',
        'true = what an exact replay needs; all = observations, mini-batches and weights, too',
        choices=('true', 'all'),
    )
    bag_file_mb: int = setting(512, 'a file of the bag that is larger is closed [MB]', low=1, high=1_000_000)
    bag_queue_mb: int = setting(
        64, 'messages that may wait for the disk [MB]; further ones are lost', low=1, high=100_000
    )

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
        if not self.run_folder:
            raise ValueError("run_folder is ''; give the folder that the bag is to be made in")
