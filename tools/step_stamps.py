"""Stamps: a finished step leaves the hash of what it was made from; it is done again only if that changes."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from tools.layout import ROOT, STAMPS


def content_hash(files: Iterable[Path], *facts: str) -> str:
    """Hash of file names, their contents and some facts; a missing file counts as absent."""
    digest = hashlib.sha256()
    for fact in facts:
        digest.update(os.fsencode(fact) + b'\0')
    for path in sorted(files):
        digest.update(os.fsencode(path.relative_to(ROOT)) + b'\0')
        digest.update(path.read_bytes() + b'\0')
    return digest.hexdigest()


def is_current(name: str, expected: str) -> bool:
    """Whether the step `name` was finished from exactly this."""
    try:
        return (STAMPS / name).read_text(encoding='utf-8') == expected
    except OSError:
        return False


def clear(name: str) -> None:
    """Forgets a step, before it starts: an interrupted step must not look finished."""
    (STAMPS / name).unlink(missing_ok=True)


def write(name: str, value: str) -> None:
    """Notes that the step `name` is finished."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(value, encoding='utf-8')
