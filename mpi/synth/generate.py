"""Synthetic citizens in several registries, with truth; block by block, the same for one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.synth import reference
from mpi.synth.difficulty import Rates, rates_of
from mpi.synth.names import name_people
from mpi.synth.noise import render_dates
from mpi.synth.numbers import draw_numbers
from mpi.synth.places import settle
from mpi.synth.population import Bools, People, populate
from mpi.synth.reference import Province
from mpi.synth.registries import ID_PREFIXES, Page, write_page
from mpi.synth.serials import digit_matrix, scramble, serials, text
from mpi.synth.spelling import Spelling, spell
from mpi.synth.visits import KINDS, Visits, draw_visits
from mpi.synth.world import World

BLOCK = 65_536
"""Persons generated at a time."""

SLICES = (
    *("twin", "newborn", "mover", "cmnd_to_cccd", "shared_number", "placeholder", "minority"),
    "garbled",
)
"""Flags of a record: see `Synthetic.slices`."""

_MOST = 100_000_000
_ID_DIGITS = 10


@dataclass(frozen=True)
class Synthetic:
    """Registries of persons who do not exist, and who is who.

    sources : source -> records, sorted by record id: source, record_id, the registry's columns as
        they were written, updated_at
    truth : source, record_id, person_id, sorted by the first two
    slices : source, record_id and a bool for each of `SLICES`: the person is a twin; the record
        was written before the child had a name; the person moved to another province; records of
        the person carry identity numbers of both generations; the record carries a number or
        phone of somebody else; it carries a placeholder; the name is of an ethnic minority; the
        name is written in a font's code, was read in a wrong one, or lost letters
    """

    persons: int
    seed: int
    difficulty: str
    sources: dict[str, pa.Table]
    truth: pa.Table
    slices: pa.Table

    @property
    def records(self) -> int:
        """How many records there are in all sources."""
        return int(self.truth.num_rows)


def synthesise(
    persons: int, *, seed: int = 1, difficulty: str = "medium", provinces: int = 4
) -> Synthetic:
    """Draw persons and their records in the registries of several provinces.

    Parameters
    ----------
    persons : 1 to 100,000,000
    difficulty : "easy", "medium" or "hard", see `mpi.synth.difficulty`
    provinces : 1 to 63, each with four registries

    Raises
    ------
    UsageError
        An argument is outside its range.

    Examples
    --------
    >>> citizens = synthesise(100, seed=7, provinces=1)
    >>> sorted(citizens.sources)
    ['ha_noi_employment', 'ha_noi_health', 'ha_noi_hospital', 'ha_noi_insurance']
    >>> citizens.truth.column_names
    ['source', 'record_id', 'person_id']
    """
    parts = list(stream(persons, seed=seed, difficulty=difficulty, provinces=provinces))
    names = sorted({name for part in parts for name in part.sources})
    key = [("source", "ascending"), ("record_id", "ascending")]
    sources = {
        name: pa.concat_tables([p.sources[name] for p in parts if name in p.sources])
        .combine_chunks()
        .sort_by("record_id")
        for name in names
    }
    return Synthetic(
        persons=persons,
        seed=seed,
        difficulty=difficulty,
        sources=sources,
        truth=pa.concat_tables([p.truth for p in parts]).sort_by(key),
        slices=pa.concat_tables([p.slices for p in parts]).sort_by(key),
    )


def stream(
    persons: int, *, seed: int = 1, difficulty: str = "medium", provinces: int = 4
) -> Iterator[Synthetic]:
    """The same persons and records as `synthesise`, a block of persons at a time.

    Families lie inside a block, and each block needs the same memory whatever `persons` is.
    """
    for name, value, top in (("persons", persons, _MOST), ("provinces", provinces, 63)):
        if not 1 <= value <= top:
            raise UsageError(f"'{name}' is {value:,}; it must lie between 1 and {top:,}")
    if not 0 <= seed < 1 << 32:
        raise UsageError(f"'seed' is {seed}; it must lie between 0 and {(1 << 32) - 1}")
    rates, missing = rates_of(difficulty)
    chosen = reference.provinces(provinces)
    blocks = -(-persons // BLOCK)
    for block in range(blocks):
        size = min(BLOCK, persons - block * BLOCK)
        yield _block(size, block, blocks, seed, difficulty, chosen, rates, missing)


def source_name(province: Province, kind: str) -> str:
    """Name of a registry: the province in plain letters, and what it keeps.

    Examples
    --------
    >>> source_name(reference.provinces(1)[0], "hospital")
    'ha_noi_hospital'
    """
    plain = spell(province.name, Spelling.ASCII).lower().replace(" - ", "_").replace(" ", "_")
    return f"{plain}_{kind}"


def _block(
    n: int,
    block: int,
    blocks: int,
    seed: int,
    difficulty: str,
    provinces: tuple[Province, ...],
    rates: Rates,
    missing: dict[str, dict[str, float]],
) -> Synthetic:
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, block])))
    more = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, block, 1])))
    people = populate(rng, n, provinces)
    names = name_people(rng, people, provinces)
    numbers = draw_numbers(
        rng, people, provinces, names.minority, block=block, blocks=blocks, seed=seed
    )
    now, before = settle(rng, people)
    world = World(provinces, people, names, numbers, now, before)
    visits = draw_visits(rng, people)
    cell = visits.kind * 64 + visits.province
    record = serials(cell, _ID_DIGITS, block, blocks, seed * 16 + 9)
    order = np.lexsort((record, cell))
    visits, record, cell = visits.take(order), record[order], cell[order]
    person_id = _person_ids(n, block, seed).take(pa.array(visits.person))

    pages: list[Page] = []
    sources: dict[str, pa.Table] = {}
    keys: list[pa.Table] = []
    for k, kind in enumerate(KINDS):
        rows = np.flatnonzero(visits.kind == k)
        if not len(rows):
            continue
        part = visits.take(rows)
        page = write_page(rng, more, world, part, rates, missing[kind])
        pages.append(page)
        ids = pc.binary_join_element_wise(
            ID_PREFIXES[kind], text(_ascii(digit_matrix(record[rows], _ID_DIGITS))), ""
        )
        labels = pa.array([source_name(p, kind) for p in provinces], pa.string())
        key = {"source": labels.take(pa.array(part.province)), "record_id": ids}
        written = render_dates(part.day, np.zeros(len(part), bool), "health")
        table = pa.table({**key, **page.columns, "updated_at": written})
        keys.append(pa.table(key))
        edges = np.searchsorted(part.province, np.arange(len(provinces) + 1))
        for i in range(len(provinces)):
            if edges[i + 1] > edges[i]:
                sources[labels[i].as_py()] = table.slice(edges[i], edges[i + 1] - edges[i])
    key = pa.concat_tables(keys)
    return Synthetic(
        persons=n,
        seed=seed,
        difficulty=difficulty,
        sources=sources,
        truth=key.append_column("person_id", person_id),
        slices=_slices(key, people, names.minority, visits, pages),
    )


def _ascii(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return digits + np.uint8(ord("0"))


def _person_ids(n: int, block: int, seed: int) -> pa.Array:
    serial = scramble(block * BLOCK + np.arange(n), _ID_DIGITS, seed * 16 + 10)
    return pc.binary_join_element_wise("P", text(_ascii(digit_matrix(serial, _ID_DIGITS))), "")


def _slices(
    key: pa.Table, people: People, minority: Bools, visits: Visits, pages: list[Page]
) -> pa.Table:
    n = len(people)

    def flag(name: str) -> Bools:
        return np.concatenate([getattr(p, name) for p in pages])

    def anywhere(name: str) -> Bools:
        return np.bincount(visits.person[flag(name)], minlength=n) > 0

    person = visits.person
    flags = {
        "twin": people.twin[person] >= 0,
        "newborn": visits.nameless,
        "mover": people.mover[person],
        "cmnd_to_cccd": (anywhere("cmnd") & anywhere("cccd"))[person],
        "shared_number": flag("shared"),
        "placeholder": flag("placeholder"),
        "minority": minority[person],
        "garbled": flag("garbled"),
    }
    for name in SLICES:
        key = key.append_column(name, pa.array(flags[name]))
    return key
