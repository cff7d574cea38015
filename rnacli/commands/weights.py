"""``rna weights``: what each layer has learnt."""

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, RunName, RunsFolder
from rnacli.terminal.console import print_result, print_table, standard_output
from rnacli.terminal.startup import import_engine
from rnacli.words import fill_template

if TYPE_CHECKING:
    import numpy as np

    from rnacli.runs.folder import Run


def weights(
    run: RunName,
    *,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every single weight, as CSV.")] = False,
    runs: RunsFolder = RUNS,
) -> None:
    """Show what each layer has learnt."""
    from rnacli.runs.find import find_run

    arrays = load_weights(find_run(run, runs))
    if as_csv:
        write_weights(arrays, standard_output())
    else:
        for name, array in arrays.items():
            show_weights(name, array)


def load_weights(run: "Run") -> "dict[str, np.ndarray]":
    """The weights of a run by the names of its file, without TensorFlow where NumPy can name them.

    Raises ``RnaError``.
    """
    from rnacli.results.numpy_answers import light_weights
    from rnacli.runs.open import load_run

    trained = load_run(run)
    arrays = light_weights(trained)
    if arrays is None:
        import_engine()
        from rnacli.networks.restore import restore_network
        from rnacli.networks.weights import get_weights

        arrays = get_weights(restore_network(trained))
    names = dict(zip(trained.config.keras_names, trained.config.layer_names, strict=True))
    # The number before the first slash keeps names apart; a reader has no use for it.
    paths = [path.split("/")[1:] for path in arrays]
    return {
        "/".join([names.get(layer, layer), *within]): array
        for (layer, *within), array in zip(paths, arrays.values(), strict=True)
    }


def write_weights(arrays: "Mapping[str, np.ndarray]", file: IO[str]) -> None:
    """Every weight as a CSV row: name, index in the array (``2 0``), value with all its digits."""
    import numpy as np

    from rnacli.tables.safe_cells import safe_cell, safe_row

    file.write(safe_row(["weight", "index", "value"]))
    for name, array in arrays.items():
        cell = safe_cell(name)
        file.writelines(
            f"{cell},{' '.join(map(str, index))},{value.item()!r}\n" for index, value in np.ndenumerate(array)
        )


def show_weights(name: str, array: "np.ndarray") -> None:
    """One array: its figures, and its numbers if they are few enough to read."""
    shape = " x ".join(map(str, array.shape)) or "1"
    numbers = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    said = "{name}  {shape}  mean {mean:.4g}  deviation {deviation:.4g}" if numbers.size > 1 else "{name}  {shape}"
    summary = fill_template(said, name=name, shape=shape, mean=numbers.mean(), deviation=numbers.std())
    if numbers.shape[1] > 12 or numbers.shape[0] > 20:
        print_result(
            fill_template(
                "{summary:.300}  from {low:.4g} to {high:.4g}", summary=summary, low=numbers.min(), high=numbers.max()
            )
        )
        return
    print_result(summary)
    columns = ("", *(fill_template("unit {i}", i=i + 1) for i in range(numbers.shape[1])))
    rows = [(f"{i + 1}", *row) for i, row in enumerate(numbers.astype(float).tolist())]
    print_table(columns, rows)
