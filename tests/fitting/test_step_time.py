"""What a step takes, and what workers would make of it."""

from pathlib import Path

import pytest
from fixtures import CIRCLES, experiment

from rnacli.fitting.job import prepare_job
from rnacli.fitting.step_time import SUM, StepTime, measure_step


def test_workers_pay_where_a_step_takes_longer_than_a_sum() -> None:
    short, long = StepTime(1e-4, 32, 1000), StepTime(0.5, 32, 1000)
    assert short.shared(2) > SUM > short.seconds
    assert 0.25 < long.shared(2) < 0.26


@pytest.mark.parametrize("fuse", [True, False])
def test_a_step_is_measured_as_it_is_trained(fuse: bool, tmp_path: Path) -> None:
    step = measure_step(prepare_job(experiment(CIRCLES, engine={"fuse": fuse, "jit": False}), tmp_path))
    assert (step.rows, step.numbers) == (16, 17 + 16)
    assert 0 < step.seconds < 1
