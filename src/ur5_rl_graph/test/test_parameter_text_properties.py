"""Any value of a parameter, as text: PyYAML reads it back, and so does ROS 2."""

import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ur5_rl_graph.parameter_file import EVERY_NODE, write
from ur5_rl_graph.parameter_text import text_of

FLAG, WHOLE, NUMBER, TEXT = (
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_subnormal=False),
    st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'), max_size=12),
)
KINDS = FLAG, WHOLE, NUMBER, TEXT
VALUES = st.one_of(*KINDS, *(st.lists(kind, min_size=1, max_size=3) for kind in KINDS))


def same(found, value):
    """Equal, also in type and in the sign of zero."""
    if isinstance(value, list):
        return len(found) == len(value) and all(map(same, found, value))
    if type(found) is not type(value) or found != value:
        return False
    return not isinstance(value, float) or math.copysign(1, found) == math.copysign(1, value)


@settings(max_examples=300)
@given(value=VALUES)
def test_pyyaml_reads_what_was_written(value):
    assert same(yaml.safe_load(text_of(value)), value)


@settings(max_examples=5)
@given(values=st.lists(VALUES, min_size=20, max_size=60))
def test_ros_2_reads_what_was_written(values, tmp_path_factory):
    rclpy = pytest.importorskip('rclpy')
    path = tmp_path_factory.mktemp('parameters') / 'file.yaml'
    named = {f'p{number}': value for number, value in enumerate(values)}
    write(path, {EVERY_NODE: named})
    context = rclpy.Context()
    rclpy.init(args=['--ros-args', '--params-file', str(path)], context=context)
    try:
        node = rclpy.create_node(
            'reader', context=context, automatically_declare_parameters_from_overrides=True
        )
        for name, value in named.items():
            found = node.get_parameter(name).value
            assert same(list(found) if isinstance(value, list) else found, value), (name, value, found)
    finally:
        rclpy.shutdown(context=context)
