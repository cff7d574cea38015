"""Held-out rows that training has seen: those with the very inputs of a training row, found by a hash of each row."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from rnacli.data.arrays import Array
from rnacli.data.examples import Examples
from rnacli.words import fill_template, list_words

CHUNK = 1 << 19
"""Bytes of inputs that are hashed at a time: they stay in the processor's cache, and a table in a file on the disk."""
LARGEST = 2_000_000_000
"""Bytes of inputs above which nothing is looked for; it takes some three seconds for as many."""
WIDE = 256
"""Numbers of 64 bits in a row from which to hash it alone costs less than to go by columns."""
NOTABLE = 0.05
"""The share of a part's rows from which they are worth a word."""


def report_duplicates(rows: Examples, parts: Mapping[str, np.ndarray]) -> str:
    """What to warn of, in one line: the held-out parts whose rows training has seen; empty if they are few."""
    shared = {
        part: seen for part, seen in count_shared(rows, parts).items() if seen >= max(NOTABLE * len(parts[part]), 1)
    }
    if not shared:
        return ""
    counts = [
        fill_template("{seen:,} of {count:,} {part} rows", seen=seen, count=len(parts[part]), part=part)
        for part, seen in shared.items()
    ]
    names = list_words(list(shared), "and")
    text = fill_template(
        "{rows:.300} have the same inputs as training rows: the {names} scores may be too good",
        rows=list_words(counts, "and"),
        names=names,
    )
    drawn = rows.is_table and rows.groups is None and rows.order is None and not set(shared) <= set(rows.fixed)
    together = "{text}. Rows of one person or thing are kept together by its column: split: {group: patient}"
    return fill_template(together, text=text) if drawn else text


def count_shared(rows: Examples, parts: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Held-out part -> how many of its rows have inputs that are equal, all of them, to those of a training row.

    A missing value equals a missing value. Rows are compared by 64 bits of hash: among ten million, two that differ
    are taken for equal once in some 400,000 data sets. Empty where the inputs are more than ``LARGEST`` bytes.
    """
    held_out = {part: chosen for part, chosen in parts.items() if part != "train"}
    if not held_out or rows.x.nbytes > LARGEST:
        return {}
    hashes = hash_rows(rows.x)
    trained = np.sort(hashes[parts["train"]])
    return {part: int(is_among(hashes[chosen], trained).sum()) for part, chosen in held_out.items()}


def is_among(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Which ``values`` (n,) are in the sorted ``ordered`` (m,), m > 0."""
    return np.asarray(ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values)


def hash_rows(x: Array) -> np.ndarray:
    """A hash (n,) uint64 of each row."""
    size = max(CHUNK * len(x) // max(x.nbytes, 1), 1)
    hashes = [
        hash_bits(row_bits(x.take(np.arange(start, min(start + size, len(x)))))) for start in range(0, len(x), size)
    ]
    return np.concatenate([*hashes, np.empty(0, "uint64")])


def hash_bits(bits: np.ndarray) -> np.ndarray:
    """A hash (n,) uint64 of each row of whole numbers (n, m): column by column, or row by row where those are long."""
    if bits.shape[1] <= WIDE:
        return pd.util.hash_pandas_object(pd.DataFrame(bits), index=False).to_numpy()
    digests = b"".join(hashlib.blake2b(row, digest_size=8).digest() for row in bits)
    return np.frombuffer(digests, "uint64")


def row_bits(x: np.ndarray) -> np.ndarray:
    """The rows of ``x`` (n, ...) as whole numbers (n, m) uint64 that are equal where the rows are."""
    flat = np.asarray(x).reshape(len(x), -1)
    if flat.dtype.kind == "f":
        flat = flat + 0.0  # a copy, in which -0 is 0
        flat[np.isnan(flat)] = np.nan
    octets = np.ascontiguousarray(flat).view("uint8")
    return np.pad(octets, ((0, 0), (0, -octets.shape[1] % 8))).view("uint64")
