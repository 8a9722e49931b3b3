"""Where launch files, settings, shipped checkpoints and bags are, and where runs go.

In a checkout they are its top-level folders; where only packages are installed, the share of ur5_rl_bringup
has the same folders.
"""

from pathlib import Path

BRINGUP = 'ur5_rl_bringup'


def folder(here: Path = Path(__file__)) -> Path:
    """Returns the folder that holds launch, config, checkpoints and bags.

    Args:
        here: this file; in a checkout, also one that a build has linked.

    Raises:
        RuntimeError: neither is there.
    """
    if (checkout := _checkout(here)) is not None:
        return checkout
    from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

    try:
        return Path(get_package_share_directory(BRINGUP))
    except PackageNotFoundError:
        raise RuntimeError(
            f'launch files and settings are in package {BRINGUP}, which is not installed: colcon build it, '
            'and source install/setup.bash'
        ) from None


def results(here: Path = Path(__file__)) -> Path:
    """Returns the folder of runs: results of the checkout, or of the present folder where there is none."""
    return (_checkout(here) or Path.cwd()) / 'results'


def _checkout(here: Path) -> Path | None:
    """Returns the checkout that holds src/<package>/<package>/<file>, None where that is installed."""
    root = here.resolve().parents[3]
    return root if (root / 'src' / BRINGUP / 'package.xml').is_file() else None
