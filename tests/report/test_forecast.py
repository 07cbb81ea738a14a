"""What is predicted, and when it is said that a limit will be passed."""

from __future__ import annotations

import pytest

from mpi.report import forecast as module
from mpi.report.forecast import USUAL, Forecast
from mpi.report.progress import Progress
from mpi.report.quantities import duration
from mpi.stages import Stages


class Job:
    """A job whose stages take what the test says; the clock is its own."""

    def __init__(self, within: float | None = None) -> None:
        self.now, self.texts = 0.0, []
        self.forecast = Forecast(self, within=within, clock=lambda: self.now)

    def start(self, stage: str, total: int | None) -> None:
        pass

    def advance(self, stage: str, amount: int) -> None:
        pass

    def finish(self, stage: str) -> None:
        pass

    def say(self, text: str) -> None:
        self.texts.append((round(self.now), text))

    def stage(self, name: str, seconds: float, total: int | None = None) -> None:
        self.forecast.start(name, total)
        self.now += seconds
        self.forecast.finish(name)

    def whole(self) -> float:
        found = self.forecast.whole()
        assert found is not None
        return found


def test_before_anything_is_done_a_million_takes_what_it_usually_takes() -> None:
    job = Job()
    assert job.forecast.whole() is None and job.forecast.told() == ""
    job.forecast.expect(1_000_000)
    assert job.whole() == pytest.approx(sum(USUAL.values()))
    assert job.forecast.told() == f"all done in about {duration(sum(USUAL.values()))}"


@pytest.mark.parametrize("slow", [0.25, 1.0, 6.0])
def test_the_speed_so_far_is_that_of_the_rest(slow: float) -> None:
    job, millions = Job(), 10
    job.forecast.expect(millions * 1_000_000)
    truth, errors = slow * millions * sum(USUAL.values()), []
    for name, seconds in USUAL.items():
        job.stage(name, slow * millions * seconds)
        errors.append(abs(job.whole() - truth) / truth)
    assert errors == sorted(errors, reverse=True)
    assert errors[0] < 0.35 and errors[-1] < 1e-9
    assert job.forecast.left() == 0.0


def test_a_stage_that_counts_tells_its_own_rest() -> None:
    job = Job()
    job.forecast.expect(1_000_000)
    for name in [*USUAL][:-1]:
        job.stage(name, USUAL[name])
    job.forecast.start("golden records", 1_000_000)
    job.now += 30.0
    job.forecast.advance("golden records", 250_000)
    assert job.forecast.left() == pytest.approx(90.0)


def test_parts_of_writing_are_one_stage_and_need_nothing_to_be_over() -> None:
    job = Job()
    job.forecast.expect(1_000_000)
    before = job.whole()
    job.stage("writing", 0.0)
    assert job.whole() == pytest.approx(before)
    for name in [*USUAL][: [*USUAL].index("writing")]:
        job.stage(name, USUAL[name])
    job.stage("writing", 3.0)
    assert job.forecast.left() == pytest.approx(USUAL["writing"] - 3.0 + USUAL["golden records"])
    job.forecast.start("golden records", None)
    assert job.forecast.left() == pytest.approx(USUAL["golden records"])


def test_a_job_that_goes_on_passes_over_what_is_done() -> None:
    job = Job()
    job.forecast.expect(1_000_000)
    for name in ("reading", "arranging records", "comparing with the index"):
        job.stage(name, USUAL[name])
    job.forecast.start("giving ids", 1_000_000)
    rest = sum(USUAL[name] for name in ("giving ids", "writing", "golden records"))
    assert job.forecast.left() == pytest.approx(rest)


def test_of_a_night_that_touches_some_records_nothing_is_predicted() -> None:
    job = Job()
    job.forecast.expect(10_000, stored=1_000_000)
    assert job.forecast.whole() is None
    job.forecast.start("standardising", 10_000)
    assert job.forecast.whole() is None
    job.forecast.start("standardising", 1_005_000)  # all are linked after all
    assert job.whole() > 20.0


def test_a_limit_that_will_be_passed_is_said_at_once() -> None:
    job = Job(within=3600.0)
    job.forecast.expect(200_000_000)
    seconds = 200 * sum(USUAL.values())
    told = f"this run is going to take about {duration(seconds)}, more than the 1 h 00 min of "
    assert job.texts == [(0, told + "--within; it goes on")]
    expected = {"predicted": pytest.approx(seconds), "took": 0.0, "within": 3600.0}
    assert job.forecast.to_dict() == expected


def test_it_changes_its_mind() -> None:
    job = Job(within=150.0)
    job.forecast.expect(2_000_000)
    assert job.texts == []
    job.stage("reading", 30.0)
    assert len(job.texts) == 1 and "more than the 2 min 30 s of --within" in job.texts[0][1]
    job.stage("arranging records", 0.1)
    job.stage("standardising", 0.1)
    assert len(job.texts) == 2 and "after all, less than the 2 min 30 s" in job.texts[1][1]
    job.stage("comparing", 300.0)
    assert len(job.texts) == 3


def test_a_limit_that_is_passed_is_said_where_nothing_is_predicted() -> None:
    job = Job(within=10.0)
    job.forecast.expect(10, stored=1_000)
    job.stage("opening what is kept", 11.0)
    assert [text[:42] for _, text in job.texts] == ["this run is going to take about 11.0 s, mo"]


def test_lines_of_stages_tell_when_all_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setattr("mpi.report.progress.PATIENCE", 0.0)
    monkeypatch.setattr(module, "_SHORT", 0.0)
    progress = Progress(sys.stderr)
    forecast = Forecast(progress)
    progress.ahead = forecast.told
    forecast.expect(100_000_000)
    with Stages(forecast).stage("reading", total=2000) as advance:
        advance(2000)
    told = capsys.readouterr().err
    assert told.startswith("reading: ") and "; all done in about " in told
