"""How to write what was meant as a number."""

import re
import unicodedata

from rnacli.schema.arithmetic import compute_text
from rnacli.words import fill_template

NUMBER = r"[-+]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?"
GROUPED = r"[-+]?[0-9]{1,3}([,._' ])[0-9]{3}(\1[0-9]{3})*"
"""A number whose digits are in groups of three: 1,000 or 1.000.000."""
DASHES = str.maketrans("−–—", "---")


def number_hint(text: str, whole: bool = False) -> str:
    """How to write a text that was meant as a number, or as a ``whole`` one."""
    if re.fullmatch(r"[-+]?0+[0-9]{1,18}", text):
        return fill_template("write {text}, without the leading zero", text=int(text))
    if re.fullmatch(NUMBER, text):
        return fill_template("remove the quotes: {text}", text=text)
    if whole and re.fullmatch(GROUPED, text):
        return fill_template("write it without the mark between its digits: {text}", text=re.sub("[,._' ]", "", text))
    if re.fullmatch(r"[-+]?[0-9]{1,18},[0-9]{1,18}", text):
        return fill_template("write it with a decimal point: {text}", text=text.replace(",", "."))
    if pair := re.fullmatch(r"\(([0-9]{1,9}(?:, ?[0-9]{1,9})*),?\)|([0-9]{1,4}(?: ?[x×] ?[0-9]{1,4})+)", text):
        sizes = pair[1] or ", ".join(re.findall("[0-9]+", text))
        return fill_template("a list stands in square brackets: [{sizes}]", sizes=sizes)
    if comment := re.fullmatch(r"([0-9.]{1,18})#.*", text):
        return fill_template("a comment starts with a blank: {comment} #", comment=comment[1])
    if (percent := re.fullmatch(r"([0-9]{1,3}(\.[0-9]{1,18})?) ?%", text)) and float(percent[1]) <= 100:
        return fill_template("did you mean {percent:g}?", percent=float(percent[1]) / 100)
    if text[-1:] in (",", ";") and re.fullmatch(NUMBER, text[:-1]):
        return fill_template("remove the {sign} behind it: {text}", sign=text[-1], text=text[:-1])
    if re.fullmatch(NUMBER, plain := plain_signs(text)):
        return fill_template("write it with plain signs: {plain}", plain=plain)
    if re.search(r"[0-9]", text) and (number := compute_text(text)) is not None:
        return fill_template("a config does not compute: write {number:.6g}", number=number)
    return ""


def plain_signs(text: str) -> str:
    """A text with plain digits and minus signs."""
    digits = "".join(str(digit) if (digit := unicodedata.digit(sign, None)) is not None else sign for sign in text)
    return digits.translate(DASHES)
