"""Draws the pictures of these pages: real trainings, and a real session in a terminal. ``python docs/make_pictures.py``

Linux or macOS, ``pip install -e '.[dev]'``; about a minute. ``FOLDER`` as an argument: write there.
"""

import sys
import tempfile
from html import escape
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / "tests"))

WIDTH = 640
"""Pixels of a picture."""
PLOTS = {
    "decision_boundary.png": ("circles", (), "decision_boundary.png"),
    "loss.png": ("circles", (), "loss.png"),
    "confusion_matrix.png": ("digits_attention", (), "confusion_matrix.png"),
    "generated.png": ("gan_moons", (), "generated.png"),
}
"""What each picture is drawn by: a shipped config, what is changed in it, and the run's picture."""
SESSION = (
    "rna init circles",
    "rna train circles.yaml --set epochs=10 --set optimizer.sgd.learning_rate=0.1",
    "rna predict latest points.csv",
    "rna train circles.yaml --set layers.0.dense.activation=tahn",
)
POINTS = "x1,x2\n0.1,0.2\n0.9,-0.4\n"
COLOURS = {"default": "#d8d8d8", "red": "#f07070", "green": "#80d080", "yellow": "#e0c060", "cyan": "#70c8d8"}
LETTER, LINE, COLUMNS = 7.8, 18, 100
"""Pixels of a letter and of a line, and letters in a line."""


def make_pictures(folder: Path) -> None:
    """Write every picture into a folder."""
    from screens import Terminal, run_in_terminals

    def run(*arguments: str) -> object:
        (screen,) = run_in_terminals(arguments, [Terminal(work, COLUMNS, {})])
        return screen

    with tempfile.TemporaryDirectory() as home:
        work = Path(home)
        (work / "points.csv").write_text(POINTS)
        screens = [run(*line.split()[1:]) for line in SESSION]
        (folder / "session.svg").write_text(draw_session(screens), "utf-8")
        for config, changes in {(config, changes) for config, changes, _ in PLOTS.values()}:
            run("init", config, "-o", f"{config}_plots.yaml")
            run("train", f"{config}_plots.yaml", "--runs", config, *changes)
        for name, (config, _, picture) in PLOTS.items():
            (drawn,) = (work / config).glob(f"*/plots/{picture}")
            shrink(drawn, folder / name)


def shrink(source: Path, target: Path) -> None:
    """A picture of ``WIDTH`` pixels and few colours."""
    from PIL import Image

    picture = Image.open(source).convert("RGB")
    height = round(picture.height * WIDTH / picture.width)
    picture.resize((WIDTH, height), Image.Resampling.LANCZOS).quantize(64).save(target, optimize=True)


def draw_session(screens: list[object]) -> str:
    """What a terminal showed, as an SVG: its letters in their colours."""
    rows: list[str] = []
    for command, screen in zip(SESSION, screens, strict=True):
        rows.append(f'<tspan fill="#80d080">$</tspan> <tspan font-weight="bold">{escape(command)}</tspan>')
        for line, colours in zip(screen.lines, screen.colours, strict=True):  # type: ignore[attr-defined]
            rows += [draw_letters(line[i : i + COLUMNS], colours[i : i + COLUMNS]) for i in folds(line)]
        rows.append("")
    while not rows[-1]:
        rows.pop()
    width, height = round(COLUMNS * LETTER + 32), len(rows) * LINE + 48
    text = "\n".join(f'<text x="16" y="{44 + i * LINE}">{row}</text>' for i, row in enumerate(rows) if row)
    dots = "".join(f'<circle cx="{20 + 18 * i}" cy="16" r="5" fill="#666"/>' for i in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        "<title>A session of rna in a terminal</title>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#1c1c1c"/>{dots}\n'
        f'<g fill="{COLOURS["default"]}" font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" '
        f'font-size="13">\n{text}\n</g>\n</svg>\n'
    )


def folds(line: str) -> range:
    """Where the lines begin that a terminal makes of one."""
    return range(0, max(len(line), 1), COLUMNS)


def draw_letters(line: str, colours: list[tuple[str, bool]]) -> str:
    """A line as SVG, its neighbours of one colour together."""
    parts: list[tuple[str, str]] = []
    for letter, (colour, _) in zip(line, colours, strict=True):
        if parts and parts[-1][0] == colour:
            parts[-1] = (colour, parts[-1][1] + letter)
        else:
            parts.append((colour, letter))
    return "".join(
        keep_blanks(text) if colour == "default" else f'<tspan fill="{colour_of(colour)}">{keep_blanks(text)}</tspan>'
        for colour, text in parts
    )


def colour_of(name: str) -> str:
    return COLOURS.get(name, COLOURS["default"])


def keep_blanks(text: str) -> str:
    """Text of an SVG, in which browsers would join blanks."""
    return escape(text).replace(" ", "\u00a0")


if __name__ == "__main__":
    make_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "img")
