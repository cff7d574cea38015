"""The pages on runs: all that is said stands there as text, and nothing of it comes from elsewhere."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from fixtures import copied, run_of

from rnacli.commands.app import main
from rnacli.pictures.grid import png_bytes
from rnacli.report.curves import draw_curves
from rnacli.report.meanings import explain_measure, explain_picture
from rnacli.report.run import report_run
from rnacli.runs.find import open_run
from rnacli.runs.record import figures_by_part

VOID = {"meta", "img", "line", "polyline", "br"}


class Reader(HTMLParser):
    """The tags that are open, what is nested wrongly, the text, and the attributes of each kind of tag."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: dict[str, list[dict[str, str | None]]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.setdefault(tag, []).append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text.append(data)


def read(page: str) -> tuple[Reader, str]:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader, re.sub(r"\s+", " ", " ".join(reader.text))


def test_a_run_is_told_whole_in_one_page() -> None:
    run = run_of("flowers")
    reader, text = read(report_run(run))
    record = run.record
    assert f"learnt from {record['data']['rows']['train']} rows for {record['epochs']} epochs" in text
    for name in record["results"]["test"]:
        figures = " ".join(f"{of_part[name]:.4g}" for of_part in record["results"].values())
        assert f"{name} {explain_measure(name)} {figures}" in text
    for word in (
        "height",
        "Classes: lirio, rosa, tulipán",
        "the share of rows that get the right class",
        "adam",
    ):
        assert word in text
    pictures = [name for name in record["files"] if name.startswith("plots/")]
    assert len(pictures) >= 4
    assert [bool(image["alt"]) for image in reader.attributes["img"]] == [True] * len(pictures)
    curves = [json.loads(svg["data-curves"] or "") for svg in reader.attributes["svg"] if "data-curves" in svg]
    assert [curve["curves"][0][0] for curve in curves] == ["loss", "accuracy"]
    assert len(curves[0]["epochs"]) == record["epochs"]


def test_nothing_comes_from_elsewhere() -> None:
    reader, _ = read(report_run(run_of("flowers")))
    sources = [value for each in reader.attributes.values() for a in each for value in (a.get("src"), a.get("href"))]
    assert all(source.startswith("data:image/png") for source in sources if source)
    assert "default-src 'none'" in (reader.attributes["meta"][1]["content"] or "")
    assert len(reader.attributes["script"]) == 1


def test_text_of_a_run_stays_text(tmp_path: Path) -> None:
    run = copied(run_of("flowers"), tmp_path)
    nasty = "<script>alert(1)</script>\" onload='x' \x1b[31m"
    run.record["name"] = nasty
    run.record["data"]["classes"] = [nasty]
    run.record["results"]["test"] = {nasty: 0.5}
    run.write("history.csv", 'epoch,"<img src=x>"\n1,0.5\n2,0.25\n')
    run.write("predictions.csv", 'row,truth,prediction,probability_b\n1,"<b>a</b>",b,0.9\n')
    reader, text = read(report_run(run))
    assert len(reader.attributes["script"]) == 1
    assert not any("onload" in a for each in reader.attributes.values() for a in each)
    assert "\x1b" not in text
    assert "<b>a</b>" in text
    assert "<img src=x>" in text


def test_values_have_their_largest_errors_and_a_stopped_run_says_that_it_is_one(tmp_path: Path) -> None:
    run = copied(run_of("prices"), tmp_path)
    _, text = read(report_run(run))
    assert "Worst errors row truth prediction error" in text
    run.record = {"status": "running", "files": {}, "name": "prices"}
    _, text = read(report_run(run))
    assert "This run is not finished." in text


