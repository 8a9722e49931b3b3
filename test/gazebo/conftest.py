"""The simulated cell with either simulator behind it: the same tests, in which only that differs."""

import contextlib

import pytest
from cells import SIMULATORS, no_cell

from ur5_cell.cell_config import SimulatedCameraConfig


def pytest_generate_tests(metafunc):
    """Gazebo only where it is there: test_gazebo_is_there.py says once that it is not."""
    if 'make_cell' in metafunc.fixturenames:
        gazebo = [] if no_cell('gazebo') else [pytest.param('gazebo', marks=pytest.mark.graph)]
        metafunc.parametrize('make_cell', ['mujoco', *gazebo], indirect=True, scope='module')


@pytest.fixture(scope='module')
def make_cell(request):
    """make_cell(monitor_y=..., ...) -> a cell of this simulator; all of a file end with it."""
    if why := no_cell(request.param):
        pytest.skip(why)
    with contextlib.ExitStack() as ending:
        yield lambda **config: ending.enter_context(
            SIMULATORS[request.param](SimulatedCameraConfig(**config))
        )
