"""Tables of any kind, written in any way: read as they are, or refused by the column and the line at fault."""

import dataclasses
import datetime
import io
import math
import re
import tempfile
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow
import pytest
from fixtures import arrays_of, beside_one_another, embeddings_of, one_input, only_task, problem_of, raw_inputs
from hypothesis import assume
from hypothesis import strategies as st
from pyarrow import parquet
from strategies import LARGEST, Written, cells, each, encodable, examples, number, outcome, tables

from rnacli.data.examples import Examples
from rnacli.data.table import read_table
from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml, yaml_flow
from rnacli.engine.numpy_forward import BLOCK, numpy_forward, numpy_weights
from rnacli.errors import RnaError
from rnacli.examples.learnt import load_preprocessing
from rnacli.examples.load import Data, load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, load_config, read_config
from rnacli.results.predict import predict_rows
from rnacli.runs.folder import Run
from rnacli.runs.weights import dump_arrays
from rnacli.starter.propose import propose_experiment
from rnacli.words import clean

INFINITE = re.compile("[-+]?inf(inity)?", re.IGNORECASE)
TRUE, FALSE = {"true", "yes", "t", "y", "on", "1"}, {"false", "no", "f", "n", "off", "0"}
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2})?Z?")


def faults(column: list[str | None], decimal: str) -> list[int] | None:
    """The rows at fault in a column that is judged by its cells; ``None`` where the column as a whole is."""
    there = [(i, cell) for i, cell in enumerate(column) if cell is not None]
    if not there:
        return None
    infinite = all(number(cell.replace(decimal, "."), ".") is not None or INFINITE.fullmatch(cell) for _, cell in there)
    values = {i: number(cell, decimal) for i, cell in there}
    bad = [i for i, value in values.items() if value is None or abs(value) > LARGEST]
    # 1.5 among decimal commas is a number, and at fault.
    numeric = sum(number(cell.replace(decimal, "."), ".") is not None for _, cell in there)
    return bad if infinite or 2 * numeric > len(there) else []


def decoded(rows: Examples, name: str) -> list[float | str | None]:
    """What was read of a column: numbers, or words."""
    values = rows.column(rows.features.index(name), np.arange(len(rows.y))).tolist()
    known = rows.words.get(name)
    return [None if math.isnan(value) else known[int(value)] if known else value for value in values]


def meant(column: list[str | None], decimal: str) -> list[float | str | None]:
    """What is to be read of a column without faults."""
    there = [cell for cell in column if cell is not None]
    if all(re.fullmatch("0[0-9]+", cell) or number(cell, decimal) is not None for cell in there):
        if any(re.fullmatch("0[0-9]+", cell) for cell in there):
            return list(column)
        return [None if cell is None else number(cell, decimal) for cell in column]
    if {cell.lower() for cell in there} <= TRUE | FALSE:
        return [None if cell is None else float(cell.lower() in TRUE) for cell in column]
    if all(map(DATE.fullmatch, there)):
        return [None if cell is None else seconds(cell) for cell in column]
    return list(column)


def seconds(cell: str) -> float:
    moment = datetime.datetime.fromisoformat(cell)
    return (moment.replace(tzinfo=None) - datetime.datetime(1970, 1, 1)).total_seconds()


def check_reading(written: Written) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = written.write(Path(folder))
        wrong: dict[str, list[int] | None] = {}
        for j, name in enumerate(written.features):
            if (bad := faults(written.column(j), written.decimal)) != []:
                wrong[name] = bad
        gaps = [i for i, cell in enumerate(written.column(-1)) if cell is None]
        if gaps:
            wrong[written.names[-1]] = gaps
        rows, error = outcome(read_table, made.dataset, made.where(Path(folder) / "cache"))
        if error:
            check_refusal(written, wrong, error)
            return
        assert not wrong
        assert rows.features == written.features
        for j, name in enumerate(written.features):
            assert decoded(rows, name) == meant(written.column(j), written.decimal), (name, rows.kinds[name])
        target = written.column(-1)
        assert rows.y.tolist() == (
            target if written.classes else [number(cell or "", written.decimal) for cell in target]
        )


