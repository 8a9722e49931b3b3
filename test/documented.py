"""The commands and paths that the documentation names, and what there is."""

import ast
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path
    for pattern in ('*.md', 'docs/**/*.md', 'checkpoints/*.md', 'src/*/*.md')
    for path in ROOT.glob(pattern)
)
NEED_MORE = [['compare'], ['timeline'], ['report'], ['virtual', 'evaluate']]
FIRST_WORDS = ('./ur5rl', 'ros2', 'tensorboard', 'source', 'docker')
_BLOCK = re.compile(r'^```\w*\n(.*?)^```', re.M | re.S)
_CODE = re.compile(r'`([^`\n]+)`')
_LINK = re.compile(r'\]\(([^)\s]+)\)')


@dataclass(frozen=True)
class Command:
    """A command as it is printed."""

    page: Path
    words: tuple[str, ...]
    comment: str  # after '#'
    in_block: bool

    def __str__(self):
        return f'{self.page.relative_to(ROOT)}: {" ".join(self.words)}'


def commands(page):
    """The commands of a page, of its blocks and of its text, in this order, each once."""
    text = page.read_text(encoding='utf-8')
    found = [(line, True) for block in _BLOCK.findall(text) for line in block.splitlines()]
    found += [(code, False) for code in _CODE.findall(_BLOCK.sub('', text))]
    return list(
        dict.fromkeys(
            Command(page, tuple(words), comment.strip(), in_block)
            for line, in_block in found
            for line, _, comment in [line.partition(' #')]
            for part in line.split(' && ')
            if (words := shlex.split(part.replace('[', '').replace(']', ''))) and words[0] in FIRST_WORDS
            if in_block or _is_whole(words)
        )
    )


def _is_whole(words):
    """Whether words in a text are a command, and no mere name of one or of several."""
    needed = 4 if words[0] == 'ros2' else 2
    if words[0] == 'docker':  # in a text only its name and an option
        return False
    return len(words) >= needed and words[1:] not in NEED_MORE and not words[1].endswith(',')


def links(page):
    """Where the links and pictures of a page lead to, those to other places left out."""
    found = _LINK.findall(_BLOCK.sub('', page.read_text(encoding='utf-8')))
    return [link for link in found if not link.startswith('http')]


def headings(page):
    """The anchors of a page."""
    found = re.findall(r'^#+ (.*)$', _BLOCK.sub('', page.read_text(encoding='utf-8')), re.M)
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in found}


def paths(page):
    """What stands as code in a page's text and looks like a path: with a slash, or a file's ending."""
    text = _BLOCK.sub('', page.read_text(encoding='utf-8'))
    ending = r'\.(py|ya?ml|md|png|csv|json|safetensors|txt|toml|urdf|sh)$'
    return [
        code
        for code in _CODE.findall(text)
        if re.fullmatch(r'[\w.*<>-][\w./*<>-]*', code) and ('/' in code or re.search(ending, code))
        if not code.startswith('./ur5rl')
    ]


SOURCES = {
    path: path.read_text(encoding='utf-8')
    for folder in ('src', 'launch', 'tools')
    for path in (ROOT / folder).rglob('*.py')
}


def names_of_the_graph():
    topics = next(text for path, text in SOURCES.items() if path.parts[-2:] == ('ur5_rl_graph', 'topics.py'))
    calls = [
        node for node in ast.walk(ast.parse(topics)) if isinstance(node, ast.Call) and len(node.args) > 1
    ]
    kinds = {'Topic', 'Service'}
    names = (call.args[0].value for call in calls if getattr(call.func, 'id', '') in kinds)
    return {f'/{name.strip("/")}' for name in names}


NAMES_OF_THE_GRAPH = names_of_the_graph()
