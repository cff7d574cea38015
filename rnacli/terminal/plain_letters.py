"""What a stream shows of a letter that its encoding lacks: ``e`` for ``é``, so that Spanish can be read in ASCII."""

import codecs

SIGNS = {"¿": "", "¡": "", "«": '"', "»": '"', "“": '"', "”": '"', "…": "...", "–": "-", "—": "-", "±": "+-"}
"""Signs that no letter is part of."""
PLAIN_LETTERS = "rna.plain_letters"
"""The name of this way, for ``errors`` of a stream."""


def write_plainly(error: UnicodeError) -> tuple[str, int]:
    """The nearest ASCII for what cannot be encoded; a sign that has none is shown as its number, ``\\\\u2581``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    import unicodedata

    sign = error.object[error.start]
    plain = SIGNS.get(sign, unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode())
    if not plain and sign not in SIGNS and not unicodedata.combining(sign):
        plain = sign.encode("ascii", "backslashreplace").decode()
    return plain, error.start + 1


codecs.register_error(PLAIN_LETTERS, write_plainly)
