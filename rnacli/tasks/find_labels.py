"""The classes of a target: which ones the targets have, in which order, and what they are called."""

from rnacli.errors import CONFIG, RnaError
from rnacli.tables.alike import find_alike, tell_alike
from rnacli.tables.cells import find_distinct, join_spellings, sort_words, spell_labels
from rnacli.tasks.form import Form, Targets
from rnacli.tasks.heads import Head
from rnacli.words import clean, fill_template, list_words


def find_labels(form: Form, targets: Targets, head: Head) -> tuple[str, ...]:
    """Every label of the targets, numbers in their order, words in theirs; integers of a named source from 0 on.

    Those of several columns are their names, in the order of the columns.
    """
    if targets.values.ndim == 2:
        return tuple(map(str, range(len(targets.names)))) if targets.are_numbered else targets.names
    named = targets.classes is not None and targets.values.dtype.kind in "iu"
    if named:
        words = [str(i) for i in range(len(targets.classes or ()))]
    else:
        words = sort_words(join_spellings(spell_labels(find_distinct(targets.values)[0])))
    title, count = clean(targets.title), len(words)
    if count == 1:
        message = "{title:.300} has only one class, '{word}': nothing can be learnt"
        raise RnaError(message, place=targets.source, hint="add rows of another class", title=title, word=words[0])
    if form.encoding == "binary" and count != 2:
        layer = f"- dense: {{units: {count}, activation: softmax}}"
        loss = "loss: sparse_categorical_crossentropy"
        fits = head.units == count and head.activation == "softmax"
        hint = loss if fits else fill_template("{loss}, with the last layer {layer}", loss=loss, layer=layer)
        if (alike := find_alike(words)) and count - len(alike) == 2:
            hint = fill_template("{alike}: write them alike in the file", alike=tell_alike(*alike[0]))
        raise RnaError(
            "{name} is for 2 classes, and {title:.300} has {count}: {words:.300}",
            place=str(head.loss.place),
            exit_code=CONFIG,
            hint=hint,
            name=head.loss.name,
            title=title,
            count=count,
            words=show_labels(list(targets.classes or words)),
        )
    if not named and (count > 1000 or (count > 50 and count > targets.rows / 2)):
        raise RnaError(
            "{title:.300} has {count} different values in {rows} rows: {words:.300}; these are not classes",
            place=str(head.loss.place),
            exit_code=CONFIG,
            hint="to predict a number: loss: mean_squared_error",
            title=title,
            count=count,
            rows=targets.rows,
            words=show_labels(words),
        )
    return tuple(words)


def name_classes(labels: tuple[str, ...], targets: Targets) -> tuple[str, ...]:
    """What labels are called: as the config says, as the source says, or as they are. Raises ``RnaError``."""
    names = targets.class_names or targets.classes
    if names is None:
        return labels
    if len(names) != len(labels):
        raise RnaError(
            "class_names has {names} names, and {title} has {classes} classes: {labels:.300}",
            place=str(targets.place("dataset", "class_names")),
            exit_code=CONFIG,
            hint="one name for each class, in that order",
            names=len(names),
            title=targets.title,
            classes=len(labels),
            labels=show_labels(labels),
        )
    return names


def show_labels(labels: list[str] | tuple[str, ...]) -> str:
    """A few labels, for a message."""
    some = [clean(label, 30) for label in labels[:5]]
    return list_words(some, "and") if len(labels) <= 5 else ", ".join(some) + ", ..."
