"""The report as a page: valid HTML, readable by everybody, small. In Chromium, axe-core finds nothing in it either."""

import json
import os
import re
import shutil
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from fixtures import run_of

from rnacli.report.comparison import report_runs
from rnacli.report.curves import COLOURS
from rnacli.report.html import STYLE
from rnacli.report.run import report_run


def pages() -> list[str]:
    runs = [run_of("flowers"), run_of("margin")]
    return [report_run(runs[0]), report_run(runs[1]), report_run(run_of("prices")), report_runs(runs)]


def test_each_page_is_valid_html() -> None:
    for page in pages():
        html5lib.HTMLParser(strict=True).parse(page)
    with pytest.raises(html5lib.html5parser.ParseError):
        html5lib.HTMLParser(strict=True).parse(pages()[0].replace("</main>", "</section>"))


def test_each_page_can_be_heard_and_walked_through() -> None:
    for page in pages():
        tree = html5lib.parse(page, namespaceHTMLElements=False)
        assert tree.get("lang") == "en"
        assert tree.findtext("head/title")
        headings = [int(each.tag[1]) for each in tree.iter() if re.fullmatch(r"h[1-6]", str(each.tag))]
        assert headings[0] == 1
        assert headings.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(headings))
        assert all("".join(head.itertext()).strip() for head in tree.iter("th"))
        assert all((image.get("alt") or "").strip() for image in tree.iter("img"))
        named = [each.get("id") for each in tree.iter() if each.get("id")]
        assert len(named) == len(set(named))
        for each in tree.iter():
            if each.tag == "pre" or each.get("class") == "wide":
                assert each.get("tabindex") == "0"
                assert each.get("aria-label")


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21, by WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_text_and_lines_stand_out_in_light_and_dark() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    schemes = [dict(re.findall(r"--(\w+): (#\w+)", part)) for part in re.findall(r":root \{(.*?)\}", STYLE, re.S)]
    assert len(schemes) == 2
    for colours in schemes:
        for back in ("back", "box"):
            assert contrast(colours["ink"], colours[back]) >= 7
            assert contrast(colours["dim"], colours[back]) >= 4.5
            assert min(contrast(colours[f"c{i}"], colours[back]) for i in range(COLOURS)) >= 3


def test_a_page_is_small_and_soon_written() -> None:
    run = run_of("flowers")
    began = time.process_time()
    page = report_run(run)
    assert time.process_time() - began < 3
    assert len(page.encode()) < 3_000_000


AXE = os.environ.get("RNA_AXE", "")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(not (AXE and BROWSER), reason="Chromium, and RNA_AXE=.../axe.min.js of npm install axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_browser(tmp_path: Path, scheme: str) -> None:
    tell = "axe.run().then(r => document.body.dataset.axe = JSON.stringify(r.violations.map(v => v.id)))"
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    for i, page in enumerate([*pages(), '<!DOCTYPE html><html><body><img src="x.png"></body></html>']):
        path = tmp_path / f"{i}.html"
        scripts = f"<script>{Path(AXE).read_text('utf-8')}</script><script>{tell}</script></body>"
        path.write_text(page.replace("</body>", scripts), "utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", *dark, "--dump-dom"]
        done = subprocess.run(
            [str(BROWSER), *options, path.as_uri()], capture_output=True, text=True, timeout=120, check=True
        )
        found = re.search(r'data-axe="([^"]*)"', done.stdout)
        assert found, "axe did not end"
        violations = json.loads(found[1].replace("&quot;", '"'))
        assert bool(violations) == (i == len(pages())), violations
