"""The table that is made up for compiling reaches what it is to compile."""

from __future__ import annotations

from mpi.encode.comparisons import choose_comparisons
from mpi.linkage import resolve
from mpi.linkage.warm import usual_model, warm_table
from mpi.schema import Form
from mpi.settings import Settings
from mpi.standardise import standardise


def test_a_model_of_usual_errors_compares_every_form() -> None:
    records, settings = warm_table(), Settings(seed=1, locale="general", threads=1)
    comparisons = choose_comparisons(standardise(records, settings))[0]
    assert {c.form for c in comparisons} == set(Form)
    found = resolve(records, settings, model=usual_model(comparisons).to_json())
    assert found.compared > 500
    assert len(found.links.left) + len(found.review.left) > 0
