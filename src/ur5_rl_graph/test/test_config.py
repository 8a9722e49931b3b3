"""A configuration refuses what is outside its limits in one sentence."""

from dataclasses import dataclass

import pytest

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class Example:
    rate: float = setting(3e-4, 'learning rate', low=1e-6, high=0.1)
    strides: tuple[int, ...] = setting((2, 2), 'strides of the convolutions', low=1, high=4)
    task: str = setting('reaching', 'task', choices=('reaching', 'tracking'))

    def __post_init__(self):
        check(self)


@pytest.mark.parametrize(
    ('values', 'sentence'),
    [
        ({'rate': 5.0}, r'rate is 5.0; allowed is 1e-06 to 0.1 \(learning rate\)'),
        ({'rate': float('nan')}, 'rate is nan'),
        ({'strides': (2, 9)}, 'strides is 9; allowed is 1 to 4'),
        ({'task': 'juggling'}, "task is 'juggling'; choose one of: reaching, tracking"),
    ],
)
def test_refusal(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        Example(**values)


def test_limits_are_inclusive():
    assert Example(rate=0.1, strides=(1, 4)).rate == 0.1
