"""`mpi profile`: what an input holds, before anything is linked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mpi.commands.outputs import reserve
from mpi.commands.session import Session


def run_profile(
    session: Session, inputs: Sequence[str], write_config: Path | None, show_values: bool
) -> None:
    """Print the profile; with `write_config`, resolve the records and write what was chosen."""
    from mpi.records import read_records
    from mpi.report.profile import profile_columns, profile_dict, render_profile
    from mpi.standardise import standardise
    from mpi.standardise.describe import describe

    settings = session.settings()
    with reserve([write_config], inputs=inputs, text=True) as outputs, session.stages() as stages:
        records = read_records(inputs, settings=settings, stages=stages)
        with stages.stage("standardising", total=len(records)) as advance:
            standard = standardise(records, settings)
            advance(len(records))
        with stages.stage("describing", total=len(records)) as advance:
            found = describe(records, standard)
            advance(len(records))
        columns = profile_columns(records, standard, found.findings, show_values=show_values)
        profile = profile_dict(records, standard, columns, found.records)
        if write_config is not None:
            from mpi.linkage import resolve
            from mpi.report.config import settings_toml
            from mpi.score.model import read_model

            chosen = resolve(records, settings, stages=stages)
            model = read_model(chosen.model_summary)
            text = settings_toml(records, model, chosen.placeholders, settings)
            outputs.write_text(write_config, text)
            outputs.publish()
    if session.json:
        session.print_json(profile)
    else:
        render_profile(session.page(), profile, show_values=show_values)
    if write_config is not None:
        session.say(f"settings written to {write_config}")
