"""Which run a node belongs to, and what it hears of others."""

import pytest

pytest.importorskip('rclpy')
from ur5_rl_graph.run_config import RunConfig


@pytest.mark.parametrize(
    ('own', 'named', 'may_be'),
    [
        ('run_1', 'run_1', True),
        ('run_1', 'run_2', False),
        ('run_1', '', True),  # of a driver that was started by hand
        ('', 'run_2', True),  # to a node that was
        ('', '', True),
    ],
)
def test_a_message_of_another_run_is_told_by_the_run_that_it_names(own, named, may_be):
    assert RunConfig(run_identity=own).may_be_own(named) is may_be
