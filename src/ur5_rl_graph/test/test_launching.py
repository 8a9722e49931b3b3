"""What stands behind -p for each kind of value that a launch file gives a node."""

from types import SimpleNamespace

import pytest

pytest.importorskip('launch_ros')
from launch.substitutions import TextSubstitution

from ur5_rl_graph.launching import ParameterRule, Typed


@pytest.mark.parametrize(
    ('value', 'words'),
    [
        (TextSubstitution(text='1e3'), 'x:="1e3"'),
        (TextSubstitution(text='true'), 'x:="true"'),
        ('007', 'x:="007"'),
        (Typed(TextSubstitution(text='007'), int), 'x:=7'),
        (Typed(TextSubstitution(text='120'), float), 'x:=120.0'),
        (Typed(TextSubstitution(text='1e-5'), float), 'x:=1.0e-05'),
        (Typed(TextSubstitution(text='true'), bool), 'x:=true'),
        (Typed(TextSubstitution(text='false'), bool), 'x:=false'),
        (False, 'x:=false'),
        (3, 'x:=3'),
    ],
)
def test_a_rule_gives_exactly_the_value(value, words):
    assert ParameterRule('x', value).perform(SimpleNamespace()) == words
