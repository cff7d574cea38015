"""What one output of a network is for: how targets go in, and what outputs mean.

A task is one file of this folder. ``choose`` takes the one that suits the loss, the last layer and the targets; it then
learns from the targets what its labels or its scale are.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rnacli.errors import Problem, RnaError
from rnacli.schema.keras_object import KerasSpec
from rnacli.tasks.form import OUTPUT_ACTIVATIONS, Answer, Form, Kept, Scores, Targets
from rnacli.tasks.heads import Head
from rnacli.words import count_things, fill_template

if TYPE_CHECKING:
    from typing import Self

    import numpy as np

    from rnacli.encoders.encoder import Linear


class Task:
    """What an output is for, with what was learnt of its targets: a frozen dataclass, one in a file.

    What stands here holds for classes and labels, where outputs are probabilities; a task says what is otherwise with
    it.
    """

    kinds: ClassVar[tuple[str, ...]]
    encodings: ClassVar[tuple[str, ...]]
    activations: ClassVar[tuple[str, ...]] = OUTPUT_ACTIVATIONS
    """Which ``Form`` has these."""
    compares_input: ClassVar[bool] = False
    """Whether outputs are compared with the input itself, of which there is then no second copy."""
    answers: ClassVar[bool] = True
    """Whether there is an answer for each row, which is scored, drawn and written."""
    form: Form
    targets: tuple[str, ...]
    """The names of the target columns."""
    labels: tuple[str, ...]
    """The labels as the data write them, in the order of the outputs; none of numbers."""
    classes: tuple[str, ...]
    """What the labels are called."""
    row_classes: tuple[str, ...] = ()
    """What the classes of rows are called that are told beside the outputs, and not predicted."""

    @property
    def threshold(self) -> float | None:
        """The probability above which a row is of the second of two classes, or has a label; ``None``: none is."""
        return None

    @property
    def positive(self) -> str | None:
        """What the second of two classes is called, which precision, recall and a threshold are about."""
        return None

    @property
    def has_probabilities(self) -> bool:
        """Whether answers have probabilities."""
        return bool(self.labels)

    @property
    def head_activation(self) -> str:
        """The activation of a last layer that gives probabilities."""
        return "sigmoid"

    @property
    def linear(self) -> "Linear | None":
        """How targets become what the network learns, where that is all that is done with them."""
        import numpy as np

        return np.zeros(()), np.ones(())

    @property
    def target_columns(self) -> tuple[str, ...]:
        """The columns of a table, or of another file, that hold the targets."""
        return self.targets

    @property
    def numbers(self) -> tuple[str, ...]:
        """The targets that are predicted as numbers."""
        return ()

    @property
    def units(self) -> int | None:
        """The units of a last layer that leaves them out; ``None`` where it may not."""
        return None

    @property
    def scaled(self) -> Sequence[str]:
        """The targets that are scaled for the network, with what 1 stands for."""
        return ()

    @classmethod
    def choose(cls, head: Head, target: "np.ndarray", name: str, separated: bool) -> Form | None:
        """The form of this task, if the target is for it. Raises ``RnaError`` where it is, but does not fit."""
        raise NotImplementedError

    @classmethod
    def learn(cls, form: Form, targets: Targets, head: Head) -> "Self":
        """The task of these targets. Raises ``RnaError``."""
        raise NotImplementedError

    @classmethod
    def load(cls, form: Form, kept: Kept) -> "Self":
        """The task of a run. Raises ``ValueError``."""
        raise NotImplementedError

    def keep(self) -> Kept:
        """What is kept of it in a run."""
        raise NotImplementedError

    def with_threshold(self, threshold: float) -> "Task":
        """The same with another threshold."""
        raise NotImplementedError

    def encode(self, y: "np.ndarray") -> "np.ndarray":
        """Raw targets as the loss wants them. Raises ``RnaError`` that names an unknown label."""
        raise NotImplementedError

    def truth(self, y: "np.ndarray") -> "np.ndarray":
        """Raw targets in the form of ``Answer.predicted``; -1 for an unknown class."""
        raise NotImplementedError

    def compare(self, outputs: "np.ndarray", inputs: "Callable[[], Mapping[str, np.ndarray]]") -> "np.ndarray":
        """What ``read`` takes: outputs (n, ...) themselves, or what is left of them beside the ``inputs``."""
        return outputs

    def reconstruction(
        self, run: "Callable[[np.ndarray], tuple[Mapping[str, np.ndarray], np.ndarray]]"
    ) -> "Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None":
        """From raw inputs to what is to be given back, and what is; ``run`` gives inputs and outputs; mostly none."""
        return None

    def read(self, outputs: "np.ndarray") -> Answer:
        """What outputs (n, units) mean."""
        raise NotImplementedError

    def score(self, truth: "np.ndarray", answer: Answer, call: Callable[..., Any]) -> Scores:
        """How good an answer is. ``call`` runs a function of ``scores`` with its arguments."""
        raise NotImplementedError

    # Predictions

    def names(self, predicted: "np.ndarray") -> list[str]:
        """The words for ``Answer.predicted``."""
        raise NotImplementedError

    def columns(self, only: str = "all") -> list[str]:
        """The columns of predictions; ``only``: ``all``, ``label`` or ``probabilities``."""
        probabilities = [f"probability_{name}" for name in self.classes]
        return [*(["prediction"] * (only != "probabilities")), *(probabilities if only != "label" else [])]

    def cells(self, answer: Answer, only: str = "all") -> "tuple[list[list[str]], np.ndarray]":
        """Texts, a list a column, and behind them numbers (n, k), under ``columns``."""
        predicted, probabilities = answer
        if probabilities is None:
            raise TypeError("classes have probabilities")
        texts = [self.names(predicted)] if only != "probabilities" else []
        return texts, probabilities[:, :0] if only == "label" else probabilities

    def compared_columns(self) -> list[str]:
        """The columns of ``predictions.csv`` behind those that name the row."""
        return ["truth", *self.columns()]

    def compared_cells(self, truth: "np.ndarray", answer: Answer) -> "tuple[list[list[str]], np.ndarray]":
        """As ``cells``, under ``compared_columns``."""
        texts, numbers = self.cells(answer)
        return [self.names(truth), *texts], numbers

    # Checks

    def shape_problems(self, head: Head, outputs: tuple[int | None, ...]) -> list[Problem]:
        """Why rows of outputs of such a shape cannot be for this."""
        if len(outputs) == 1:
            return []
        return [
            Problem(
                "expected one number for each class, got rows of shape {outputs:.300} from the last layer ({name})",
                str(head.last.place),
                "write - flatten above the last dense layer",
                outputs=outputs,
                name=head.last.name,
            )
        ]

    def problems(self, head: Head, units: int) -> list[Problem]:
        """Why an output of so many ``units`` cannot be for this."""
        raise NotImplementedError

    def loss_doubts(self, head: Head, y: "np.ndarray", is_table: bool) -> list[Problem]:
        """Raw training targets (n, ...) that loss or last activation do not suit."""
        return []

    def target_doubts(self, y: "np.ndarray") -> list[Problem]:
        """Raw training targets (n, ...) from which something cannot be learnt."""
        return []

    def metric_problems(self, metric: KerasSpec, loss: str) -> list[Problem]:
        """Why a metric cannot compare the targets in the form that the loss takes them."""
        return []

    def metric_doubts(self, metric: KerasSpec) -> list[Problem]:
        """Why a metric hardly says what is meant."""
        return []

    def derive(self, crossentropy: float) -> dict[str, float]:
        """What is told beside a mean crossentropy, since it says the same in another way."""
        return {}

    def default_metrics(self) -> tuple[KerasSpec, ...]:
        """The metrics that suit, where the file names none."""
        raise NotImplementedError

    def accuracy_threshold(self, head: Head) -> float | None:
        """Above which output ``accuracy`` counts a yes, where Keras would choose another one."""
        return None

    def notes(self, y: "np.ndarray") -> list[str]:
        """What to say of the raw training targets (n, ...)."""
        return []

    def count_classes(self, y: "np.ndarray") -> list[int]:
        """How many rows each class has; empty where a row has not one class."""
        return []

    def decisions(self, y: "np.ndarray", outputs: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        """What a threshold decides: 0 or 1 (m,), and the probability of 1 (m,); where there is a ``threshold``."""
        raise NotImplementedError

    def refuse_threshold(self) -> str:
        """Why there is no threshold; empty where there is one."""
        return ""

    @staticmethod
    def refuse_stratify(target: str, y: "np.ndarray") -> str:
        """Why rows of raw targets ``y`` cannot be drawn in equal shares of each class; empty where they can."""
        return ""

    def refuse_class_weight(self) -> str:
        """Why there are no weights of classes; empty where there are."""
        return ""

    @staticmethod
    def check_rows(y: "np.ndarray", names: Sequence[str], place_of: Callable[[int], str]) -> None:
        """Refuse raw targets (n, ...) of which a row cannot be learnt; ``place_of``: where a row stands."""

    def check(self, y: "np.ndarray", shown: str) -> None:
        """Refuse raw targets of another file that are none. Raises ``RnaError``."""


def are_bits(target: "np.ndarray") -> bool:
    """Whether targets are all 0 or 1; a missing one does not count."""
    import numpy as np

    return bool(((target == 0) | (target == 1) | np.isnan(target.astype("float64"))).all())


def wrong_units(head: Head, units: int, wanted: int, what: str, hint: str) -> list[Problem]:
    """The problem of a last layer that has not the ``wanted`` units."""
    if units == wanted:
        return []
    message = (
        "the last layer ({name}) has {has}, and {what:.200} wants {wanted}"
        if wanted == 1
        else "the last layer ({name}) has {has}, and {what:.200} want {wanted}"
    )
    has = count_things(units, "unit")
    return [
        Problem(
            message, str(head.last.place), hint, name=head.last.name, has=has, what=fill_template(what), wanted=wanted
        )
    ]


def dense_hint(head: Head, units: int, activation: str) -> str:
    """A last layer that would do."""
    return f"- dense: {units}" if head.from_logits else f"- dense: {{units: {units}, activation: {activation}}}"


def unknown_label(label: str, row: int, labels: Sequence[str], targets: Sequence[str]) -> RnaError:
    """The error for a label that no training row had; ``row`` counts from 0."""
    from rnacli.document.write import name_hint
    from rnacli.words import did_you_mean

    more = fill_template(" and {count} more", count=len(labels) - 20) if len(labels) > 20 else ""
    near = next((other for other in labels if label.startswith(other) or label.endswith(other)), "")
    odd = label.replace(near, "", 1) if near else ""
    hint = did_you_mean(label, labels) or fill_template("known: {some:and}{more}", some=labels[:20], more=more)
    if odd and not any(c.isalnum() for c in odd):
        hint = name_hint(targets[0], "if it means '{near}': columns: {{column}: {strip: '{odd}'}}", near=near, odd=odd)
    message = "'{label}' (row {row}) is not one of the classes of {targets}"
    return RnaError(message, hint=hint, label=label, row=row + 1, targets=", ".join(targets))
