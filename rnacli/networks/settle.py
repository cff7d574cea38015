"""What layers follow from the data, where the file leaves it out."""

from collections.abc import Mapping

from rnacli.encoders.encoder import InputSpec
from rnacli.experiment.config import Config
from rnacli.networks.grey import add_channel
from rnacli.networks.vocabulary import fill_vocabulary_sizes


def settle_layers(config: Config, inputs: Mapping[str, InputSpec]) -> Config:
    """The config with layers that are complete for these inputs. Raises ``RnaError``."""
    return add_channel(fill_vocabulary_sizes(config, inputs), inputs)
