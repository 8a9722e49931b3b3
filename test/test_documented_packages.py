"""What is said of the packages, and where things are, is what the code is: the line to change is told."""

import ast
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from packages import PACKAGES, ROOT, STAND_IN, code, within_the_workspace

ARCHITECTURE = ROOT / 'docs' / 'architecture.md'
ARROW = re.compile(r'^ {4}(\w+) --> (\w+)$', re.M)
NAME = re.compile(r'`(\w+)`')
QUESTION = re.compile(r'^\| (.+\?) \| (.+) \| \[`\S+`\]\(\.\./(\S+)\), `([\w.]+)` \|$', re.M)
QUESTIONS = QUESTION.findall(ARCHITECTURE.read_text(encoding='utf-8'))


def arrows(imports):
    """The arrows of the picture: of imports, without those that follow from others."""

    def reached(name):
        return imports[name].union(*map(reached, imports[name]))

    return {
        (name, other)
        for name, others in imports.items()
        for other in others
        if not any(other in reached(between) for between in others - {other})
    }


def test_an_arrow_that_follows_from_others_is_not_drawn():
    assert arrows({'a': {'b', 'c'}, 'b': {'c'}, 'c': set()}) == {('a', 'b'), ('b', 'c')}


def test_the_picture_of_the_packages_is_what_they_import():
    drawn = ARROW.findall(ARCHITECTURE.read_text(encoding='utf-8'))
    real = arrows(within_the_workspace())
    changes = [f'delete "    {a} --> {b}"' for a, b in drawn if (a, b) not in real]
    changes += [f'add "    {a} --> {b}"' for a, b in sorted(real - set(drawn))]
    assert not changes, f'{ARCHITECTURE.name}, ## Packages: {"; ".join(changes)}'
    assert drawn == sorted(real), f'{ARCHITECTURE.name}, ## Packages: each arrow once, in alphabetical order'


def said(folder, words):
    """The names in the line of a README that begins with these words."""
    text = (folder / 'README.md').read_text(encoding='utf-8')
    (line,) = re.findall(rf'^- {words}: .*$', text, re.M) or ['']
    return NAME.findall(line)


@pytest.mark.parametrize('folder', [*PACKAGES.values(), STAND_IN], ids=lambda folder: folder.name)
def test_a_readme_says_what_its_package_imports_and_what_it_must_not(folder):
    readme, name = folder / 'README.md', folder.name
    assert readme.exists(), f'{readme} is missing: ten lines, as in src/buffer_sampler'
    real = sorted(code(folder) - set(sys.stdlib_module_names))
    wanted = f'- May import: {", ".join(f"`{other}`" for other in real) or "nothing"}.'
    first = readme.read_text(encoding='utf-8').splitlines()[
        :12
    ]  # what comes after them is for users of its own
    assert wanted in first, f'{readme}: its line, within the first twelve, is to be\n{wanted}'
    assert first[0] == f'# {name}' or folder == STAND_IN
    never = said(folder, 'May not import')
    assert never and set(never) <= PACKAGES.keys() - {name}, f'{readme}: "- May not import:" names packages'
    assert not set(never) & set(real), f'{readme}: it imports what it may not'


def defined(file):
    """Names of functions and classes, also as Class.method, and of constants of a file."""
    for node in ast.parse(file.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
            for inner in getattr(node, 'body', []) if isinstance(node, ast.ClassDef) else []:
                if isinstance(inner, ast.FunctionDef):
                    yield f'{node.name}.{inner.name}'
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def test_a_newcomer_has_ten_questions_at_least():
    assert len(QUESTIONS) >= 10


@pytest.mark.parametrize(('question', 'answer', 'path', 'name'), QUESTIONS, ids=lambda text: text[:30])
def test_the_answer_to_a_newcomers_question_is_where_it_is_said_to_be(question, answer, path, name):
    file = ROOT / path
    assert file.exists(), f'{ARCHITECTURE.name}, ## Where is what: "{question}" names {path}, which is gone'
    assert name in defined(file), f'{ARCHITECTURE.name}, "{question}": {path} has no {name}'