def may_be_dates(written: Written, name: str) -> bool:
    """Whether a column has dates and other words, which is refused where most are dates."""
    there = [cell for cell in written.column(written.features.index(name)) if cell is not None]
    return 0 < sum(DATE.fullmatch(cell) is not None for cell in there) < len(there)


def check_refusal(written: Written, wrong: dict[str, list[int] | None], error: RnaError) -> None:
    """Each problem names a column that is at fault and, where a single cell is, its line."""
    lines = written.lines()
    wrong = {name: None for name in written.features if may_be_dates(written, name)} | wrong
    for problem in error.problems:
        named = [name for name in wrong if f"column '{clean(name, 40)}'" in problem.message]
        assert named, error
        assert problem.hint, error
        bad = wrong[named[0]]
        places = ["t.csv"] if bad is None else [f"t.csv:{lines[i]}" for i in bad]
        assert problem.place in places, (error, wrong, lines)


@examples(80, 5000)
def test_what_is_written_is_read(count: int) -> None:
    each(tables(), count, check_reading)


def check_found(written: Written) -> None:
    """What the file itself shows of its form is what is so, or nothing is read."""
    with tempfile.TemporaryDirectory() as folder:
        made = written.write(Path(folder))
        stated = read_table(made.dataset, made.where(Path(folder) / "cache"))
        made = written.write(Path(folder), delimiter="auto", decimal="auto")
        found, error = outcome(read_table, made.dataset, made.where(Path(folder) / "cache"))
        if error:
            assert all(problem.place for problem in error.problems), error
            return
    assert found.y.tolist() == stated.y.tolist()
    assert all(decoded(found, name) == decoded(stated, name) for name in stated.features)


@examples(20, 1500)
def test_a_form_that_is_found_is_the_right_one(count: int) -> None:
    each(tables(clean=True), count, check_found)


@pytest.mark.parametrize(
    ("columns", "refused"),
    [
        ({"a": ["1"] * 30, "y": list("01") * 15}, ""),
        ({"a": [""] * 30, "y": list("01") * 15}, "column 'a': every value is missing"),
        ({"a": ["1", "2", *["x"] * 28], "y": ["only"] * 30}, "y has only one class, 'only'"),
        ({"a": [f"w{i}" for i in range(10_000)], "y": list("01") * 5000}, "column 'a' has 10,000 different words"),
        ({"a": ["1"], "y": ["1"]}, "there are 1 rows: none are left for training"),
        ({"a": [], "y": []}, "there are no rows below the header"),
        ({"a": ["1", "inf", "3"], "y": list("010")}, "column 'a': expected a number, got 'inf'"),
        ({"a": ["1", "2", "3", "1e39"], "y": list("0101")}, "column 'a': 1e39 is too large"),
    ],
)
def test_odd_tables(tmp_path: Path, columns: dict[str, list[str]], refused: str) -> None:
    rows = tuple(zip(*columns.values(), strict=True))
    written = Written(tuple(columns), rows, ("words", "words"), classes=True)
    made = written.write(tmp_path, split={"test": 0.2})
    if not refused:
        assert raw_inputs(load_data(made, tmp_path / "cache").rows).tolist() == [[1]] * 30
        return
    problem = problem_of(load_data, made, tmp_path / "cache")
    assert refused in problem.message
    assert problem.place
    assert problem.hint or not rows


def test_ten_thousand_categories_are_learnt_where_the_config_says_how(tmp_path: Path) -> None:
    rows = tuple((f"w{i}", "01"[i % 2]) for i in range(10_000))
    written = Written(("a", "y"), rows, ("words", "words"), classes=True)
    said = {"columns": {"a": {"encode": "embedding", "dimensions": 4}}}
    data = load_data(written.write(tmp_path, **said), tmp_path / "cache")
    assert embeddings_of(data.preprocessing.encoder) == (("a", 10_001, 4),)
    assert sorted(inputs(data)[:, 0].tolist()) == list(range(10_000))


