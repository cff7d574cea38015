"""That every text is in both languages, and which language is spoken."""

import json
import re
from collections import Counter

import pytest
from missing import list_missing, list_stale, read_apart, read_lists

from rnacli.errors import Problem
from rnacli.language import VARIABLES, language
from rnacli.synonyms import SYNONYMS
from rnacli.words import FIELD, count_things, did_you_mean, fill_template, list_words, nearest_words, show_value

PAIRS = {text: spanish for pairs in read_lists().values() for text, spanish in pairs.items()}


@pytest.fixture
def spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNA_LANG", "es")


def test_no_text_is_missing_in_spanish_and_none_is_stale() -> None:
    assert not list_missing(), "python tests/locale/missing.py > new.json lists them, to be filled in"
    assert not list_stale()


def test_each_text_is_translated_once() -> None:
    counts = Counter(text for pairs in [*read_lists().values(), read_apart()] for text in pairs)
    assert not [text for text, count in counts.items() if count > 1]
    assert len(counts) > 1500


def test_a_translation_has_the_fields_of_its_text() -> None:
    for text, spanish in PAIRS.items():
        fields, translated = ({match[0] for match in FIELD.finditer(each)} for each in (text, spanish))
        assert fields == translated, text
        # Of log messages and of str.format: in the same order.
        assert re.findall(r"%(?:\.\d)?[sdg]|\{\}", text) == re.findall(r"%(?:\.\d)?[sdg]|\{\}", spanish), text


def test_a_translation_ends_and_begins_as_its_text_does() -> None:
    """Pieces that are joined to others keep their blanks, and a sentence its end."""
    for text, spanish in PAIRS.items():
        assert spanish.strip(), text
        for piece in (text, spanish):
            assert "  " not in piece.strip() or "  " in text.strip(), piece
        assert (text[0] == " ", text[-1] == " ") == (spanish[0] == " ", spanish[-1] == " "), text
        assert text.endswith(".") == spanish.endswith("."), text


ENGLISH = re.compile(
    r"\b(?:the|is|are|of|with|which|that|has|have|was|were|expected|did you|there|its|their|these|this)\b"
)
"""Words of English that Spanish, YAML and the names of Keras do not have."""


def test_no_translation_is_english() -> None:
    assert not [
        spanish for text, spanish in PAIRS.items() if ENGLISH.search(re.sub("`.*?`", "", FIELD.sub("", spanish)))
    ]


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"), ({"LANG": "es_ES.UTF-8"}, "es"), ({"LANG": "es_PE"}, "es"), ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "es_ES.UTF-8", "LC_ALL": "C"}, "en"), ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "es"}, "es"),
        ({"LANG": "es_ES.UTF-8", "RNA_LANG": "en"}, "en"), ({"LANG": "de_DE", "RNA_LANG": "es"}, "es"),
        ({"LANG": "est"}, "en"), ({"LANG": "es_MX.UTF-8", "LC_ALL": ""}, "es"),
    ],
)  # fmt: skip
def test_the_system_or_a_variable_says_the_language(
    variables: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == spoken


def test_a_template_is_filled_in_spanish(spanish: None) -> None:
    problem = Problem("there is no column '{name:.40}'", "a.csv:1", "{count:,} more", name="edad\x1b", count=1200)
    assert problem.message == r"no hay ninguna columna 'edad\x1b'"
    assert problem.hint == "1,200 más"
    assert fill_template("a text that nobody has translated: {a}", a=1) == "a text that nobody has translated: 1"
    assert fill_template("{name} is missing", name="rows") == "falta rows"  # data are not translated


@pytest.mark.parametrize(
    ("words", "conjunction", "said"),
    [
        (["a", "b", "c"], "and", "a, b y c"), (["a", "b"], "or", "a o b"), (["una", "imagen"], "and", "una e imagen"),
        (["agua", "hielo"], "and", "agua y hielo"), (["siete", "ocho"], "or", "siete u ocho"), (["a"], "and", "a"),
        ([], "or", ""), (["a", "hora"], "or", "a u hora"), (["a", "iones"], "and", "a y iones"),
    ],
)  # fmt: skip
def test_words_are_joined_as_in_spanish(spanish: None, words: list[str], conjunction: str, said: str) -> None:
    assert list_words(words, conjunction) == said


def test_things_are_counted_in_spanish(spanish: None) -> None:
    assert [count_things(n, "row") for n in (0, 1, 1200)] == ["0 filas", "1 fila", "1,200 filas"]
    assert count_things(2, "unit") == "2 unidades"
    assert show_value([]) == "una lista"
    assert show_value(True) == "true"
    assert did_you_mean("dence", ["dense", "lstm"]) == "¿quiso decir dense?"


def test_sixty_spanish_words_are_understood() -> None:
    words = {
        "capas": "layers", "neuronas": "units", "activación": "activation", "pérdida": "loss", "épocas": "epochs",
        "entropia_cruzada": "categorical_crossentropy", "tasa_de_aprendizaje": "learning_rate",
        "tamaño_de_lote": "batch_size", "optimizador": "optimizer", "métricas": "metrics", "semilla": "seed",
        "exactitud": "accuracy", "conjunto de prueba": "test", "sesgo": "use_bias",
        "validación": "validation", "objetivo": "target", "umbral": "threshold", "exhaustividad": "recall",
        "agrupación_máxima": "max_pooling2d", "recurrente": "lstm", "red": "layers", "fichero": "csv", "archivo": "csv",
        "imágenes": "images", "texto": "text", "ventana": "window", "fases": "phases", "generador": "generator",
        "discriminador": "discriminator", "muestras": "samples", "congelar": "freeze", "descongelar": "unfreeze",
        "parada_temprana": "early_stopping", "valor_faltante": "missing", "separador_decimal": "decimal",
    }  # fmt: skip
    for word, meant in words.items():
        assert nearest_words(word, [meant, "zzz"]) == [meant], word
    assert len(spanish_words()) >= 100


def spanish_words() -> list[str]:
    return list(SYNONYMS)[list(SYNONYMS).index("nombre") :]


def test_lists_are_plain_json() -> None:
    for name, pairs in read_lists().items():
        assert json.loads(json.dumps(pairs)) == pairs, name
        assert all(isinstance(spanish, str) for spanish in pairs.values()), name
