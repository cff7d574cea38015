"""HTML from data: text that stays text, tables, pictures within the page."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from rnacli.language import language
from rnacli.words import clean, fill_template

STYLE, SCRIPT = (Path(__file__).with_name(f"page.{ending}").read_text("utf-8") for ending in ("css", "js"))
SENTENCE = 32
"""Letters of a cell that needs room: else a wide table would fold it at each of them."""


def scrolled() -> str:
    """The attributes of what may be wider than the page: the keyboard reaches it."""
    return f'tabindex="0" role="group" aria-label="{escape(fill_template("scrolls sideways"))}"'


class Explained(NamedTuple):
    """A cell of a table with a sentence on what stands in it."""

    name: str
    meaning: str


def text(value: Any, limit: int = 2000) -> str:
    """A value as text within a page: nothing in it is markup."""
    return escape(clean(value, limit))


def page(title: str, body: Iterable[str]) -> str:
    """A whole page that needs nothing from elsewhere."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="' + language() + '">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title, 200)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + f"\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def table(names: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[int] = ()) -> str:
    """A table; the columns numbered in ``numbers`` stand right."""
    rows = [[*row] for row in rows]
    looks = [' class="number"' if i in numbers else "" for i in range(len(names))]
    for i in (i for i, look in enumerate(looks) if not look):
        if any(isinstance(row[i], Explained) or len(str(row[i])) > SENTENCE for row in rows):
            looks[i] = ' class="words"'
    head = "".join(column_head(name, look) for name, look in zip(names, looks, strict=True))
    lines = (
        "<tr>" + "".join(f"<td{look}>{fill_cell(cell)}</td>" for cell, look in zip(row, looks, strict=True)) + "</tr>"
        for row in rows
    )
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="wide" {scrolled()}>{whole}</div>'


def fill_cell(cell: Any) -> str:
    if not isinstance(cell, Explained):
        return text(cell)
    return text(cell.name) + (f'<br><small class="dim">{text(cell.meaning)}</small>' if cell.meaning else "")


def column_head(name: str, look: str) -> str:
    """The head of a column; one without a name is no head to a screen reader."""
    return f'<th scope="col"{look}>{text(name)}</th>' if name.strip() else f"<td{look}></td>"


def picture(content: bytes, caption: str, about: str, broad: bool = False) -> str:
    """A PNG, GIF or WebP in the page, ``about`` what it shows for whoever cannot see it; a ``broad`` one fills it."""
    kind = "gif" if content.startswith(b"GIF8") else "webp" if content.startswith(b"RIFF") else "png"
    data = base64.b64encode(content).decode("ascii")
    image = f'<img src="data:image/{kind};base64,{data}" alt="{escape(clean(about, 300), quote=True)}">'
    button = f'<button type="button" aria-pressed="false">{image}</button>'
    look = ' class="broad"' if broad else ""
    return f"<figure{look}>{button}<figcaption>{text(caption)}</figcaption></figure>"


def section(title: str, *parts: str) -> str:
    return f"<section><h2>{text(title)}</h2>{''.join(parts)}</section>"


def paragraph(words: str, dim: bool = False) -> str:
    return f"<p{' class=' + chr(34) + 'dim' + chr(34) if dim else ''}>{text(words)}</p>"


def code(words: str) -> str:
    """Lines as they are."""
    lines = "\n".join(clean(line, 400) for line in words.splitlines()[:2000])
    return f"<pre {scrolled()}><code>{escape(lines)}</code></pre>"
