"""One file of a table, whatever it is written in."""

import dataclasses
from pathlib import Path

from rnacli.tables.csv.read import CsvFile, begin_csv
from rnacli.tables.csv.text import Format
from rnacli.tables.find import open_file, written_at
from rnacli.tables.parquet import ParquetFile, is_parquet

Source = CsvFile | ParquetFile
"""What has a ``path``, is ``shown`` in messages, and gives the ``names`` of its columns and its rows as tables."""


def open_source(path: Path, shown: str, form: Format) -> Source:
    """A file with what it shows at its beginning. Raises ``RnaError``."""
    with open_file(path, shown) as file:
        if is_parquet(file):
            return ParquetFile(
                path, shown, dataclasses.replace(form, delimiter=",", decimal=".", thousands=""), written_at(path)
            )
        return begin_csv(file, path, shown, form)
