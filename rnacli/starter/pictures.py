"""An experiment file inferred from a folder that holds a folder of pictures for each class."""

import copy
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli.data.class_folders import class_folders, find_parts, require_no_parts
from rnacli.document.comments import Comments, dump_commented, keep_unchanged
from rnacli.document.read import parse_document
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.load import default_name, read_config
from rnacli.experiment.override import apply_override
from rnacli.pictures.find import ENDINGS, list_pictures
from rnacli.pictures.survey import LONGEST, PicturesSurvey, survey_pictures
from rnacli.starter.cnn import convolutions
from rnacli.starter.notes import show_percent
from rnacli.starter.propose import Proposal, relative_name
from rnacli.tasks.positive import likely_positive
from rnacli.words import clean, count_things, fill_template, first_of, first_words

FEWEST = 5
"""Pictures of a class that three parts need."""


def propose_for_pictures(data: str, output: Path, overrides: Sequence[str] = ()) -> Proposal:
    """An experiment for the folder ``data`` of pictures, to be written to ``output``. Raises ``RnaError``."""
    folder = Path(data).expanduser()
    parts = find_parts(folder, data)
    pictures = {name: list_pictures(path, folder) for name, path in class_folders(parts.get("train", folder)).items()}
    pictures = {name: paths for name, paths in pictures.items() if paths}
    if not parts:
        require_no_parts(folder, [*pictures], ENDINGS)
    if len(pictures) < 2:
        message = "expected a folder of pictures for each class, such as cats/ and dogs/, and got {count}"
        hint = "or, for a table of paths: rna init --data FILE.csv --target COLUMN"
        raise RnaError(message, place=data, hint=hint, exit_code=CONFIG, count=len(pictures))
    small = () if parts else leave_out_small(pictures, data)
    survey = survey_pictures([path for paths in pictures.values() for path in paths])
    if survey is None:
        raise RnaError("none of its pictures can be read", place=data)
    counts = {name: len(paths) for name, paths in pictures.items()}
    images, name = relative_name(data, output.parent), default_name(output.stem)
    value, comments = compose_pictures(images, name, counts, survey, parts, small)
    opening = [
        fill_template(
            "Tells {count} classes of pictures apart.   rna train {quote}",
            count=len(counts),
            quote=shlex.quote(output.name),
        ),
        "",
        fill_template(
            "Written by rna init from {count:,} pictures, as a start: change what you like, and",
            count=sum(counts.values()),
        ),
        "rna check says whether it fits together. What each key means: rna schema --markdown",
    ]
    document = parse_document(dump_commented(value, comments, opening), str(output))
    for override in overrides:
        apply_override(document, override)
    changed = copy.deepcopy(document.value)
    read_config(document, output.parent)
    text = dump_commented(changed, keep_unchanged(comments, value, changed), opening)
    return Proposal(text, (*tell(data, counts, survey, parts), *filter(None, [tell_small(small)])))


def leave_out_small(pictures: dict[str, list[Path]], data: str) -> Sequence[str]:
    """Take the classes with too few pictures out of ``pictures``. Raises ``RnaError`` where fewer than two are left."""
    small = [name for name, paths in pictures.items() if len(paths) < FEWEST]
    if len(pictures) - len(small) < 2:
        rarest = min(pictures, key=lambda name: len(pictures[name]))
        message = "class '{name:.40}' has {count}: too few for training, validation and test"
        hint = "at least {fewest} pictures of each of two classes"
        count = count_things(len(pictures[rarest]), "picture")
        raise RnaError(message, place=data, hint=hint, name=rarest, count=count, fewest=FEWEST)
    for name in small:
        del pictures[name]
    return small


def tell_small(small: Sequence[str]) -> str:
    """What is said of the classes that are left out."""
    names = first_of([clean(name, 30) for name in small])
    said = "left out, with fewer than {fewest} pictures, too few for training, validation and test: {names}"
    return fill_template(said, fewest=FEWEST, names=names) if small else ""


