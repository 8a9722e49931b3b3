"""Test processes and graphs on one machine do not meet in a ROS domain."""

import socket

import own_domain as module
import pytest

own_domain = module.own_domain.__wrapped__  # each call as in a process of its own


@pytest.fixture(autouse=True)
def private_locks(tmp_path, monkeypatch):
    monkeypatch.setattr(module.tempfile, 'gettempdir', lambda: str(tmp_path))
    monkeypatch.setattr(module, '_held', [])


def test_what_shares_a_file_shares_a_process(request):
    assert_grouped(request, str(request.path))


@pytest.mark.graph
def test_what_starts_nodes_shares_one_process(request):
    assert_grouped(request, 'graph')


def assert_grouped(request, group):
    """A test is marked with its group; a worker has it behind the name by which tests are handed out."""
    assert request.node.get_closest_marker('xdist_group').args == (group,)
    if request.config.getoption('loadgroup', False):
        assert request.node.nodeid.endswith(f'@{group}')


def test_two_processes_with_equal_remainders_get_different_domains(monkeypatch):
    monkeypatch.setattr(module.os, 'getpid', lambda: 7 + 90 * 11)
    monkeypatch.setattr(module, '_participants', lambda domain: False)
    assert [own_domain(), own_domain()] == [17, 18]


def test_a_domain_in_which_a_participant_is_gets_nobody(monkeypatch):
    monkeypatch.setattr(module.os, 'getpid', lambda: 0)
    free = own_domain()
    module._held.clear()
    for participant in (0, 3):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
            port.bind(('', 7410 + 250 * free + 2 * participant))
            assert own_domain() != free
        module._held.clear()


def test_where_all_are_in_use_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setattr(module, '_participants', lambda domain: True)
    with pytest.raises(RuntimeError, match='from 10 to 99 are in use: end a graph'):
        own_domain()
