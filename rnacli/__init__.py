"""Train, evaluate and use the neural networks that a YAML file describes."""

__version__ = "0.1.0"