def compose_pictures(
    images: str,
    name: str,
    counts: dict[str, int],
    survey: PicturesSurvey,
    parts: dict[str, Path],
    small: Sequence[str] = (),
) -> tuple[dict[str, Any], Comments]:
    """The experiment as plain data, and the comments on its keys; ``small``: the classes that are left out."""
    comments, total = Comments(), sum(counts.values())
    likeliest = max(counts, key=lambda each: counts[each])
    dataset: dict[str, Any] = {"images": images, "image_size": list(survey.image_size)}
    comments.beside["dataset", "images"] = "a folder for each class" + (", in one for each part" if parts else "")
    names = list(counts)
    positive = names[likely_positive(names, names, list(counts.values()))] if len(names) == 2 else ""
    if small:
        dataset["class_names"] = sorted(names, key=lambda each: each == positive)  # the last of two is the positive one
        comments.above["dataset", "class_names"] = tell_small(small)
    size = fill_template("height, width; most are {height} x {width}", height=survey.height, width=survey.width)
    comments.beside["dataset", "image_size"] = fill_template(
        "{size:.300}, and up to {longest} are learnt from in minutes", size=size, longest=LONGEST
    )
    if survey.is_grey:
        dataset["color_mode"] = "grayscale"
        comments.beside["dataset", "color_mode"] = "none of them has colours"
    shifts = {"height_factor": 0.1, "width_factor": 0.1, "fill_mode": "nearest"}
    dataset["augment"] = [
        {"random_translation": shifts},
        {"random_zoom": {"height_factor": 0.1, "fill_mode": "nearest"}},
    ]
    comments.above["dataset", "augment"] = (
        "each picture is changed a little, in training only; random_flip: horizontal too, where left may be right"
    )
    dataset["scale"] = {"rescale": 255}
    comments.beside["dataset", "scale"] = "pixels from 0 to 1"
    wanted = {part: share for part, share in (("test", 0.2), ("validation", 0.15)) if part not in parts}
    if wanted:
        dataset["split"] = wanted | {"stratify": True}
        comments.beside["dataset", "split"] = "drawn with the seed; classes alike"
    several = len(counts) > 2
    layers = [
        *convolutions(survey.image_size),
        {"dropout": 0.3},
        {"dense": {"units": 64, "activation": "relu"}},
        {"dense": {"units": len(counts) if several else 1, "activation": "softmax" if several else "sigmoid"}},
    ]
    comments.beside["layers", 0] = "looks for small shapes; each layer below for larger ones, on half the size"
    comments.beside["layers", len(layers) - 3] = "in each step, three numbers in ten are left out: against overfitting"
    head = (
        "one unit a class: their probabilities"
        if several
        else fill_template("the probability of {positive}", positive=clean(positive, 40))
    )
    comments.beside["layers", len(layers) - 1] = head
    comments.beside["metrics",] = fill_template(
        "baseline, always '{likeliest}': right in {counts:.2f} of all cases",
        likeliest=clean(likeliest, 40),
        counts=counts[likeliest] / total,
    )
    comments.beside["epochs",] = "at most: early_stopping ends it"
    comments.beside["callbacks",] = "when val_loss has not fallen for 10 epochs, back to the best one"
    batch = next(size for size in (32, 16, 8, 4) if 8 * size <= total or size == 4)
    comments.beside["batch_size",] = "pictures a step; fewer where there are less than 256"
    training = {
        "loss": "sparse_categorical_crossentropy" if several else "binary_crossentropy",
        "optimizer": {"adam": {"learning_rate": 0.001}},
        "metrics": ["accuracy"],
        "epochs": 60,
        "batch_size": batch,
        "callbacks": [{"early_stopping": {"patience": 10, "restore_best_weights": True}}],
    }
    return {"name": name, "dataset": dataset, "layers": layers, **training}, comments


def tell(data: str, counts: dict[str, int], survey: PicturesSurvey, parts: dict[str, Path]) -> list[str]:
    """What was seen, line by line."""
    total = sum(counts.values())
    grey = fill_template("grey" if survey.is_grey else "in colours")
    said = "{total:,} pictures, {grey}, most of {height} x {width}"
    if parts:
        said = "{total:,} training pictures, {grey}, most of {height} x {width}"
    what = fill_template(said, total=total, grey=grey, height=survey.height, width=survey.width)
    shares = [f"{clean(name, 30)} {show_percent(count / total)}" for name, count in counts.items()]
    lines = [
        f"{clean(data, 300)}: {what}",
        fill_template("classes: {shares:.500}", shares=first_words(shares, 8)),
    ]
    return [*lines, fill_template("parts: {parts}", parts=", ".join(parts))] if parts else lines
