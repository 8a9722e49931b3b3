"""How two processes share the whole suite: all tests but those of graphs, then these in one of them."""

import pytest


def _starts_nodes(item):
    return any(item.get_closest_marker(name) for name in ('graph', 'display'))


def pytest_collection_modifyitems(items):
    """Puts last, and in one process, what starts nodes or windows; a file stays together, too.

    A graph needs the machine: beside it nothing else of ours runs.
    """
    items.sort(key=_starts_nodes)
    for item in items:
        item.add_marker(pytest.mark.xdist_group('graph' if _starts_nodes(item) else str(item.path)))
