"""How two processes share the whole suite: the tests of graphs one by one, and the rest beside them."""

import pytest


def pytest_collection_modifyitems(items):
    """Keeps in one process what shares fixtures of its file, and all that starts nodes or windows."""
    for item in items:
        alone = item.get_closest_marker('graph') or item.get_closest_marker('display')
        item.add_marker(pytest.mark.xdist_group('graph' if alone else str(item.path)))
