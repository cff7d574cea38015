"""HTML from data: text that stays text, tables, pictures within the page."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from rnacli.language import language
from rnacli.words import clean, fill_template

STYLE = """
:root { --ink: #1a1a1a; --dim: #555; --line: #d5d5d5; --back: #fff; --box: #f5f5f5; --one: #0072B2; --two: #B84A00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --dim: #b0b0b0; --line: #444; --back: #161616; --box: #222; --one: #56B4E9; --two: #F0A060; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--back); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
p { margin: .4rem 0; } .dim { color: var(--dim); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; } td.words { min-width: 14rem; }
pre { background: var(--box); padding: .8rem; overflow-x: auto; border-radius: .3rem; font-size: .85rem; }
code { overflow-wrap: anywhere; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { color: var(--dim); font-size: .85rem; }
img { max-width: 100%; height: auto; background: #fff; border: 1px solid var(--line); border-radius: .3rem; }
svg.curve { width: 100%; height: auto; background: var(--box); border-radius: .3rem; }
svg.curve text { fill: var(--dim); font-size: 11px; } svg.curve .axis { stroke: var(--line); }
svg.curve .at { stroke: var(--dim); visibility: hidden; }
@media print { body { max-width: none; padding: 0; } h2, figure, tr { break-inside: avoid; } }
"""

SCRIPT = """
for (const svg of document.querySelectorAll("svg.curve")) {
  const data = JSON.parse(svg.dataset.curves), line = svg.querySelector(".at");
  const out = svg.parentNode.querySelector("output");
  const show = event => {
    const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) * 640 / box.width;
    const count = data.epochs.length, i = Math.round((x - 56) / 568 * (count - 1));
    if (i < 0 || i >= count) return;
    const at = 56 + (count > 1 ? i / (count - 1) : 0) * 568;
    line.setAttribute("x1", at); line.setAttribute("x2", at); line.style.visibility = "visible";
    const there = data.curves.filter(curve => typeof curve[1][i] === "number");
    out.textContent = data.epoch + " " + data.epochs[i] + ": "
      + there.map(curve => curve[0] + " " + Number(curve[1][i].toPrecision(4))).join(", ");
  };
  svg.addEventListener("pointermove", show);
  svg.addEventListener("pointerleave", () => { line.style.visibility = "hidden"; out.textContent = "\\u00a0"; });
}
"""
"""Reads the values of a curve at the pointer."""

SENTENCE = 32
"""Letters of a cell that needs room: else a wide table would fold it at each of them."""


def scrolled() -> str:
    """The attributes of what may be wider than the page: the keyboard reaches it."""
    return f'tabindex="0" role="group" aria-label="{escape(fill_template("scrolls sideways"))}"'


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
        if any(len(str(row[i])) > SENTENCE for row in rows):
            looks[i] = ' class="words"'
    head = "".join(column_head(name, look) for name, look in zip(names, looks, strict=True))
    lines = (
        "<tr>" + "".join(f"<td{look}>{text(cell)}</td>" for cell, look in zip(row, looks, strict=True)) + "</tr>"
        for row in rows
    )
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="wide" {scrolled()}>{whole}</div>'


def column_head(name: str, look: str) -> str:
    """The head of a column; one without a name is no head to a screen reader."""
    return f'<th scope="col"{look}>{text(name)}</th>' if name.strip() else f"<td{look}></td>"


def picture(content: bytes, caption: str, about: str) -> str:
    """A PNG or a GIF in the page, ``about`` what it shows for whoever cannot see it."""
    kind = "gif" if content.startswith(b"GIF8") else "png"
    data = base64.b64encode(content).decode("ascii")
    image = f'<img src="data:image/{kind};base64,{data}" alt="{escape(clean(about, 300), quote=True)}">'
    return f"<figure>{image}<figcaption>{text(caption)}</figcaption></figure>"


def section(title: str, *parts: str) -> str:
    return f"<section><h2>{text(title)}</h2>{''.join(parts)}</section>"


def paragraph(words: str, dim: bool = False) -> str:
    return f"<p{' class=' + chr(34) + 'dim' + chr(34) if dim else ''}>{text(words)}</p>"


def code(words: str) -> str:
    """Lines as they are."""
    lines = "\n".join(clean(line, 400) for line in words.splitlines()[:2000])
    return f"<pre {scrolled()}><code>{escape(lines)}</code></pre>"