def test_a_curve_has_gaps_and_one_point() -> None:
    drawn = draw_curves("loss", [1, 2, 3, 4, 5], {"loss": [1, 2, float("nan"), 4, 5]})
    assert drawn.count("<polyline") == 2
    assert "null" in drawn
    alone = re.findall(r'class="c0 dot"[^>]* points="([^"]*)"', draw_curves("loss", [1], {"loss": [0.5]}))
    assert alone == ["0.0,100.0 0.0,100.0"]
    assert 'class="c0 dot"' in draw_curves("loss", [1, 2, 3], {"loss": [1, float("nan"), 2]})
    assert draw_curves("loss", [1, 2], {"loss": [float("nan")] * 2}) == ""
    assert "(logarithmic)" in draw_curves("loss", range(1, 100), {"loss": [1e6, *[1.0] * 98]})


def test_every_score_has_a_sentence() -> None:
    for name in ("flowers", "prices", "margin"):
        record = run_of(name).record
        measured = [*record["scores"], *record["results"]["test"]]
        assert [measure for measure in measured if not explain_measure(measure)] == []
    assert explain_measure("price_mae", ["price", "kind"]) == explain_measure("mae")
    stems = [Path(name).stem for name in run_of("flowers").record["files"] if name.startswith("plots/")]
    assert [stem for stem in stems if explain_picture(stem) == stem.replace("_", " ")] == ["accuracy"]
    assert explain_picture("accuracy", {"accuracy"}) == "accuracy after each epoch"
    assert explain_picture("price/prediction_2", {"loss"}) == explain_picture("prediction") != "prediction"


def test_a_scaled_target_has_its_figures_in_both_units(tmp_path: Path) -> None:
    run = copied(run_of("prices"), tmp_path)
    run.record |= {"results": {"test": {"loss": 0.1, "mae": 0.25}}, "scores": {"mae": 42.0, "r2": 0.5}}
    assert figures_by_part(run.record) == {"test": {"loss": 0.1, "mae": 0.25, "mae (scikit-learn)": 42.0, "r2": 0.5}}
    _, text = read(report_run(run))
    assert re.search(
        r"mae \(scikit-learn\) the mean distance from the truth; here in the units of the target.* 42 ", text
    )
    run.record["scores"]["mae"] = 0.25
    assert set(figures_by_part(run.record)["test"]) == {"loss", "mae", "r2"}


def test_a_page_stays_small_whatever_was_drawn(tmp_path: Path) -> None:
    run = copied(run_of("prices"), tmp_path)
    (run.path / "plots").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (400, 1100, 3), "uint8")
    for i in range(8):
        (run.path / f"plots/photographs_{i}.png").write_bytes(png_bytes(noise))
        run.note(f"plots/photographs_{i}.png")
    (run.path / "plots/samples.gif").write_bytes(b"GIF89a" + bytes(3_000_000))
    run.note("plots/samples.gif")
    page = report_run(run)
    reader, text = read(page)
    assert len(page) < 3_000_000
    shown = [figure for figure in reader.attributes["figure"] if figure.get("class") == "broad"]
    left_out = re.findall(r"plots/\w+\.\w+", text)
    assert len(shown) + len(left_out) == 9
    assert left_out[-1] == "plots/samples.gif"
    assert "data:image/webp" in page


def test_the_command_writes_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = copied(run_of("prices"), tmp_path)

    def call(*arguments: object) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["report", *map(str, arguments)])
        return int(ended.value.code or 0)

    assert call(run.path) == 0
    assert capsys.readouterr().out.strip() == str(run.path / "report.html")
    read((run.path / "report.html").read_text("utf-8"))
    assert open_run(run.path).record == run.record
    both = tmp_path / "both.html"
    assert call(run.path, run_of("prices").path, "-o", both) == 0
    _, text = read(both.read_text("utf-8"))
    assert "2 runs side by side" in text
    assert "may be chance" in text
    assert call(run.path, "-o", tmp_path / "page.pdf") == 2
    assert call(run.path, "-o", tmp_path / "no" / "page.html") == 2
    assert "mkdir" in capsys.readouterr().err
