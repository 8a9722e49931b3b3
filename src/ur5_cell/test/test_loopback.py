"""The address of a simulated arm: found free, held, refused in one line."""

import sys
from pathlib import Path

import pytest

from ur5_cell import loopback
from ur5_cell.loopback import BindError, listen, take_address
from ur5_rl_graph import holds

sys.path.insert(0, str(Path(__file__).parent))
from own_address import own_address

HOSTS = tuple(own_address('listening', number) for number in range(3))


@pytest.fixture(autouse=True)
def own_addresses(monkeypatch):
    monkeypatch.setattr(loopback, 'CANDIDATES', HOSTS)
    before = set(holds._held)
    yield
    for name in set(holds._held) - before:
        holds.release(name)


def test_the_first_free_address_is_taken_and_then_the_next():
    assert [take_address() for _ in HOSTS] == list(HOSTS)
    with pytest.raises(BindError) as caught:
        take_address()
    line = str(caught.value)
    assert '\n' not in line and HOSTS[0] in line and f'{HOSTS[2]} is that of another run' in line


@pytest.mark.parametrize('port', [30004, 30003, 29999, 30099])
def test_an_address_with_one_busy_port_is_passed_over_and_not_held(port):
    with listen(HOSTS[0], port):
        assert take_address() == HOSTS[1]
    assert take_address() == HOSTS[0]


def test_the_address_that_was_asked_for_is_taken_even_where_a_port_is_busy_and_once():
    """The cell names the port and its holder; an address of another run is refused before any start."""
    with listen(HOSTS[1], 30004):
        assert take_address(HOSTS[1]) == HOSTS[1]
    with pytest.raises(BindError, match=f'cell_address {HOSTS[1]} is that of another run') as caught:
        take_address(HOSTS[1])
    assert 'leave cell_address:= out' in str(caught.value) and '\n' not in str(caught.value)
    assert take_address() == HOSTS[0]


def test_what_is_no_loopback_address_is_refused():
    with pytest.raises(BindError, match='loopback only'):
        take_address('192.168.0.10')
