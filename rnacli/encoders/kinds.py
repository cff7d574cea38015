"""The kinds of encoders: the one place that lists them all."""

from collections.abc import Mapping
from typing import Any

from rnacli.encoders.arrays import load_arrays
from rnacli.encoders.encoder import Encoder, Load
from rnacli.encoders.mixed import load_mixed
from rnacli.encoders.numbered import load_numbered
from rnacli.encoders.scale import load_scale
from rnacli.encoders.series import load_series
from rnacli.encoders.table import load_table
from rnacli.encoders.vocabulary import load_tokens

ENCODERS: dict[str, Load] = {
    "scale": load_scale,
    "table": load_table,
    "arrays": load_arrays,
    "mixed": load_mixed,
    "numbered": load_numbered,
    "series": load_series,
    "tokens": load_tokens,
}


def dump_encoder(encoder: Encoder) -> dict[str, Any]:
    """An encoder as JSON data."""
    plain = encoder.dump()
    return plain if encoder.kind in ("scale", "table") else {"kind": encoder.kind, **plain}


def load_encoder(plain: Mapping[str, Any]) -> Encoder:
    """The encoder that gave these JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    return ENCODERS[plain.get("kind", "table" if "columns" in plain else "scale")](plain)
