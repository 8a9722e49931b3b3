"""For the whole suite: which tests come first, and how hypothesis looks for what breaks a property."""

import os

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

# The same examples on each machine and each day, none of them timed: a busy machine is no fault. By itself
# hypothesis tries the constants of all our modules that are loaded: other ones, when other tests ran before.
assert hasattr(providers, '_get_local_constants')
providers._get_local_constants = lambda: providers._local_constants
hypothesis.settings.register_profile(
    'suite',
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile('suite')

BEHIND = 5  # niceness of the tests that start no nodes


def _starts_nodes(item):
    return any(item.get_closest_marker(name) for name in ('graph', 'display'))


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items):
    """Puts first, and in one process, what starts nodes or windows; a file stays together, too.

    A graph needs the machine: of ours nothing runs beside it but what goes behind it.
    """
    items.sort(key=_starts_nodes, reverse=True)
    for item in items:
        item.add_marker(pytest.mark.xdist_group('graph' if _starts_nodes(item) else str(item.path)))
        if _starts_nodes(item):  # it waits several times, with limits of its own, also on a busy machine
            item.add_marker(pytest.mark.timeout(900))


def pytest_runtest_setup(item):
    """Goes behind the nodes of another process; they came first, so this one starts none any more."""
    if not _starts_nodes(item):
        os.setpriority(os.PRIO_PROCESS, 0, max(BEHIND, os.getpriority(os.PRIO_PROCESS, 0)))


@pytest.fixture(scope='session', autouse=True)
def files_need_not_survive_the_machine():
    """What waits for the disk is a third of the suite; the nodes of a graph wait, as they do in a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, 'fsync', lambda handle: None)
        yield
