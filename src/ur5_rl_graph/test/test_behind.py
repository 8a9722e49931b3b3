"""A session that goes behind others for a while."""

import errno
import os
from pathlib import Path

import pytest

from ur5_rl_graph import behind


@pytest.fixture
def group(tmp_path, monkeypatch):
    """A file instead of the kernel's; this process leads its session."""
    path = tmp_path / 'autogroup'
    path.write_text('/autogroup-7 nice 0\n')
    monkeypatch.setattr(os, 'getsid', lambda _: os.getpid())
    return path


def test_the_group_is_behind_within_and_as_before_afterwards_whatever_happens(group):
    with pytest.raises(ImportError), behind.behind_others(group):
        assert group.read_text() == f'{behind.NICENESS}\n'
        raise ImportError
    assert group.read_text() == '0\n'


def test_a_session_of_others_stays_as_it_is(group, monkeypatch):
    monkeypatch.setattr(os, 'getsid', lambda _: os.getpid() + 1)
    with behind.behind_others(group):
        assert group.read_text() == '/autogroup-7 nice 0\n'
    assert group.read_text() == '/autogroup-7 nice 0\n'


def test_a_kernel_without_groups_is_no_error_and_makes_none(group):
    missing = group.parent / 'none' / 'autogroup'
    with behind.behind_others(missing):
        pass
    assert not missing.exists()


def test_a_kernel_that_is_busy_with_groups_is_asked_again(group, monkeypatch):
    refusals, pauses, write = [1, 1], [], Path.write_text

    def busy(path, text, **kwargs):
        if text == '0\n' and refusals:
            refusals.pop()
            raise BlockingIOError(errno.EAGAIN, 'Resource temporarily unavailable')
        return write(path, text, **kwargs)

    monkeypatch.setattr(Path, 'write_text', busy)
    monkeypatch.setattr(behind.time, 'sleep', pauses.append)
    with behind.behind_others(group):
        pass
    assert group.read_text() == '0\n' and pauses == [behind.PAUSE_S] * 2
