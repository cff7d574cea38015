"""The seeds that a network is trained with besides its own, to see how much of what it reaches is luck."""

from typing import Any

from rnacli.experiment.config import Config
from rnacli.schema.reader import INVALID, Reader


def other_seeds(config: Config) -> list[int]:
    """The seeds that the network is trained with besides its own: the numbers after it, or those of a list."""
    if config.seeds is None:
        return []
    every = range(config.seed, config.seed + config.seeds) if isinstance(config.seeds, int) else config.seeds
    return list(dict.fromkeys(seed % 2**32 for seed in every if seed != config.seed))


def check_seeds(values: dict[str, Any], reader: Reader) -> None:
    """Seeds are of one network, with one split, that is measured; an ensemble is made of them."""
    seeds, ensemble, dataset = values.get("seeds"), values.get("ensemble"), values.get("dataset")
    if seeds is not None and seeds is not INVALID:
        if values.get("generator"):
            reader.wrong(("seeds",), "a generator has no figures that could be luck", "remove seeds")
        if dataset is not None and dataset is not INVALID and dataset.split.folds:
            message = "folds and seeds are two ways to see how much of a figure is luck"
            reader.wrong(("seeds",), message, "split: {folds: 5, repeats: 3}, or remove folds")
        if seeds == (values.get("seed", 0),):
            reader.wrong(("seeds",), "it is the seed of the run itself", "seeds: 20, or a list of others")
    if ensemble is True and seeds is None:
        message = "an ensemble is the mean of networks of several seeds, and seeds is missing"
        reader.wrong(("ensemble",), message, "seeds: 20 beside it")
