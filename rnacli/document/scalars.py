"""What a word without quotes means: the numbers and words of YAML 1.2."""

import math
import re
from typing import Any

from rnacli.words import fill_template

MAX_DIGITS = 18
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+")
FLOAT = re.compile(r"(?![-+]?0[0-9]+$)[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")  # 010 is text
WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **{f"{sign}.{word}": float(sign + word) for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")},
}


GROUPED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")


class Grouped(float):
    """A number such as ``1.000``, which is 1, and which many write for a thousand."""


def read_scalar(text: str) -> Any:
    """A number, true, false, null, or the text itself. Raises ``ValueError`` that names a number beyond all bounds."""
    if INTEGER.fullmatch(text):
        if len(text) > 25 or abs(int(text, 0)) >= 10**MAX_DIGITS:
            sentence = "the number {text:.20} has more than {most} digits"
            raise ValueError(fill_template(sentence, text=text, most=MAX_DIGITS))
        return int(text, 0)
    if not FLOAT.fullmatch(text):
        return WORDS.get(text, text)
    if math.isinf(number := float(text)):
        raise ValueError(fill_template("the number {text:.20} is too large", text=text))
    return Grouped(number) if GROUPED.fullmatch(text) else number
