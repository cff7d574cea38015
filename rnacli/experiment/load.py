"""From a file and ``--set`` options to a frozen ``Config``, and back to a complete file."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rnacli.data.kind import DataSet
from rnacli.data.kinds import DatasetKind, sizes_left_out
from rnacli.document.read import Document, load_document
from rnacli.document.write import dump_yaml
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.adversarial import complete_sides
from rnacli.experiment.callbacks import check_callbacks
from rnacli.experiment.check_tune import check_tune
from rnacli.experiment.checks import (
    check_found_rates,
    check_split,
    check_state,
    check_validation_data,
    check_vocabulary_sizes,
)
from rnacli.experiment.config import EXPERIMENT, Config, fit_name, key_of_the_top_level
from rnacli.experiment.graph import is_taken, network_names, taken_names
from rnacli.experiment.measures import check_metric_names
from rnacli.experiment.outputs import check_network, named_layers
from rnacli.experiment.override import apply_override
from rnacli.experiment.phase import complete_phases
from rnacli.experiment.references import resolve_references
from rnacli.experiment.repeat import expand_repeats
from rnacli.experiment.samples import check_samples
from rnacli.experiment.seeds import check_seeds
from rnacli.experiment.step_activations import check_steps
from rnacli.experiment.trial import changed_document, copy_document
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import keys


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """The experiment in a YAML file, with ``key=value`` overrides applied; every mistake is reported at once.

    Raises ``RnaError`` with exit code 2 and one problem for each mistake.
    """
    document = load_document(path)
    for override in overrides:
        apply_override(document, override)
    return read_config(document, path.parent, default_name(path.stem))


def read_config(document: Document, folder: Path, name: str = "experiment") -> Config:
    """The experiment in a document that has been read; paths in it start from ``folder``."""
    networks = network_names(document.value)
    new = [name for name in networks if not is_taken(name)]
    reader = Reader(document.place, new, named_layers(document.value), sizes_left_out(document.value))
    reader.report_faults(taken_names(networks))
    if isinstance(document.value, dict):
        document.value.setdefault("name", name)
    is_tuned = isinstance(document.value, dict) and document.value.get("tune") is not None
    written = copy_document(document) if is_tuned else None
    document.value = resolve_references(document.value, reader)
    expand_repeats(document, reader)
    values = EXPERIMENT.read_keys(document.value, (), reader)
    if values is not INVALID:
        complete_sides(values, reader, {name: field.metadata["doc"] for name, field in keys(Config).items()})
        complete_phases(values, reader)
        check_split(values, reader)
        check_validation_data(values, reader)
        check_network(values, reader)
        check_steps(values, reader)
        check_vocabulary_sizes(values, reader)
        check_state(values, reader)
        check_samples(values, reader)
        check_seeds(values, reader)
        check_found_rates(values, reader)
        check_metric_names(values, reader)
        check_callbacks(values, reader)
    if reader.problems:
        raise RnaError.of(reader.problems, CONFIG)
    if values.get("tune") is not None:
        values["tune"] = dataclasses.replace(values["tune"], document=written)
    config = Config(**values, document=document, folder=folder)
    check_tune(config, reader, lambda changed: read_config(changed, folder, config.name))
    if reader.problems:
        raise RnaError.of(reader.problems, CONFIG)
    return config


def read_trial(config: Config, values: Mapping[str, Any]) -> Config:
    """The experiment of a trial: the file with the ``values`` of some keys of its search. Raises ``RnaError``."""
    if config.tune is None:
        raise TypeError("this experiment has no search")
    return read_config(changed_document(config.tune, values), config.folder, config.name)


def read_dataset(document: Document) -> DataSet:
    """The data set of a document that has nothing else. Raises ``RnaError`` as ``read_config`` does."""
    reader = Reader(document.place)
    plain = resolve_references(document.value, reader)["dataset"]
    dataset: DataSet = DatasetKind(key_of_the_top_level).read(plain, ("dataset",), reader)
    check_split({"dataset": dataset}, reader)
    if reader.problems:
        raise RnaError.of(reader.problems, CONFIG)
    return dataset


def dump_config(config: Config) -> str:
    """The experiment as a complete YAML file: every default written out; reading it gives an equal ``Config``."""
    plain = EXPERIMENT.plain(config)
    if not config.layers:
        plain.pop("layers")
    return dump_yaml(plain)


def default_name(stem: str) -> str:
    """A run's name from a file's name."""
    return fit_name(stem) or "experiment"
