"""What clerks do to right values: a note in a name, a phone for an identity number, two cards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.synth.difficulty import Rates
from mpi.synth.numbers import GROUPS
from mpi.synth.population import Bools, Ints

_TITLES = (("Ông", "Anh"), ("Bà", "Chị"))


@dataclass(frozen=True)
class Habits:
    """What happened to each record, all bool[n]."""

    noted: Bools
    titled: Bools
    phone_as_id: Bools
    two_cards: Bools
    scientific: Bools
    new_names: Bools


def draw_habits(rng: np.random.Generator, kind: str, rates: Rates, n: int) -> Habits:
    """Habits of one kind of registry: cards pile up in hospitals, tables pass through Excel."""

    def some(rate: float) -> Bools:
        return rng.random(n) < rate

    return Habits(
        noted=some(rates.name_noted),
        titled=some(rates.name_titled),
        phone_as_id=some(rates.number_phone),
        two_cards=some(rates.card_two if kind == "hospital" else 0.0),
        scientific=some(rates.number_scientific if kind == "employment" else 0.0),
        new_names=some(rates.place_new),
    )


def _replace(values: pa.Array, hit: npt.NDArray[np.bool_], new: pa.Array) -> pa.Array:
    return pc.replace_with_mask(values, pa.array(hit), new)


def note_names(values: pa.Array, habits: Habits, sex: Ints, age: Ints, year: Ints) -> pa.Array:
    """Names with a title before them (grown persons only) or the year of birth behind."""
    titled = habits.titled & (age >= 18)
    if titled.any():
        grown = (age[titled] < 45).astype(np.int64)
        titles = pa.array([t for pair in _TITLES for t in pair], pa.string())
        title = titles.take(pa.array(sex[titled] * 2 + grown))
        name = values.filter(pa.array(titled))
        values = _replace(values, titled, pc.binary_join_element_wise(title, name, " "))
    noted = habits.noted & ~titled
    if noted.any():
        born = pa.array(year[noted]).cast(pa.string())
        name = values.filter(pa.array(noted))
        even = pa.array(year[noted] % 2 == 0)
        bracketed = pc.binary_join_element_wise(name, " (", born, ")", "")
        values = _replace(
            values,
            noted,
            pc.if_else(even, bracketed, pc.binary_join_element_wise(name, born, " ")),
        )
    return values


def phone_for_id(national: pa.Array, phone: pa.Array, habits: Habits) -> tuple[pa.Array, Bools]:
    """Identity numbers, in some rows the phone instead; and in which."""
    hit = habits.phone_as_id & phone.is_valid().to_numpy(zero_copy_only=False)
    return _replace(national, hit, phone.filter(pa.array(hit))), hit


def pile_cards(insurance: pa.Array, habits: Habits, row: Ints) -> pa.Array:
    """Cards of fifteen characters, in some rows with an earlier one of another group in front."""
    whole = pc.fill_null(pc.equal(pc.utf8_length(insurance), 15), False)
    hit = habits.two_cards & whole.to_numpy(zero_copy_only=False)
    if not hit.any():
        return insurance
    cards = insurance.filter(pa.array(hit))
    group = pa.array(GROUPS, pa.string()).take(pa.array(row[hit] % len(GROUPS)))
    earlier = pc.binary_join_element_wise(group, pc.utf8_slice_codeunits(cards, 3), "")
    return _replace(insurance, hit, pc.binary_join_element_wise(earlier, cards, ";"))


def as_floats(national: pa.Array, habits: Habits) -> pa.Array:
    """Numbers of twelve digits, in some rows as a spreadsheet shows them: 7.9195E+10."""
    whole = pc.fill_null(pc.match_substring_regex(national, r"^\d{12}$"), False)
    hit = habits.scientific & whole.to_numpy(zero_copy_only=False)
    if not hit.any():
        return national
    shown = [f"{int(v):.4E}" for v in national.filter(pa.array(hit)).to_pylist()]
    return _replace(national, hit, pa.array(shown, pa.string()))
