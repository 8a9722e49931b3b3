"""What README and docs name is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from documented import NAMES_OF_THE_GRAPH, PAGES, ROOT, SOURCES, headings, links, paths


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition('#')
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_in_a_text_exists(page):
    assert [path for path in paths(page) if not exists(page, path)] == []


def exists(page, path):
    """Whether a path is one from the root, the page or a package, a program's own, a topic or a machine's."""
    pattern = re.sub(r'<[^>]*>', '*', path).rstrip('/')
    if path.startswith(('/', 'results/', '<')) or f'/{pattern}' in NAMES_OF_THE_GRAPH:
        return True
    if any(
        next(folder.glob(pattern), None)
        for folder in (ROOT, page.parent, *ROOT.glob('src/*'), *ROOT.glob('src/*/*'))
    ):
        return True
    if '/' not in pattern and any(
        next((ROOT / name).rglob(pattern), None) for name in ('src', 'config', 'test')
    ):
        return True
    return any(f"'{pattern}'" in text or f'/{pattern}' in text for text in SOURCES.values())


def test_the_pages_are_all_looked_at():
    kept = subprocess.run(['git', 'ls-files', '*.md'], cwd=ROOT, capture_output=True, encoding='utf-8').stdout
    assert not kept or {ROOT / line for line in kept.splitlines()} == set(PAGES)
