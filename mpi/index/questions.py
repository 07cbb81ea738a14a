"""What an index can be asked: who somebody is, who he was, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from mpi.errors import UsageError
from mpi.index.base import RECORDS, Base

if TYPE_CHECKING:
    from mpi.index.history import Life, NightDone
    from mpi.serve import Hit, Searcher


class Questions:
    """Questions to the snapshot in sight; `MasterIndex` has them all."""

    _base: Base
    _searcher: tuple[Base, Searcher] | None = None

    def search(self, query: Mapping[str, str], *, limit: int = 5) -> list[Hit]:
        """Persons like this one, the most likely first, with the evidence of each field.

        The first question opens what linking keeps of the records, which later ones find open.
        Where that is missing, as after an erasure, each question reads the records anew.

        Parameters
        ----------
        query : field name -> value, as people write it, such as
            ``{"full_name": "Nguyen Thi Anh", "birth_date": "1990-05-12"}``
        limit : persons at most

        Raises
        ------
        UsageError
            A field is unknown, or nothing was asked for.
        """
        from mpi.serve import Searcher, scan

        base, manifest = self._base, self._base.manifest
        if manifest is None or manifest.model is None:
            raise UsageError(f"index {base.store.path} is empty; run the nightly job first")
        if not manifest.state:
            model = base.model() or b""

            def parts(columns: list[str]) -> Iterator[pa.Table]:
                return base.buckets(RECORDS, columns)

            def owner(key: tuple[str, str]) -> str:
                return str(base.find("crosswalk", *key)["enterprise_id"][0].as_py())

            return scan(query, manifest.fields, model, parts, owner, limit=limit)
        if self._searcher is None or self._searcher[0] is not base:
            self._searcher = base, Searcher(base)
        return self._searcher[1].search(query, limit=limit)

    def events(self, *, after: int = 0) -> pa.Table:
        """The change feed: every change of every id, in its order.

        Replayed from the beginning (`mpi.index.replay.replay`) it gives the crosswalk and who
        lives. Numbers have no gap, and an event never changes.

        Parameters
        ----------
        after : number of the last event that is known already
        """
        from mpi.index.replay import events_after

        return events_after(self._base, after)

    def history(self, person: str, *, since: int = 1) -> Life:
        """A person's life: who came, who went, when and why; and who has the records now.

        Parameters
        ----------
        person : an enterprise id, living or retired
        since : the first snapshot to tell of

        Raises
        ------
        UsageError
            There is no such person.
        """
        from mpi.index.history import life

        return life(self._base, person, since)

    def nights(self, *, since: int = 1) -> list[NightDone]:
        """What each run, and each decision, did: persons kept, new, merged, split, and why."""
        from mpi.index.history import nights

        return nights(self._base, since)
