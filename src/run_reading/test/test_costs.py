"""Cost tables: table 5.2 as shipped, and what is said of others."""

import pytest

from run_reading.costs import Costs, load_costs, table_of


@pytest.mark.parametrize(
    ('setting', 'row'),
    [('baseline', (2, 21, 24, 5)), ('high_resolution', (3, 44, 65, 6)), ('large_minibatch', (2, 86, 68, 5))],
)
def test_thesis_table(setting, row):
    costs = load_costs('thesis', setting)
    assert (costs.action_ms, costs.sampling_ms, costs.gradient_ms, costs.environment_ms) == row
    assert load_costs('thesis', f'small_{setting}') == costs


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('other: {action_ms: 1}', 'no costs of setting mine; it has other'),
        ('mine: {action_ms: 1}', 'expected are action_ms, environment_ms, gradient_ms, sampling_ms'),
        (
            'mine: {action_ms: -1, sampling_ms: 1, gradient_ms: 1, environment_ms: 1}',
            'action_ms is -1.0; allowed is 0.0 to 10000.0',
        ),
        ('mine: 3', 'mine holds 3'),
        (
            'mine: {action_ms: fast, sampling_ms: 1, gradient_ms: 1, environment_ms: 1}',
            "mine: action_ms is 'fast'; expected is a number",
        ),
        (
            'mine: {action_ms: 1, action_ms: 2, sampling_ms: 1, gradient_ms: 1, environment_ms: 1}',
            'action_ms stands there twice',
        ),
        ('- 1', 'holds a list, no keys; a cost table names settings'),
    ],
)
def test_what_is_wrong_with_a_table_is_said_in_one_line(tmp_path, text, words):
    path = tmp_path / 'costs.yaml'
    path.write_text(text)
    with pytest.raises(ValueError, match='.') as refusal:
        load_costs(str(path), 'mine')
    assert words in str(refusal.value)
    assert '\n' not in str(refusal.value)


@pytest.mark.parametrize(
    ('setting', 'table'),
    [
        ('baseline', 'thesis'),
        ('small_large_minibatch', 'thesis'),
        ('small', 'two_cores'),
        ('of_my_own', 'thesis'),
    ],
)
def test_where_no_table_is_named_the_first_that_has_the_setting_is_taken(setting, table):
    assert table_of(setting) == table
    if setting != 'of_my_own':
        assert load_costs(table, setting)


def test_a_table_that_is_no_yaml_is_refused_in_one_line(tmp_path):
    path = tmp_path / 'costs.yaml'
    for content in (b'mine: {', b'mine: \xfc'):
        path.write_bytes(content)
        with pytest.raises(ValueError) as refusal:
            load_costs(str(path), 'mine')
        assert str(refusal.value).startswith(f'{path} is no YAML (') and '\n' not in str(refusal.value)


def test_an_unknown_table_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match='thesis'):
        load_costs('nowhere', 'baseline')


def test_costs_are_checked():
    with pytest.raises(ValueError, match='gradient_ms'):
        Costs(gradient_ms=float('nan'))
