"""A page of words, tables and pictures in one HTML file: no script, no network, dark or light."""

import base64
import html
from collections.abc import Sequence
from typing import NamedTuple

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  background: Canvas; color: CanvasText; }
h1 { font-size: 1.6rem; margin-bottom: 0.2rem; }
h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid GrayText; }
table { border-collapse: collapse; margin: 0.8rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.15rem 1.2rem 0.15rem 0;
  overflow-wrap: break-word; }
th { font-weight: 600; }
tbody tr { border-top: 1px solid color-mix(in srgb, GrayText 35%, transparent); }
figure { margin: 1rem 0; }
figcaption { font-size: 0.9rem; opacity: 0.8; }
img { max-width: 100%; height: auto; border-radius: 4px; }
.warning { border-left: 4px solid #d9822b; padding-left: 0.7rem; }
details { margin: 0.5rem 0; }
@media (prefers-color-scheme: dark) { img { filter: invert(0.92) hue-rotate(180deg); } }
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""The browser is told to load nothing: whatever a file of the run has smuggled in stays text."""


class Words(NamedTuple):
    """A paragraph."""

    text: str
    warning: bool = False


class Table(NamedTuple):
    """Rows of texts; the first cell of each is what it is about."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


class Picture(NamedTuple):
    """A PNG and what it shows."""

    caption: str
    png: bytes


class Folded(NamedTuple):
    """Parts that are opened by a click, which needs no script."""

    title: str
    parts: Sequence['Part']


Part = Words | Table | Picture | Folded


class Section(NamedTuple):
    """A heading and what stands below it."""

    title: str
    parts: Sequence[Part]


def page(title: str, subtitle: str, sections: Sequence[Section]) -> str:
    """Returns the HTML. Whatever text is given is shown as text: nothing of it can be a tag."""
    body = ''.join(
        f'<section><h2>{_text(section.title)}</h2>\n{_all(section.parts)}</section>\n' for section in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{_text(title)}</title><style>{STYLE}</style></head>\n'
        f'<body><h1>{_text(title)}</h1><p>{_text(subtitle)}</p>\n{body}</body></html>\n'
    )


def _all(parts: Sequence[Part]) -> str:
    return ''.join(map(_part, parts))


def _part(part: Part) -> str:
    match part:
        case Words(text, warning):
            return f'<p{" class=warning" if warning else ""}>{_text(text)}</p>\n'
        case Table(head, rows):
            top = f'<thead>{_row("th", head)}</thead>' if head else ''
            return f'<table>{top}<tbody>{"".join(_row("td", row) for row in rows)}</tbody></table>\n'
        case Picture(caption, png):
            data = base64.b64encode(png).decode()
            shown = f'<img alt="{_text(caption)}" src="data:image/png;base64,{data}">'
            return f'<figure>{shown}<figcaption>{_text(caption)}</figcaption></figure>\n'
        case Folded(title, parts):
            return f'<details><summary>{_text(title)}</summary>\n{_all(parts)}</details>\n'


def _row(tag: str, cells: Sequence[str]) -> str:
    return f'<tr>{"".join(f"<{tag}>{_text(cell)}</{tag}>" for cell in cells)}</tr>\n'


def _text(text: object) -> str:
    """Lone surrogates, as of a file name that is no UTF-8, cannot be written: they become question marks."""
    return html.escape(str(text).encode(errors='replace').decode(), quote=True)