# What is learnt


def loaded(written: Written, folder: Path, **changes: Any) -> Data:
    """The table's data, where the config's wishes can be met."""
    made = written.write(folder, **changes)
    data, error = outcome(load_data, made, folder / "cache")
    assert error is None or LEARNT_NOTHING.search(str(error)), error
    assume(error is None)
    return cast("Data", data)


LEARNT_NOTHING = re.compile("no category with|no value in any training row|do not fit float32|has only one class")


def inputs(data: Data) -> np.ndarray:
    return beside_one_another(data.preprocessing, raw_inputs(data.rows))


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[Written, list[int], list[int]]:
    """A table, and its rows and columns in another order; the target stays the last one."""
    written = draw(tables(clean=True))
    rows = draw(st.permutations(range(len(written.rows))))
    return written, rows, [*draw(st.permutations(range(len(written.features)))), len(written.features)]


def check_order(case: tuple[Written, list[int], list[int]]) -> None:
    """Rows and columns in another order are the same inputs, up to the order of a sum."""
    written, order, columns = case
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, second = loaded(written, Path(one)), loaded(written.permuted(order, columns), Path(other))
    known, learnt = first.preprocessing.columns, second.preprocessing.columns
    assert known is not None
    assert learnt is not None
    ours, theirs = (data.preprocessing.encoder.encode(raw_inputs(data.rows)) for data in (first, second))
    for column in known:
        if column.name in ours and column.name in theirs:  # embedded
            assert ours[column.name][order].tolist() == theirs[column.name].tolist()
        if column.name in known.starts:
            is_embedded = column.own_input is not None
            width = int(column.indicator) if is_embedded else len(column.inputs)
            at, there = known.starts[column.name], learnt.starts[column.name]
            one_ = ours[next(iter(known.together))][order][:, at : at + width]
            other_ = theirs[next(iter(learnt.together))][:, there : there + width]
            assert np.allclose(one_, other_, rtol=1e-5, atol=1e-5), column.name


@examples(25, 1500)
def test_the_order_of_rows_and_columns_does_not_matter(count: int) -> None:
    each(shuffled(), count, check_order)


@st.composite
def with_other_tests(draw: st.DrawFn) -> tuple[Written, Written]:
    """Two tables that differ in their last rows alone, the test part; targets are the same."""
    written = draw(tables(clean=True, least=4))
    held_out = draw(st.integers(1, len(written.rows) - 2))
    rows = [list(row) for row in written.rows]
    for row in rows[-held_out:]:
        row[:-1] = [encodable(draw(cells(kind, written.decimal)), written.encoding) for kind in written.kinds[:-1]]
    split = {"split": {"test": {"last": held_out}}}
    changed = dataclasses.replace(written, rows=tuple(map(tuple, rows)), quoted=frozenset())
    return dataclasses.replace(written, stated=written.stated | split), dataclasses.replace(
        changed, stated=written.stated | split
    )


