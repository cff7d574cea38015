"""What a reader of Spanish sees: no sentence of ours in English is left."""

import html
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from badcases.cases import CONFIG, NEW, ROWS, TABLE, edited, line
from fixtures import without_pictures
from test_lists import ENGLISH

from rnacli.commands.app import COMMANDS, build_app, main
from rnacli.plots import calibration, confusion_matrix, learning_curve, precision_recall, residuals, roc_curve
from rnacli.plots import truth_against_prediction as scatter

CONFIGS = Path(__file__).parents[2] / "configs"

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@pytest.fixture(autouse=True)
def spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNA_LANG", "es")


def rna(*arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(map(str, arguments)))
    return int(end.value.code or 0)


def english_of(text: str) -> list[str]:
    """The lines in which a word of English stands, but for what is quoted: code, and values of the data."""
    quoted = re.compile(r"'[^']*'|`[^`]*`|\{.*?\}|\[.*?\]|^ +\d* \|.*$", re.MULTILINE)
    return [each for each in quoted.sub("", text).splitlines() if ENGLISH.search(each)]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_in_spanish(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert rna(*command.split(), "--help") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Uso: rna")
    assert "Opciones:" in shown
    assert "Muestra esta ayuda y termina." in shown
    assert not english_of(shown)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["trian"], "Error: No existe la orden 'trian'. ¿Quiso decir 'train'?"),
        (["check"], "Error: Falta el argumento 'CONFIG'."),
        (["train", "--epochs", "3", "x.yaml"], "Error: No existe la opción: --epochs\n  sugerencia: --set epochs=3"),
        (["train", "a", "b"], "Error: Sobran argumentos (b)\n  sugerencia: de uno en uno"),
        (["train", "--set"], "Error: La opción '--set' necesita un valor."),
        (["train"], "error: se esperaba una configuración o --resume RUN"),
        (["generate", "x", "--top-k", "a"], "Error: Valor no válido para '--top-k': se esperaba un número entero"),
        (["--version", "--lang", "fr"], "--lang: se esperaba en o es, no 'fr'"),
        (["runs", "--lang"], "--lang: se esperaba en o es, no ''"),
    ],
)
def test_a_wrong_line_is_answered_in_spanish(line: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert rna(*line) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert not english_of(shown)


@pytest.mark.parametrize(
    "line", [["--lang", "en", "runs", "-h"], ["runs", "--lang=en", "-h"], ["runs", "-h", "--lang", "en"]]
)
def test_an_option_says_the_language_wherever_it_stands(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert rna(*line) == 0
    assert capsys.readouterr().out.startswith("Usage: rna runs [OPTIONS]")


def test_a_program_of_other_commands_speaks_too(capsys: pytest.CaptureFixture[str]) -> None:
    def greet(name: str) -> None:
        """Greet."""

    with pytest.raises(SystemExit):
        build_app({"greet": greet})(["greet", "--help"], prog_name="rna")
    assert capsys.readouterr().out.startswith("Uso: rna greet [OPCIONES]")


WRONG = {
    "syntax": (edited(CONFIG, "leaves]", "leaves"), "no se cierra"),
    "tab": (edited(CONFIG, "  csv: f", "\tcsv: f"), "aquí hay un tabulador"),
    "twice": (CONFIG + "seed: 8\n", "se da dos veces, primero en la línea 2"),
    "keys": (edited(CONFIG, "seed: 7", "seed: -1", "epochs: 3", "epocas: 3", "batch_size: 16", "batch_size: no"),
             "¿quiso decir epochs?"),
    "layers": (edited(CONFIG, "- dense: {units: 8, activation: relu}", "- dense: {neuronas: 8, activation: rleu}",
                      "- dropout: 0.1", "- dropout: 1.5"), "no existe 'rleu' (activación)"),
    "sections": (edited(CONFIG, "test: 0.2, validation: 0.1", "test: 1.5, validation: x"), "una fracción entre 0 y 1"),
    "column": (edited(CONFIG, "leaves]", "laeves]"), "no hay ninguna columna 'laeves'"),
    "monitor": (edited(CONFIG, "monitor: val_loss", "monitor: val_los"), "no se registra nada llamado 'val_los'"),
    "lambda": (edited(CONFIG, "- dropout: 0.1", "- lambda: x"), "ejecutaría código del archivo"),
    "last": (edited(CONFIG, "units: 3", "units: 4"), "la última capa (dense) tiene 4 unidades"),
    "missing": (CONFIG[CONFIG.index("layers:") :], "falta dataset"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_config_is_told_in_spanish(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, said = WRONG[name]
    (tmp_path / "config.yaml").write_text(text)
    (tmp_path / "flowers.csv").write_text(TABLE)
    assert rna("check", tmp_path / "config.yaml") in (1, 2)
    shown = capsys.readouterr().err.replace(str(tmp_path), "")
    assert said in shown
    assert not english_of(shown)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (line(4, "4.4,x,5.0,1.250,daisy"), "columna 'width': se esperaba un número, no 'x'"),
        (line(4, "4.4,3.1,5.0,1.250"), "4 valores, y el encabezado nombra 5"),
        ("", "el archivo está vacío"),
        (TABLE.split("\n")[0] + "\n", "no hay filas debajo del encabezado"),
        (TABLE.replace("daisy", "poppy").replace("tulip", "poppy"), "tiene una sola clase, 'poppy'"),
    ],
)
def test_a_wrong_table_is_told_in_spanish(
    table: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "flowers.csv").write_text(table)
    assert rna("check", tmp_path / "config.yaml") == 1
    shown = capsys.readouterr().err.replace(str(tmp_path), "")
    assert said in shown
    assert not english_of(shown)


def test_a_run_from_its_start_to_its_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(CONFIGS / "circles.yaml", "circles.yaml")
    with without_pictures():
        assert rna("train", "circles.yaml", "--set", "epochs=2") == 0
        assert rna("train", "circles.yaml", "--set", "epochs=3") == 0
    told = capsys.readouterr()
    assert "25 parámetros, 160 pasos por época" in told.err
    assert "época 2/2  loss" in told.err
    shown = told.out + told.err
    lines = (["check", "circles.yaml"], ["show", "latest"], ["runs"], ["evaluate", "latest"], ["weights", "latest"],
             ["compare", "circles*"], ["report", "latest"], ["report", "circles*"], ["plot", "nothing"],
             ["predict", "latest", "none.csv"], ["init", "--data", "none.csv"], ["schema", "--markdown"])  # fmt: skip
    for each in lines:
        assert rna(*each) == (1 if {"none.csv", "nothing"} & {*each} else 0), each
    told = capsys.readouterr()
    shown += told.out + told.err
    for sentence in ("clase positiva: 1", "terminada, empezó", "200 filas de test", "no existe", "prueba de McNemar"):
        assert sentence in shown
    assert not english_of(shown)
    for page in (*tmp_path.glob("runs/*/report.html"), tmp_path / "report.html"):
        text = page.read_text("utf-8")
        assert '<html lang="es">' in text
        text = re.sub(r"<(style|script|pre).*?</\1>|Linux[-\w.]*", "", text, flags=re.DOTALL)
        text = html.unescape(" ".join(re.findall(r'(?:aria-label|alt)="(.*?)"', text)) + re.sub("<.*?>", "\n", text))
        assert "Puntuaciones" in text or "Resultados" in text
        assert not english_of(text)


def test_a_file_is_proposed_with_spanish_comments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flowers.csv").write_text(TABLE)
    assert rna("init", "--data", "flowers.csv", "--target", "kind") == 0
    told = capsys.readouterr()
    shown = told.out + told.err + Path("flowers.yaml").read_text("utf-8")
    assert "palabras distintos, así que son clases" in shown or "palabras distintas" in shown
    assert "punto de partida" in shown
    assert not english_of(shown)
    assert rna("check", "flowers.yaml") == 0


def test_new_rows_that_are_wrong_are_told_in_spanish(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flowers.csv").write_text(TABLE)
    Path("config.yaml").write_text(CONFIG)
    with without_pictures():
        assert rna("train", "-q", "config.yaml", "--set", "epochs=1") == 0
    Path("new.csv").write_text(NEW)
    assert rna("predict", "latest", "new.csv", "-o", "out.csv") == 0
    assert "6 filas predichas" in capsys.readouterr().err
    for text, said in (
        (NEW.replace("width", "wdith"), "no hay ninguna columna 'width'"),
        (line(3, "4.4,x,5.0,1.250", NEW), "se esperaba un número, no 'x'"),
        (ROWS[0] + "\n", "no hay"),
    ):
        Path("new.csv").write_text(text)
        assert rna("predict", "latest", "new.csv", "-o", "out.csv") == 1
        shown = capsys.readouterr().err
        assert said in shown
        assert not english_of(shown)


def test_pictures_have_spanish_labels() -> None:
    from matplotlib.text import Text

    truth, scores = np.array([0, 1, 0, 1]), np.array([0.1, 0.8, 0.6, 0.7])
    history = {"epoch": [1, 2], "loss": [1.0, 0.5], "val_loss": [1.1, float("nan")]}
    drawn = [
        learning_curve.draw(history, "loss", "curvas"),
        confusion_matrix.draw(np.array([[3, 1], [0, 2]]), ["a", "b"], "matriz"),
        roc_curve.draw(truth, scores, "roc", "sí", 0.5),
        precision_recall.draw(truth, scores, "pr", "sí", 0.5),
        calibration.draw(truth, scores, "cal", "sí"),
        scatter.draw(np.arange(5.0), np.arange(5.0) + 0.1, "precio", "puntos"),
        residuals.draw(np.arange(5.0), np.arange(5.0) + 0.1, "precio", "residuos"),
    ]
    texts = [text.get_text() for figure in drawn for text in figure.findobj(Text)]
    for label in ("Época", "Pérdida", "entrenamiento", "Clase predicha", "Clase real", "calibración perfecta"):
        assert label in texts
    assert not english_of("\n".join(texts))
