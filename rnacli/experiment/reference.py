"""The language's reference as Markdown, made from the schema."""

import dataclasses
from typing import Any

from rnacli.data.kinds import KINDS
from rnacli.data.section import Split
from rnacli.document.write import yaml_flow
from rnacli.encoders.section import Column, Rescale
from rnacli.experiment.config import Checkpoint, Config, Engine
from rnacli.experiment.phase import Phase
from rnacli.experiment.samples import Samples
from rnacli.language import translate
from rnacli.schema.catalog import CATEGORIES, entry_names
from rnacli.schema.section import default_of, keys
from rnacli.words import fill_template

SECTIONS: dict[str, type] = {
    "The file": Config,
    **{f"`dataset` of kind `{kind}`": section for kind, section in KINDS.items()},
    "One column: `columns: {age: {...}}`": Column,
    "`split`": Split,
    "`scale: {...}`": Rescale,
    "One of the `phases`": Phase,
    "`samples`": Samples,
    "`checkpoint`": Checkpoint,
    "`engine`": Engine,
}
BAR = "\\|"
"""A bar in a table's cell."""
PLURALS = {"loss": "losses"}


def reference_markdown() -> str:
    """Every key with its default and its meaning, and the names of every Keras object."""
    parts = [f"### {title_of(title)}\n\n{keys_table(section)}" for title, section in SECTIONS.items()]
    return "\n".join([*parts, f"### {translate('Names')}\n", *map(names_of_category, CATEGORIES)]).rstrip()


def title_of(title: str) -> str:
    """The title of a section in the reader's language."""
    kind = title.rpartition(" ")[2]
    return fill_template("`dataset` of kind {kind}", kind=kind) if kind.strip("`") in KINDS else translate(title)


def keys_table(section: type) -> str:
    """The keys of a section as a Markdown table."""
    rows = [translate("| key | default | meaning |"), "| --- | --- | --- |"]
    for name, field in keys(section).items():
        rows.append(f"| `{name}` | {shown_default(field)} | {translate(field.metadata['doc']).replace('|', BAR)} |")
    return "\n".join(rows) + "\n"


def shown_default(field: "dataclasses.Field[Any]") -> str:
    """A key's default as the file would have it."""
    value = default_of(field)
    if value is dataclasses.MISSING or (value == () and field.metadata["kind"].schema().get("minItems")):
        return translate("required")
    plain = field.metadata["kind"].plain(value) if value is not None else None
    if plain is None:
        return ""
    if isinstance(plain, dict):
        set_ = {name: item for name, item in plain.items() if item is not False}
        return f"`{', '.join(set_)}`" if field.name == "optimizer" else f"`{yaml_flow(set_)}`"
    return f"`{yaml_flow(plain)}`"


def plural_of(category: str) -> str:
    """What stands above the names of a category; in bold, it is no key of a file, which no language translates."""
    return f"**{PLURALS.get(category, category.replace('_', ' ') + 's')}**"


def names_of_category(category: str) -> str:
    """The names of one category, in one paragraph."""
    return f"{translate(plural_of(category))} {', '.join(f'`{name}`' for name in entry_names(category))}\n"
