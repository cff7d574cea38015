"""Outputs of a network as probabilities."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def as_probabilities(outputs: np.ndarray, activation: str) -> np.ndarray:
    """Outputs (n, units) as probabilities, float64: a logit by its ``activation``, a margin from -1 to 1.

    What comes before a step gives 0 or 1; at 0, ``heaviside`` gives 1 and ``sign`` a half.
    """
    outputs = np.asarray(outputs, dtype="float64").reshape(len(outputs), -1)
    if activation == "sigmoid":
        return sigmoid(outputs)
    if activation == "margin":
        return np.asarray(np.clip((outputs + 1) / 2, 0, 1))
    if activation == "heaviside":
        return np.asarray(outputs >= 0, "float64")
    if activation == "sign":
        return np.asarray((np.sign(outputs) + 1) / 2)
    return softmax(outputs) if activation == "softmax" else outputs
