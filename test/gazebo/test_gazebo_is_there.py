"""Says in one line that the other tests of this folder ran on MuJoCo alone."""

import pytest
from cells import no_cell


def test_the_tests_of_this_folder_also_run_in_gazebo():
    if why := no_cell('gazebo'):
        pytest.skip(why)
