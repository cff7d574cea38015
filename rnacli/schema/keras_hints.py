"""What a Keras object that cannot be read may have been meant as."""

from rnacli.document.read import KeyPath
from rnacli.schema.catalog import Entry, entry_names, find_entry
from rnacli.schema.keras_code import translate_code
from rnacli.schema.reader import Reader
from rnacli.schema.values import Json, number_hint
from rnacli.synonyms import ELSEWHERE
from rnacli.words import (
    clean,
    did_you_mean,
    fill_template,
    likest_words,
    list_words,
    nearest_words,
    plain_word,
    show_value,
)

RENAMED = {
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "output_dim": "units",
    "p": "rate",
    "init": "kernel_initializer",
}
"""Words of earlier Keras versions that tutorials still show."""
FROM_DATA = {"input_shape", "input_dim", "batch_input_shape", "input_length"}
"""What a tutorial passes to its first layer and the data already say."""


DATASETS = ("sklearn_dataset", "keras_dataset")
"""What stands beside other keys of the file, which may be meant."""


def unknown_argument(name: str, entry: Entry, path: KeyPath, reader: Reader) -> object:
    meant = meant_argument(name, entry)
    if name in FROM_DATA:
        hint = "leave it out: the shape follows from the data"
    else:
        said = ELSEWHERE.get(plain_word(name), "") if entry.category in DATASETS else ""
        other = said or arguments_of(entry)
        hint = fill_template("did you mean {meant:or}?", meant=meant) if meant else other
    return reader.wrong((*path, name), "{entry} has no argument '{name}'", hint, key=True, entry=entry.name, name=name)


def meant_argument(name: str, entry: Entry) -> list[str]:
    """The arguments that an unknown name may have been meant as."""
    renamed = RENAMED.get(name, "")
    return [renamed] if renamed in entry.arguments else nearest_words(name, entry.arguments)


def arguments_of(entry: Entry) -> str:
    possible = likest_words("", list(entry.arguments))
    return f"{entry.name} takes {list_words(possible, 'and')}" if possible else f"{entry.name} takes no arguments"


def known_names(category: str, name: str) -> str:
    """What an unknown name may have been meant as."""
    names = entry_names(category)
    if code := translate_code(category, name):
        return fill_template("write {code:.300}", code=code)
    if category == "schedule":  # where a number is what most files have
        number = "write a number such as 0.01, or one of {known:or}"
        return number_hint(name) or did_you_mean(name, names, number)
    return did_you_mean(name, names, "known: {known:and}")


def one_name(category: str, value: Json) -> str:
    """How a name and what belongs to it are written, where a file has them beside one another."""
    first, *others = value
    word = next((word for word in ("name", "type", "class_name") if isinstance(value.get(word), str)), "")
    if word and find_entry(category, value[word]):  # {name: sgd, learning_rate: 0.1}
        name = value[word]
        inner = {key: item for key, item in value.items() if key != word}
    elif isinstance(value[first], str | int | float) and (entry := find_entry(category, first)) and entry.first:
        name, inner = first, {entry.first.name: value[first], **{key: value[key] for key in others}}
    elif all(find_entry(category, each) for each in value):
        return fill_template("put '- ' before each of them: - {first}: ...", first=first)
    else:
        given = ", ".join(f"{other}: ..." for other in others)
        hint = "indent what belongs to {first} further, or write {first}: {{given}}"
        return fill_template(hint, first=first, given=given)
    pairs = ", ".join(
        f"{key}: {clean(item) if isinstance(item, str) else show_value(item)}" for key, item in inner.items()
    )
    return fill_template("write {name}: {{pairs:.300}}", name=name, pairs=pairs)
