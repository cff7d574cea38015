"""Reads docstrings of Keras and scikit-learn: what they say first of an object and of each of its arguments."""

import inspect
import re
from typing import Any

LONGEST = 200
"""Characters of a sentence that an editor shows; the rest is on the page."""
ABBREVIATIONS = ("e.g", "i.e", "a.k.a", "vs", "etc", "Eq", "resp")
END = re.compile("".join(rf"(?<!{re.escape(each)})" for each in ABBREVIATIONS) + r"(?<=[\w)\]\"'])\.(?=\s|$)")
GOOGLE = re.compile(r"^(?:Args|Arguments):\n((?: +.*\n|\n)*)", re.M)
NUMPY = re.compile(r"^Parameters\n-+\n((?:.*\n)*?)(?=^\S.*\n-+\n|\Z)", re.M)


def summarize(text: str) -> str:
    """The first sentence on one line, without the marks of Markdown and Sphinx."""
    return cut(next(iter(split_sentences(text)), ""))


def summarize_argument(text: str) -> str:
    """The first sentence that says what an argument does: its type and its default stand in the schema."""
    sentences = [re.sub(r"^\(?Optional\)?[.,:]? +(?=\S)", "", each) for each in split_sentences(text)]
    sentences = [each for each in sentences if not re.match(r"(Defaults?\b|Default is|See )", each)]
    while len(sentences) > 1 and is_type(sentences[0]):
        sentences.pop(0)
    said = sentences[0] if sentences else ""
    said = re.sub(r",? *\(?(?:default|defaults) (?:is |to |= ?)?[^,.)]*\)?(?=$|\.)", "", said, flags=re.I)
    return cut(said[:1].upper() + said[1:])


def is_type(sentence: str) -> bool:
    """Whether a sentence says only of which type an argument is: ``Float``, ``A float, or a callable that...``."""
    return len(sentence.split()) <= 4 or bool(
        re.match(r"(An?|Either) \W?(float|bool|int|string|constant|keras)", sentence, re.I)
        and re.search(r"\b(tensor|callable|instance)\b", sentence)
    )


def split_sentences(text: str) -> list[str]:
    """The sentences of the first paragraph."""
    paragraph = " ".join(text.strip().partition("\n\n")[0].split())
    paragraph = re.sub(r"\[([^\]]+)\]\s*\([^)]*\)", r"\1", paragraph)  # links of Markdown
    paragraph = re.sub(r":\w+:`([^`<]*?)(?: <[^`>]*>)?`", r"\1", paragraph).replace("`", "").replace("*", "")
    return [each for part in END.split(paragraph) if (each := part.strip(" .:;"))]


def cut(sentence: str) -> str:
    if len(sentence) > LONGEST:
        return sentence[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:(") + "…"
    return f"{sentence}." if sentence else ""


def describe_arguments(member: Any) -> dict[str, str]:
    """Argument -> what the docstring of a class or a function says of it."""
    text = (inspect.getdoc(member) or "") + "\n"
    told = read_google(text) | read_numpy(text)
    return {name: said for name, each in told.items() if (said := summarize_argument(each))}


def read_google(text: str) -> dict[str, str]:
    """Argument -> its text in a docstring of Keras."""
    block = GOOGLE.search(text)
    return read_block(block[1], r"(\*{0,2}\w+(?:, ?\w+)*)(?: *\([^)]*\))?: *(.*)") if block else {}


def read_numpy(text: str) -> dict[str, str]:
    """Argument -> its text in a docstring of scikit-learn."""
    block = NUMPY.search(text)
    return read_block(block[1], r"(\w+(?:, ?\w+)*) *:(?: .*)?()") if block else {}


def read_block(block: str, opening: str) -> dict[str, str]:
    """Argument -> its text, in lines of which those that open an argument are the least indented."""
    lines = block.split("\n")
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    told: dict[str, list[str]] = {}
    current: list[list[str]] = []
    for line in lines:
        opened = re.fullmatch(opening, line[indent:]) if line[indent : indent + 1].strip() else None
        if opened:
            names = [name.strip("* ") for name in opened[1].split(",")]
            current = [told.setdefault(name, []) for name in names]
            line = opened[2]
        for each in current:
            each.append(line)
    return {name: "\n".join(said).strip() for name, said in told.items()}
