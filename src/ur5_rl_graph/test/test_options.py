"""key:=value arguments take the types of their defaults; anything else is refused in one line."""

import pytest

from ur5_rl_graph.options import options


def test_values_take_the_type_of_the_default():
    found = options(['cycles:=7', 'output:=a=b', 'start=2.5'], cycles=5, output='', start=0.0, seed=3)
    assert found == {'cycles': 7, 'output': 'a=b', 'start': 2.5, 'seed': 3}
    assert options(['a:=true'], a=False, b=False, c=1) == {'a': True, 'b': False, 'c': 1}


def test_a_path_may_begin_with_the_home_folder(monkeypatch):
    """A shell expands `~` at the beginning of a word only."""
    monkeypatch.setenv('HOME', '/home/me')
    given = options(['output:=~/runs/a', 'replay:=~/a,b/~c,~/d', 'name:=~'], output='', replay='', name='')
    assert given == {'output': '/home/me/runs/a', 'replay': '/home/me/a,b/~c,/home/me/d', 'name': '~'}


@pytest.mark.parametrize('argument', ['speed:=3', 'cycles', 'output', ':=3'])
def test_refusal_names_the_argument_and_the_options(argument):
    with pytest.raises(ValueError) as refusal:
        options([argument], cycles=1, output='', again=False)
    assert (
        str(refusal.value)
        == f"'{argument}' is no option; options and defaults: cycles:=1, output:=, again:=false"
    )


@pytest.mark.parametrize(
    ('argument', 'expected'),
    [
        ('cycles:=many', "cycles is 'many'; it takes a whole number, as cycles:=5"),
        ('cycles:=', "cycles is ''; it takes a whole number, as cycles:=5"),
        ('cycles=2.5', "cycles is '2.5'; it takes a whole number, as cycles:=5"),
        ('start:=soon', "start is 'soon'; it takes a number, as start:=0.5"),
        ('again:=1', "again is '1'; it takes true or false, as again:=false"),
    ],
)
def test_a_value_of_another_type_is_no_unknown_option(argument, expected):
    with pytest.raises(ValueError) as refusal:
        options([argument], cycles=5, start=0.5, again=False)
    assert str(refusal.value) == expected
