"""Whatever the value: ROS 2 reads back exactly it, from a parameter file and behind -p; so does PyYAML."""

import pytest
import yaml

from ur5_rl_graph.parameter_file import EVERY_NODE, write
from ur5_rl_graph.parameter_text import text_of

TEXTS = [
    '',
    ' a b ',
    '#',
    'x # y',
    ':',
    'a: b',
    "it's",
    '"',
    '\\',
    '\\n',
    'a\nb',
    '\t',
    'Köln',
    '😀',
    '\x7f',
    '\x01',
]
TEXTS += [
    '007',
    '0o17',
    '0x10',
    '0x1p3',
    '1_000',
    '1e3',
    '1.',
    '.5',
    '+1',
    '12:30',
    '2024-01-01',
    'inf',
    '.nan',
]
TEXTS += [
    'true',
    'null',
    '~',
    'y',
    'n',
    'on',
    'No',
    '[a]',
    '{b: c}',
    '*a',
    '&a',
    '!t',
    '%d',
    '@',
    '`',
    '-',
    '?',
    '=',
]
TEXTS += ['<<', '\x85', '\xa0', '\u2028', '\ufeff', '\ue000', '\ufffe']
NUMBERS = [0, -5, 2**63 - 1, -(2**63), 1e-5, 1.0, -0.0, 1e300, 1e22, float('inf'), True, False]
LISTS = [(1.0, 2.0), (1, 2), ('a', '1e3', 'y'), (True, False)]
VALUES = dict(enumerate([*TEXTS, *NUMBERS, *LISTS]))


def names(prefix):
    return {f'{prefix}{number}': value for number, value in VALUES.items()}


def same(found, value):
    return type(found) is type(value) and found == value


def test_what_ros_2_and_pyyaml_read_is_what_was_written(tmp_path):
    rclpy = pytest.importorskip('rclpy')
    write(tmp_path / 'file.yaml', {EVERY_NODE: names('f')})
    rules = [word for name, value in names('p').items() for word in ('-p', f'{name}:={text_of(value)}')]
    context = rclpy.Context()
    rclpy.init(args=['--ros-args', '--params-file', str(tmp_path / 'file.yaml'), *rules], context=context)
    try:
        node = rclpy.create_node(
            'reader', context=context, automatically_declare_parameters_from_overrides=True
        )
        for name, value in (names('f') | names('p')).items():
            found = node.get_parameter(name).value
            assert same(found if isinstance(value, str | int | float) else tuple(found), value), (name, value)
    finally:
        rclpy.shutdown(context=context)
    read = yaml.safe_load((tmp_path / 'file.yaml').read_bytes().decode())[EVERY_NODE]['ros__parameters']
    for name, value in names('f').items():
        assert same(tuple(read[name]) if isinstance(value, tuple) else read[name], value), (name, value)


@pytest.mark.parametrize('value', [5e-324, 2.2250738585072009e-308])
def test_what_ros_2_cannot_read_for_smallness_is_zero(value):
    assert (text_of(value), text_of([1.0, -value])) == ('0.0', '[1.0, -0.0]')
    assert text_of(2.2250738585072014e-308) == '2.2250738585072014e-308'


@pytest.mark.parametrize('value', [None, {'a': 1}, 2**63, b'a', '\udcff', [None]])
def test_what_no_parameter_can_be_is_refused(value):
    with pytest.raises(ValueError, match='is no '):
        text_of(value)
