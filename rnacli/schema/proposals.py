"""Parts of the JSON Schema that say what editors propose, in the words of yaml-language-server.

It proposes the keys of ``properties`` in block style alone, each with all its spellings, and a name that is a word and
a key too as a wrong mixture of both. So the names that are proposed are ``const`` and ``defaultSnippets``, and where a
mapping is still empty, as in ``dense: {``, there are no ``properties`` that would keep it from proposing these.
"""

from collections.abc import Iterable, Mapping, Sequence

from rnacli.schema.values import Json


def named_schema(name: str, doc: str, spellings: Iterable[str] = ()) -> list[Json]:
    """A word that is proposed, and the other ways to write it, which are not."""
    described = {"description": doc} if doc else {}
    other = "|".join(spellings)
    return [{"const": name, **described}, *([{"type": "string", "pattern": f"^({other})$", **described}] * bool(other))]


def unproposed(properties: Mapping[str, Json]) -> dict[str, Json]:
    """Properties that are known, but proposed by snippets alone."""
    # Beside a $ref the word would not be seen.
    apart = ({"allOf": [{"$ref": each["$ref"]}], **each} if "$ref" in each else each for each in properties.values())
    return {
        name: {**{word: value for word, value in each.items() if word != "$ref"}, "doNotSuggest": True}
        for name, each in zip(properties, apart, strict=True)
    }


def mapping_schema(
    properties: Mapping[str, Json],
    snippets: Sequence[Json] | None = None,
    required: Sequence[str] = (),
    title: str = "",
    spellings: Mapping[str, Json] | None = None,
    wrong: str = "",
) -> Json:
    """A mapping of these keys and no others, in which ``snippets`` are proposed; of its keys, if there are none.

    ``spellings``: patterns of other ways to write keys, which are not proposed. ``wrong``: what is said of a value that
    is no mapping.
    """
    snippets = key_snippets(properties) if snippets is None else snippets
    known: Json = {"properties": unproposed(properties), "additionalProperties": False}
    if spellings:
        known["patternProperties"] = dict(spellings)
    needed: Json = {"required": list(required)} if required else {}
    kind: Json = {"type": "object"}
    if wrong:
        kind = {"allOf": [{"title": f"{title}: {{...}}", **kind, "errorMessage": wrong}]}
    return {
        **kind,
        **({"title": title} if title else {}),
        **needed,
        "defaultSnippets": list(snippets),
        "if": {"maxProperties": 0},
        "else": known,
    }


def key_snippets(properties: Mapping[str, Json]) -> list[Json]:
    """A snippet for each key, whose value is still to be written."""
    return [
        {"label": name, "description": schema.get("description", ""), "body": {name: "$1"}}
        for name, schema in properties.items()
    ]
