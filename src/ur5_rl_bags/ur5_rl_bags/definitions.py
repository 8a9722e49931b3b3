"""Message definitions: the text of a type with all that it needs, and whether two say the same."""

import functools
import importlib
import re
from pathlib import Path

ENCODING = 'ros2msg'
_RULE = '=' * 80
_PRIMITIVES = frozenset(
    'bool byte char float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64 string wstring'.split()
)
_FIELD = re.compile(r'^\s*([A-Za-z][\w/]*)(<=\d+)?(\[[^\]]*\])?\s+([A-Za-z]\w*)\s*([=]?)')
"""Type, bound of a string, array, name, and '=' where it is a constant."""


def load(name: str) -> type | None:
    """Returns the class of 'package/msg/Name', None where this environment has none."""
    package, _, kind = name.replace('/msg/', '/').partition('/')
    try:
        return getattr(importlib.import_module(f'{package}.msg'), kind, None)
    except ImportError:
        return None


def name_of(kind: type) -> str:
    """Returns 'package/msg/Name' of a class of messages."""
    return f'{kind.__module__.partition(".")[0]}/msg/{kind.__name__}'


@functools.cache
def full_text(name: str) -> str:
    """Returns the definition of a type and of all that it is made of, as rosbag2 embeds them.

    Args:
        name: package/msg/Name.

    Raises:
        FileNotFoundError: no package of this environment has its .msg file.
    """
    seen: set[str] = set()
    return _appended(_full(name), seen)


def difference(name: str, one: str, other: str) -> str:
    """Returns '' where two definitions describe the same bytes, else in words the first field that differs.

    Comments, constants and default values change no byte of a message.

    Args:
        name: package/msg/Name of the whole.
        one: its text, with all that it is made of.
        other: another one.
    """
    first, second = _types(name, one), _types(name, other)
    for kind in sorted(first.keys() & second.keys()):
        if first[kind] != second[kind]:
            gone = [' '.join(field) for field in first[kind] if field not in second[kind]]
            new = [' '.join(field) for field in second[kind] if field not in first[kind]]
            there, here = (', '.join(fields) or 'another order' for fields in (gone, new))
            return f'{kind}: {there} there, {here} here'
    return ''


def _appended(name: str, seen: set[str]) -> str:
    text = _text(name)
    package = name.partition('/')[0]
    for need in sorted({kind for kind, *_ in _fields(text, package) if '/' in kind}):
        if need not in seen:
            seen.add(need)
            title = need.replace('/msg/', '/')  # as rosbag2 names what a definition needs
            text += f'\n{_RULE}\nMSG: {title}\n{_appended(need, seen)}'
    return text


@functools.cache
def _text(name: str) -> str:
    from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

    package, _, kind = name.split('/')
    try:
        path = Path(get_package_share_directory(package)) / 'msg' / f'{kind}.msg'
    except PackageNotFoundError:
        raise FileNotFoundError(f'there is no package {package} that could define {name}') from None
    return path.read_text(encoding='utf-8')


def _types(name: str, text: str) -> dict[str, list[tuple[str, str, str]]]:
    """Returns the fields of each type that a text defines, by its name."""
    first, *further = re.split(rf'^={{{len(_RULE)}}}\s*\nMSG:[ ]*', text, flags=re.MULTILINE)
    parts = {_full(name): first}
    for part in further:
        title, _, body = part.partition('\n')
        parts[_full(title.strip())] = body
    return {
        kind: [(field, array, label) for field, array, label in _fields(body, kind.partition('/')[0])]
        for kind, body in parts.items()
    }


def _fields(text: str, package: str) -> list[tuple[str, str, str]]:
    """Returns type, array and name of each field; types of messages as package/msg/Name."""
    found = []
    for line in text.splitlines():
        match = _FIELD.match(line.partition('#')[0])
        if match is None or match[5]:
            continue
        kind, bound, array, name, _ = match.groups()
        if kind not in _PRIMITIVES:
            kind = _full(kind if '/' in kind else f'{package}/{kind}')
        found.append((kind + (bound or ''), array or '', name))
    return found


def _full(name: str) -> str:
    package, *_, kind = name.split('/')
    return f'{package}/msg/{kind}'
