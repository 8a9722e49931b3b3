"""Parameters of a node out of a configuration: what is given at its start, and what is refused."""

from dataclasses import dataclass

import pytest

rclpy = pytest.importorskip('rclpy')
from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402

from ur5_rl_graph import parameters  # noqa: E402
from ur5_rl_graph.config import check, setting  # noqa: E402

pytestmark = pytest.mark.graph


@dataclass(frozen=True, kw_only=True)
class Example:
    rate: float = setting(0.5, 'rate [Hz]', low=0.0, high=10.0)
    count: int = setting(3, 'how many', low=1, high=9)
    home: tuple = setting((0.5, -0.5), 'angles [rad]', low=-7, high=7)
    label: str = setting('a', 'what it is called')

    def __post_init__(self):
        check(self)


@dataclass(frozen=True, kw_only=True)
class Found:
    many: int = setting(2, 'how many', low=1, high=9)
    angles: tuple = setting((), 'angles; not given: as many as there are [rad]', low=-7, high=7)

    def __post_init__(self):
        check(self)
        if not self.angles:
            object.__setattr__(self, 'angles', (0.5,) * self.many)


@pytest.fixture
def declare():
    """declare(name=value, ...) -> the configuration that a node declares with these overrides; the node."""
    context = rclpy.Context()
    rclpy.init(context=context)
    nodes = []

    def make(kind=Example, **given):
        overrides = [Parameter(name, value=value) for name, value in given.items()]
        nodes.append(Node(f'node_{len(nodes)}', context=context, parameter_overrides=overrides))
        return parameters.declare(nodes[-1], kind), nodes[-1]

    yield make
    for node in nodes:
        node.destroy_node()
    rclpy.shutdown(context=context)


def test_a_whole_number_is_taken_where_a_float_is_declared_and_stays_one(declare):
    config, node = declare(rate=2, home=[1, -2])
    assert config == Example(rate=2.0, home=(1.0, -2.0))
    assert type(config.rate) is float and all(type(angle) is float for angle in config.home)
    assert node.get_parameter('rate').type_ is Parameter.Type.DOUBLE
    assert node.get_parameter('home').type_ is Parameter.Type.DOUBLE_ARRAY


def test_zero_is_a_number_that_may_be_given(declare):
    assert declare(rate=0)[0].rate == 0.0


def test_what_the_configuration_finds_is_what_the_node_shows_and_what_is_given_wins(declare):
    config, node = declare(Found, many=3)
    assert config.angles == (0.5, 0.5, 0.5)
    assert list(node.get_parameter('angles').value) == [0.5, 0.5, 0.5]
    assert node.get_parameter('angles').type_ is Parameter.Type.DOUBLE_ARRAY
    assert node.describe_parameter('angles').read_only
    assert parameters.declare(node, Found) == config
    for given in ([1.0], [1]):
        config, node = declare(Found, angles=given)
        assert config.angles == (1.0,) and list(node.get_parameter('angles').value) == [1.0]
    with pytest.raises(ValueError, match='parameter angles: .*expected is tuple'):
        declare(Found, angles='x')


def test_what_is_given_wins_and_what_is_not_is_the_default(declare):
    assert declare(rate=1.5, count=4, label='b')[0] == Example(rate=1.5, count=4, label='b')
    assert declare()[0] == Example()


@pytest.mark.parametrize(
    ('given', 'why'),
    [
        ({'count': 2.0}, r'parameter count: .*; expected is int, 1 to 9 \(how many\)'),
        ({'rate': 'fast'}, r'parameter rate: .*; expected is float, 0.0 to 10.0'),
        ({'rate': 11}, 'parameter rate: '),
        ({'home': [1, 9]}, 'home is 9.0; allowed is -7 to 7'),
        ({'label': 1}, 'parameter label: .*; expected is str'),
    ],
)
def test_what_does_not_fit_is_refused_by_name(declare, given, why):
    with pytest.raises(ValueError, match=why):
        declare(**given)
