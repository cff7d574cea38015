"""Workers that share a search through a database, here a file of SQLite: each trial once, whichever of them dies."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fixtures import TUNED, experiment, problem_of

from rnacli.experiment.tune import Confirmation
from rnacli.tuning.outcome import COMPLETE, Goal, Outcome, Trained
from rnacli.tuning.propose import propose_values
from rnacli.tuning.together.confirm import SharedConfirming
from rnacli.tuning.together.leases import Leases, Lost
from rnacli.tuning.together.same_file import dump_file, require_same_file
from rnacli.tuning.together.search import SharedTrials
from rnacli.tuning.together.storage import open_storage
from rnacli.tuning.together.tune import tune_together
from rnacli.tuning.trainer import Source, Work

SECRET = "s3cret@w"
RANDOM = TUNED.replace("  trials: 5\n", "  trials: 8\n  search: random\n  prune: false\n")
GOAL = Goal("val_accuracy", large=True)
Meet = Callable[[], Leases]


@pytest.fixture
def meet(tmp_path: Path) -> Iterator[Meet]:
    """Gives workers of one study."""
    pytest.importorskip("optuna")
    opened = []

    def begin() -> Leases:
        opened.append(open_storage(f"sqlite:///{tmp_path}/s.db"))
        return Leases(opened[-1], "iris")

    yield begin
    for storage in opened:
        storage.close()


def take_for_dead(leases: Leases) -> None:
    """Let this worker see no sign of life of any other."""
    leases.storage.backend.grace_period, leases.quiet_until = -1, 0.0


def test_a_piece_is_done_once_whoever_dies(meet: Meet) -> None:
    one, other = meet(), meet()
    one.offer("work", given=1)
    other.offer("work", given=2)  # at the same moment: a spare one
    assert one.claim(one.read()["work"])
    assert not other.read()["work"].is_free
    one.note("work", "part 0", {"of": "one"})
    other.take_over()
    assert not other.read()["work"].is_free  # the first gives signs of life
    take_for_dead(other)
    other.take_over()
    piece = other.read()["work"]
    assert piece.is_free
    assert piece.notes["given"] == 1  # what was offered first
    assert piece.notes["part 0"] == {"of": "one"}
    assert other.claim(piece)
    with pytest.raises(Lost):
        one.note("work", "part 1", {})
    assert not one.holds("work")
    other.finish("work", 0.5)
    assert one.read()["work"].is_done
    assert [each.state.name for each in one.read()["work"].attempts].count("COMPLETE") == 1
    other.clear()
    assert not [each for each in one.read()["work"].attempts if each.state.name == "WAITING"]


def test_what_a_worker_holds_is_given_back_at_its_end(meet: Meet) -> None:
    one, other = meet(), meet()
    with one.alive():
        one.offer("work")
        assert one.claim(one.read()["work"])
        assert not other.read()["work"].is_free
    assert other.read()["work"].is_free


def test_a_study_of_another_program_is_refused(meet: Meet) -> None:
    leases = meet()
    leases.storage.cached.create_new_trial(leases.study)
    problem = problem_of(leases.read, exit_code=2)
    assert problem.hint == "--set name=NAME for another one"


class Fake:
    """Trains in no time: the more neurons, the better. ``dies``: with the trial of that number in its hands."""

    room, shares, data = 1, False, None

    def __init__(self, dies: int = -1):
        self.dies, self.trained = dies, list[int]()

    def train(self, source: Source) -> None:
        while (work := source.take()) is not None:
            if work.number == self.dies:
                return
            self.trained.append(work.number)
            source.end(work, self.of(work))

    def of(self, work: Work) -> Trained:
        row = {"val_accuracy": work.values["layers.0.dense.units"] / 32 + work.config.seed / 1000}
        return Trained(work.config.seed, COMPLETE, [row, row], 2)


def shared(config: Any, leases: Leases, folder: Path, told: list[int]) -> SharedTrials:
    def tell(outcome: Outcome) -> None:
        told.append(outcome.number)

    return SharedTrials(config, GOAL, False, leases, 0.0, folder, [tell])


def test_every_trial_is_trained_once_and_known_to_all(meet: Meet, tmp_path: Path) -> None:
    config = experiment(RANDOM)
    told: list[list[int]] = [[], []]
    first, second = (shared(config, meet(), tmp_path, told[i]) for i in range(2))
    dying, working = Fake(dies=2), Fake()
    dying.train(first)
    working.train(second)
    assert not second.is_over  # one trial is still in the hands of the other
    assert second.take() is None
    take_for_dead(second.leases)
    working.train(second)
    assert second.is_over
    assert first.is_over
    assert sorted(dying.trained + working.trained) == list(range(8))
    assert sorted(told[0]) == sorted(told[1]) == list(range(8))
    assert [each.values for each in first.ended] == [each.values for each in second.ended]
    of_number = [propose_values(config.tune, config.seed, GOAL, n, [], []) for n in range(8)]  # type: ignore[arg-type]
    assert [each.values for each in first.ended] == of_number  # by its number alone

    # The best once more, each network by one of them.
    best = GOAL.rank(second.ended)
    confirming = [
        SharedConfirming(
            config, best, Confirmation(best=2, seeds=3), GOAL, each.leases, tmp_path, lambda done, of: None
        )
        for each in (first, second)
    ]
    fakes = [Fake(), Fake()]
    for fake, source in zip(fakes, confirming, strict=True):
        fake.train(source)
    assert len(fakes[0].trained) == 6
    assert not fakes[1].trained
    assert all(each.is_over for each in confirming)
    means, again = ([each.mean for each in source.confirmed] for source in confirming)
    assert means == again


def test_workers_that_begin_at_once_do_not_come_in_each_others_way(meet: Meet, tmp_path: Path) -> None:
    config, fakes = experiment(RANDOM), [Fake() for _ in range(3)]
    threads = [
        threading.Thread(target=lambda fake=fake: fake.train(shared(config, meet(), tmp_path, [])))  # type: ignore[misc]
        for fake in fakes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for fake in fakes for number in fake.trained) == list(range(8))


def test_another_file_of_that_name_is_refused() -> None:
    text = dump_file(experiment(TUNED))
    require_same_file(experiment(TUNED), text)
    problem = problem_of(require_same_file, experiment(TUNED.replace("epochs: 3", "epochs: 4")), text, exit_code=2)
    assert problem.message == "epochs is 4 here, and 3 in the search of this name in the storage"
    line = TUNED[: TUNED.index("epochs: 3")].count("\n") + 1
    assert f":{line}:" in problem.place


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        (f"postgresql://rna:{SECRET}@host:port/db", 2, "no URL"),
        (f"rna:{SECRET}", 2, "no URL"),
        (f"mysql://rna:{SECRET}@host/db", 2, "not mysql"),
        ("sqlite://", 2, "a file of SQLite"),
        ("sqlite:////no/such/folder/s.db", 1, "cannot be opened"),
        (f"postgresql+psycopg://rna:{SECRET.replace('@', '%40')}@127.0.0.1:1/db?sslpassword={SECRET}", 1, "cannot be"),
    ],
)
def test_a_storage_that_is_none_is_refused_without_its_password(url: str, code: int, said: str) -> None:
    pytest.importorskip("psycopg")
    problem = problem_of(open_storage, url, exit_code=code)
    assert said in problem.message
    assert problem.hint
    assert "s3cret" not in f"{problem.message} {problem.place} {problem.hint}"


@pytest.mark.parametrize("name", ["optuna", "psycopg"])
def test_packages_that_are_missing_are_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda wanted: None if wanted == name else "there")
    problem = problem_of(open_storage, "postgresql://rna@host/db", exit_code=2)
    assert name in problem.message
    assert problem.hint == "pip install optuna 'psycopg[binary]'"


def test_a_file_of_sqlite_is_of_one_machine(meet: Meet, tmp_path: Path) -> None:
    config, leases = experiment(TUNED), meet()
    leases.offer("begin", config=dump_file(config))
    assert leases.claim(leases.read()["begin"])
    leases.note("begin", "facts", {"host": "another"})
    leases.finish("begin")
    problem = problem_of(tune_together, config, f"sqlite:///{tmp_path}/s.db", tmp_path, tmp_path, exit_code=2)
    assert "this search was begun on another" in problem.message
