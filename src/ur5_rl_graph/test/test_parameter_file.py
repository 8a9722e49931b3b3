"""A parameter file is refused by the name of what is wrong in it, before anything starts."""

import pytest

from ur5_rl_graph.parameter_file import read, write


@pytest.fixture
def mine(tmp_path):
    """mine(text) -> what is read of a file with this text."""

    def read_text(text):
        path = tmp_path / 'mine.yaml'
        path.write_text(text)
        return read(path)

    return read_text


def every(values):
    return f'/**: {{ros__parameters: {{{values}}}}}'


def test_nodes_keep_their_own_values_and_numbers_become_what_their_parameters_are(mine, tmp_path):
    nodes = mine(
        every(
            'actor_rate: 1e-4, discount: 1, batch_size: 3, home: [1.5, -2, 1.9, -3, -1.5, 3], strides: [2, 2]'
        )
        + '\nlearner: {ros__parameters: {threads: 2}}\n/actor: {ros__parameters: {deterministic: yes}}'
    )
    assert nodes == {
        '/**': {
            'actor_rate': 1e-4,
            'discount': 1.0,
            'batch_size': 3,
            'home': (1.5, -2.0, 1.9, -3.0, -1.5, 3.0),
            'strides': (2, 2),
        },
        '/learner': {'threads': 2},
        '/actor': {'deterministic': True},
    }
    assert type(nodes['/**']['discount']) is float
    assert all(type(angle) is float for angle in nodes['/**']['home'])
    write(tmp_path / 'again.yaml', nodes)
    assert read(tmp_path / 'again.yaml') == nodes


def test_values_of_one_node_are_written_under_its_whole_name(tmp_path):
    write(tmp_path / 'a.yaml', {'/**': {'slots': 1}, '/learner': {'threads': 2}}, '/lab/robot_1')
    first, rest = (tmp_path / 'a.yaml').read_text().split('\n', 1)
    assert first == f"# written to '{tmp_path}/a.yaml'"
    assert rest == (
        '/**:\n  ros__parameters:\n    slots: 1\n/lab/robot_1/learner:\n  ros__parameters:\n    threads: 2\n'
    )
    assert read(tmp_path / 'a.yaml', '/lab/robot_1') == {'/**': {'slots': 1}, '/learner': {'threads': 2}}


@pytest.mark.parametrize('written', ['learner', '/learner', '/**/learner', '**/learner'])
def test_a_node_may_be_written_as_people_do(mine, written):
    assert mine(f"'{written}': {{ros__parameters: {{threads: 2}}}}") == {'/learner': {'threads': 2}}


@pytest.mark.parametrize(
    ('text', 'why'),
    [
        ('', 'is empty; a parameter file has the form'),
        ('# only a comment', 'is empty'),
        ('- 1', 'holds a list, no keys; a parameter file has the form'),
        ('hello', 'holds a str, no keys'),
        ('/**: [', 'is no YAML'),
        ('\x00', 'is no YAML'),
        ('a: 1', "'a' holds no ros__parameters"),
        ('/**: {other: {}}', r"'/\*\*' holds no ros__parameters"),
        ('/**: {ros__parameters: {}, batch_size: 3}', 'or more than them'),
        ('/**: {ros__parameters: 3}', 'holds no ros__parameters with values'),
        ('/**: {ros__parameters: }', 'holds no ros__parameters with values'),
        ('/**: {ros__parameters: {slots: 1, slots: 2}}', 'slots stands there twice'),
        (
            '/**: {ros__parameters: {hidden_widht: 8}}',
            "no node declares a parameter 'hidden_widht'; the nearest name is hidden_width",
        ),
        (
            '/learner: {ros__parameters: {slots: 1}}',
            "node learner does not declare a parameter 'slots'; the nearest name is",
        ),
        ('/**: {ros__parameters: {1: 1}}', "no node declares a parameter '1'"),
        ('/leaner: {ros__parameters: {slots: 1}}', "there is no node '/leaner'; the nearest name is learner"),
        ('/robot_1/actor: {ros__parameters: {}}', "no node '/robot_1/actor'; the nearest name is actor"),
        (every('batch_size: many'), "batch_size is 'many'; expected is a whole number"),
        (every('batch_size: 1.5'), 'batch_size is 1.5; expected is a whole number'),
        (every('batch_size: true'), 'batch_size is True; expected is a whole number'),
        (every('batch_size: 0'), 'batch_size is 0; allowed is 1 to 4096'),
        (every('discount: high'), "discount is 'high'; expected is a number"),
        (every('discount: .nan'), 'discount is nan; allowed is'),
        (every('governor: 1'), 'governor is 1; expected is a text'),
        (every('governor: sometimes'), "governor is 'sometimes'; choose one of: at_most, exactly"),
        (every('task: juggling'), "task is 'juggling'; choose one of: reaching, tracking"),
        (every('deterministic: 1'), 'deterministic is 1; expected is true or false'),
        (every('strides: 2'), r'strides is 2; expected is a list, such as \[2, 2, 2, 1\]'),
        (every('strides: []'), r'strides is \[\]; expected is a list'),
        (every('strides: [2, x]'), "strides is 'x'; expected is a whole number"),
        (every('strides: [2, 9]'), 'strides is 9; allowed is 1 to 4'),
        (every('reward: '), 'reward is None; expected is a text'),
    ],
)
def test_what_is_wrong_is_named_in_one_line(mine, text, why):
    with pytest.raises(ValueError, match=f'mine.yaml.*{why}') as caught:
        mine(text)
    assert '\n' not in str(caught.value)