def check_training_rows(case: tuple[Written, Written]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, second = (loaded(w, Path(f)) for w, f in zip(case, (one, other), strict=True))
    assert first.preprocessing.dump() == second.preprocessing.dump()


@examples(25, 1500)
def test_what_is_learnt_is_of_the_training_rows_alone(count: int) -> None:
    each(with_other_tests(), count, check_training_rows)


def check_kept(written: Written) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = loaded(written, Path(folder))
    again = load_preprocessing(data.preprocessing.dump(), "preprocessing.json", ["y"])
    assert np.array_equal(beside_one_another(again, raw_inputs(data.rows)), inputs(data))
    assert again.dump() == data.preprocessing.dump()
    assert np.isfinite(inputs(data)).all()


@examples(25, 1500)
def test_what_is_learnt_is_kept_to_the_last_bit(count: int) -> None:
    each(tables(clean=True), count, check_kept)


def check_stream(written: Written) -> None:
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("rnacli.data.table.CHUNK", 3)
        memory, disk = loaded(written, Path(one), stream=False), loaded(written, Path(other), stream=True)
        assert not disk.rows.x.resident
        assert memory.rows.x.resident
        assert disk.preprocessing.dump() == memory.preprocessing.dump()
        assert np.array_equal(raw_inputs(disk.rows), raw_inputs(memory.rows), equal_nan=True)
        assert disk.rows.y.tolist() == memory.rows.y.tolist()
        assert np.array_equal(arrays_of(disk, "train")[0], arrays_of(memory, "train")[0])


@examples(25, 1500)
def test_what_is_on_the_disk_is_what_is_in_memory(count: int) -> None:
    each(tables(clean=True), count, check_stream)


# Another format, and an experiment to start from


def check_parquet(written: Written) -> None:
    """The same columns in a Parquet file, numbers as numbers and booleans as booleans, are the same rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = written.write(folder)
        csv = read_table(made.dataset, made.where(folder / "cache"))
        (folder / "t.csv").unlink()
        columns = {name: typed(written, j) for j, name in enumerate(written.names)}
        parquet.write_table(pyarrow.table(columns), folder / "t.csv")
        parquet_rows = read_table(made.dataset, made.where(folder / "cache"))
    assert csv.kinds == parquet_rows.kinds
    assert csv.y.tolist() == parquet_rows.y.tolist()
    for feature in csv.features:
        assert decoded(csv, feature) == decoded(parquet_rows, feature)


def typed(written: Written, j: int) -> pyarrow.Array:
    """A column as Parquet has it: floats where all cells are numbers."""
    column = written.column(j)
    if (
        all(cell is None or number(cell, written.decimal) is not None for cell in column)
        and written.kinds[j] != "words"
    ):
        return pyarrow.array([None if cell is None else number(cell, written.decimal) for cell in column], "float64")
    return pyarrow.array(column, "string")


@examples(25, 1500)
def test_parquet_is_read_as_csv_is(count: int) -> None:
    each(tables(clean=True), count, check_parquet)


def check_proposal(written: Written) -> None:
    """An experiment that ``rna init --data`` writes can be read, and so can its data."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "t.csv").write_bytes(written.content())
        form = {key: yaml_flow(value) for key, value in written.dataset().items() if key in READING}
        overrides = [f"dataset.{key}={value}" for key, value in form.items()]
        arguments = (str(folder / "t.csv"), [written.names[-1]], folder / "e.yaml", folder / "cache")
        proposed, error = outcome(propose_experiment, *arguments, overrides=overrides)
        if error:
            assert all(problem.place or problem.hint for problem in error.problems), error
            return
        (folder / "e.yaml").write_text(proposed.text, "utf-8")
        made = load_config(folder / "e.yaml")
        _, error = outcome(load_data, made, folder / "cache")
        assert error is None or LEARNT_NOTHING.search(str(error)), (error, proposed.text)


READING = ("delimiter", "decimal", "encoding", "missing")


@examples(25, 1500)
def test_a_proposed_experiment_reads_its_table(count: int) -> None:
    each(tables(least=5) | tables(clean=True, least=5), count, check_proposal)


# Prediction


def check_prediction(case: tuple[Written, int]) -> None:
    """Rows some at a time, one alone and with columns in another order are predicted with the same digits."""
    written, alone = case
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        run = trained(loaded(written, folder), load_config(folder / "e.yaml"), folder / "run")
        whole = predicted(run, folder / "t.csv")
        patch.setattr("rnacli.results.new_examples.CHUNK", 2)
        assert predicted(run, folder / "t.csv") == whole
        columns = list(reversed(range(len(written.names))))
        (folder / "one.csv").write_bytes(written.permuted([alone], columns).content())
        assert predicted(run, folder / "one.csv") == [whole[0], whole[1 + alone]]


def trained(data: Data, made: Config, folder: Path) -> Run:
    """A run that has learnt from the table, with random weights."""
    run = Run(folder, {"status": "finished", "light": True})
    run.write("config.yaml", dump_config(made))
    run.write("preprocessing.json", data.preprocessing.dump())
    shapes = numpy_weights(made, data.preprocessing.encoder.inputs)
    assert shapes is not None
    random = np.random.default_rng(0)
    weights = {name: random.normal(size=shape).astype(kind) for name, (shape, kind) in shapes.items()}
    run.write("weights.npz", dump_arrays(weights))
    run.write("model.keras", b"")
    run.save()
    return run


def predicted(run: Run, path: Path) -> list[str]:
    output = io.StringIO()
    predict_rows(run, path, output)
    return output.getvalue().splitlines()


@st.composite
def with_one_row(draw: st.DrawFn) -> tuple[Written, int]:
    written = draw(tables(clean=True))
    for said in written.stated["columns"].values():
        if said.get("encode") == "embedding":
            said["encode"] = "one_hot"
    return written, draw(st.integers(0, len(written.rows) - 1))


@examples(25, 1500)
def test_a_row_is_predicted_alike_in_any_company(count: int) -> None:
    each(with_one_row(), count, check_prediction)


# Parts


@st.composite
def divided(draw: st.DrawFn) -> tuple[Written, dict[str, Any]]:
    written = draw(tables(clean=True, least=4, extra=("words",)))
    size = st.integers(1, 4) | st.floats(0.1, 0.4)
    split = draw(st.fixed_dictionaries({"test": size}, optional={"validation": size, "stratify": st.booleans()}))
    way = draw(st.sampled_from((None, None, "group", "order_by")))
    if way:
        split[way] = written.features[-1]
        del written.stated["columns"][written.features[-1]]
    if way == "order_by" or not written.classes:
        split.pop("stratify", None)
    return written, split


def check_parts(case: tuple[Written, dict[str, Any]]) -> None:
    """The parts share no row, all rows are in one, and what belongs together is together."""
    written, split = case
    with tempfile.TemporaryDirectory() as name:
        made = written.write(Path(name), split=split)
        data, error = outcome(load_data, made, Path(name) / "cache")
        if error:
            assert all(problem.place for problem in error.problems), error
            return
    chosen = np.concatenate(list(data.parts.values()))
    assert sorted(chosen.tolist()) == list(range(len(written.rows)))
    assert all(len(rows) for rows in data.parts.values())
    if "group" in split:
        groups = {part: {written.column(-2)[i] for i in rows} - {None} for part, rows in data.parts.items()}
        assert sum(map(len, groups.values())) == len(set.union(*groups.values()))
    if "order_by" in split:
        order = data.rows.order
        assert order is not None
        assert order[data.parts["train"]].max() <= order[data.parts["test"]].min()


@examples(25, 1500)
def test_parts_are_apart(count: int) -> None:
    each(divided(), count, check_parts)


# What such tables have shown


def table_of(folder: Path, content: str, **keys: Any) -> Data:
    (folder / "t.csv").write_text(content)
    classes = keys.pop("classes", False)
    head = {"dense": {"units": 2, "activation": "softmax"} if classes else 1}
    loss = "sparse_categorical_crossentropy" if classes else "mse"
    data = {"csv": "t.csv", "target": "y", "split": {}, "scale": "none", **keys}
    (folder / "e.yaml").write_text(dump_yaml({"dataset": data, "layers": [head], "loss": loss}))
    return load_data(load_config(folder / "e.yaml"), folder / "cache")


@pytest.mark.parametrize("cells", [["-999", "1"], ["-999.0", "1"], ["-9.99e2", "1.5"], ["-999.00", "1 "]])
def test_a_number_that_stands_for_a_missing_value_does_so_however_it_is_written(
    tmp_path: Path, cells: list[str]
) -> None:
    data = table_of(tmp_path, f"a,y\n{cells[0]},1\n{cells[1]},2\n", missing=["-999"], columns={"a": {"fill": 7}})
    assert inputs(data)[0].tolist() == [7]
    frame = pyarrow.table({"a": [float(cell) for cell in cells], "y": [1.0, 2.0]})
    parquet.write_table(frame, tmp_path / "t.csv")
    data = load_data(load_config(tmp_path / "e.yaml"), tmp_path / "cache")
    assert inputs(data)[0].tolist() == [7]


@pytest.mark.parametrize("missing", [[], ["-"], ["", "?"]])
def test_decimal_commas_are_numbers_beside_a_gap(tmp_path: Path, missing: list[str]) -> None:
    data = table_of(tmp_path, "a;y\n1,5;1\n;2\n 2,5 ;3\n", missing=missing, delimiter=";", decimal=",")
    assert data.rows.kinds["a"][0] == "numeric"
    assert inputs(data)[:, 0].tolist() == [1.5, 2, 2.5]


def test_a_class_with_a_decimal_comma_is_one_however_it_is_written(tmp_path: Path) -> None:
    content = "a;y\n1;1,0\n2;1,00\n3;0,5\n4;1\n"
    data = table_of(tmp_path, content, delimiter=";", decimal=",", classes=True)
    assert only_task(data.preprocessing).labels == ("1", "0.5")  # the rarer one last


def test_infinity_among_words_is_not_blamed_for_another_column(tmp_path: Path) -> None:
    problem = problem_of(table_of, tmp_path, "a,y\ninf,1\nred,x\n")
    assert (problem.place, problem.message) == ("t.csv:3", "column 'y': expected a number, got 'x'")


def test_an_empty_column_whose_name_no_config_can_hold_is_named(tmp_path: Path) -> None:
    problem = problem_of(table_of, tmp_path, "a\x1b,y\n,1\n,2\n")
    assert problem.message == "column 'a\\x1b': every value is missing"
    assert "rename it in the file" in problem.hint


def test_rows_without_a_target_are_none_for_a_proposal(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,1\n2,2\n3,\n4,\n5,4\n6,9\n")
    arguments = (str(tmp_path / "t.csv"), ["y"], tmp_path / "e.yaml", tmp_path / "cache")
    assert "4 rows with a target are too few" in problem_of(propose_experiment, *arguments).message


def test_too_rare_categories_are_said_to_be_so(tmp_path: Path) -> None:
    said = {"columns": {"a": {"min_count": 2, "fill": "most_frequent"}}}
    with pytest.raises(RnaError, match="column 'a' has no category with 2 training rows"):
        table_of(tmp_path, "a,y\nred,1\nblue,2\n", **said)


@pytest.mark.parametrize("rows", [1, 2, 7, 500, BLOCK, BLOCK + 1])
def test_a_network_gives_a_row_the_same_digits_in_any_company(tmp_path: Path, rows: int) -> None:
    layers = [{"dense": {"units": 20, "activation": "tanh"}}, {"dense": {"units": 3, "activation": "softmax"}}]
    text = dump_yaml({"dataset": {"sklearn": "load_iris"}, "layers": layers, "loss": "mse"})
    made = read_config(parse_document(text, "e.yaml"), tmp_path)
    random, shapes = np.random.default_rng(0), numpy_weights(made, one_input(30))
    assert shapes is not None
    weights = {name: random.normal(size=shape).astype(kind) for name, (shape, kind) in shapes.items()}
    x = random.normal(size=(2 * BLOCK, 30)).astype("float32")
    whole = numpy_forward(made, weights, {"x": x})
    for start in (0, 1, 700):
        assert np.array_equal(numpy_forward(made, weights, {"x": x[start : start + rows]}), whole[start : start + rows])
