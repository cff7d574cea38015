"""What does not fit where a layer is a whole network of Keras."""

from collections.abc import Sequence

from rnacli.errors import DATA, Problem, RnaError
from rnacli.experiment.config import Config
from rnacli.networks.applications import IMAGENET
from rnacli.networks.plan import LayerPlan
from rnacli.networks.pretrained import described_digest, imagenet_path, locate_weights


def require_weights(config: Config, offline: bool) -> None:
    """Refuse weights that are not there; those of ImageNet apart. Raises ``RnaError``."""
    for spec in config.applications:
        if spec.arguments["weights"] not in (None, IMAGENET):
            locate_weights(spec, None, config.folder, offline)


def missing_weights(config: Config, layers: Sequence[LayerPlan], offline: bool) -> list[Problem]:
    """Weights of ImageNet that training would have to download. Raises ``RnaError`` where it may not."""
    files = {layer.imagenet_file for layer in layers if layer.imagenet_file}
    missing = [file for file in files if not imagenet_path(file).is_file()]
    place = next((str(spec.place) for spec in config.applications), "")
    message, hint = (
        "weights of ImageNet are not here: training downloads them",
        "from {url:.200} to {path:.300}{digest}",
    )
    if offline and missing:
        message, hint = (
            "weights of ImageNet are not here, and rna is to stay offline",
            "put {url:.200} at {path:.300}{digest}",
        )
    problems = [
        Problem(message, place, hint, url=file.url, path=imagenet_path(file), digest=described_digest(file))
        for file in missing
    ]
    if offline and problems:
        raise RnaError.of(problems, DATA)
    return problems
