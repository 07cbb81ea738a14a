"""How often what goes wrong: the stated rates, and what each level of difficulty makes of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from mpi.errors import UsageError


@dataclass(frozen=True)
class Rates:
    """Shares of records, 0 to 1, at difficulty "medium".

    Rates are estimates: nobody publishes them. They follow what is known of the kinds of errors,
    among them that 6 to 25 % of open syllables carry the tone of the new style and that 0.4 % of
    names in public lists have two syllables in one.

    name_* : of names, a syllable or the whole of it; date_*, number_*, phone_* : of written values
    shared_* : children that carry the mother's number; placeholder_* : of values
    """

    name_ascii: float = 0.04
    name_toneless: float = 0.02  # one syllable
    name_telex: float = 0.006  # one syllable
    name_vni: float = 0.002  # one syllable
    name_slip: float = 0.025  # one letter
    name_new_tone: float = 0.10  # where it makes a difference
    name_i_for_y: float = 0.04  # where it makes a difference
    name_regional: float = 0.005  # where it makes a difference
    name_swapped: float = 0.006
    name_shortened: float = 0.012
    name_glued: float = 0.004
    name_noted: float = 0.002  # the year of birth behind it
    name_titled: float = 0.003  # Ông, Bà; of grown persons
    name_unknown: float = 0.0005
    date_swapped: float = 0.010  # of dates whose day may be a month
    date_digit: float = 0.015
    date_year: float = 0.010
    date_year_only: float = 0.008
    date_placeholder: float = 0.003
    date_lunar: float = 0.006  # of persons born before 1960: the day of the lunar calendar
    number_lost_zero: float = 0.015
    number_lost_zero_hospital: float = 0.10  # its software declares the column numeric
    number_digit: float = 0.008
    number_swapped: float = 0.005
    number_spaced: float = 0.012
    number_letter: float = 0.002  # O for 0
    number_placeholder: float = 0.006
    number_phone: float = 0.0015  # the phone for an identity number
    number_scientific: float = 0.002  # in tables that went through a spreadsheet
    number_stale: float = 0.12  # the old card copied although there is a new number
    shared_number: float = 0.04
    shared_card: float = 0.02
    card_two: float = 0.01  # an earlier card and the present one, in a hospital
    phone_lost_zero: float = 0.03
    phone_country: float = 0.03
    phone_spaced: float = 0.03
    phone_digit: float = 0.005
    phone_placeholder: float = 0.006
    sex_wrong: float = 0.004
    address_placeholder: float = 0.005
    place_short: float = 0.25  # P. for Phường, Q. for Quận
    place_new: float = 0.4  # of records since July 2025: the 34 provinces, no district
    text_font: float = 0.02  # of insurance and hospital records before July 2018: font codes
    text_font_employment: float = 0.0  # at "hard" 1: employment registries never left their fonts
    text_misread: float = 0.0006  # UTF-8 read as Windows-1252
    text_lost: float = 0.0006  # letters that Windows-1252 has not, as question marks
    parent_noise: float = 0.06  # a parent's name in capitals without marks

    def scaled(self, factor: float) -> Rates:
        """Every rate times a factor, at most 0.5."""
        return Rates(**{f.name: min(getattr(self, f.name) * factor, 0.5) for f in fields(self)})


MISSING: dict[str, dict[str, float]] = {
    "insurance": {"sex": 0.005, "birth_date": 0.002, "national_id": 0.10, "insurance_id": 0.01,
                  "phone": 0.35, "address": 0.04, "ward": 0.03, "district": 0.05,
                  "province": 0.01, "mother_name": 0.55},
    "health": {"sex": 0.01, "birth_date": 0.005, "national_id": 0.18, "insurance_id": 0.12,
               "phone": 0.25, "address": 0.08, "ward": 0.05, "province": 0.01,
               "mother_name": 0.60, "father_name": 0.65},
    "hospital": {"sex": 0.01, "birth_date": 0.01, "national_id": 0.30, "insurance_id": 0.15,
                 "phone": 0.20, "address": 0.10, "mother_name": 0.50},
    "employment": {"sex": 0.02, "birth_date": 0.005, "national_id": 0.04, "insurance_id": 0.06,
                   "phone": 0.08, "address": 0.10, "district": 0.08, "province": 0.01},
}  # fmt: skip
"""Registry -> field -> share of records without it at "medium", beside those that have none.

A hospital asks for the mother only of patients under 16.
"""

_FACTORS = {"easy": (0.3, 0.5), "medium": (1.0, 1.0), "hard": (2.2, 1.6)}


def rates_of(difficulty: str) -> tuple[Rates, dict[str, dict[str, float]]]:
    """Rates of errors and of missing values at a level of difficulty.

    Raises
    ------
    UsageError
        The level is not easy, medium or hard.

    Examples
    --------
    >>> rates, missing = rates_of("easy")
    >>> round(rates.name_slip, 4), missing["hospital"]["national_id"]
    (0.0075, 0.15)
    """
    if difficulty not in _FACTORS:
        raise UsageError(
            f"difficulty '{difficulty}' is unknown; it is one of {', '.join(_FACTORS)}"
        )
    errors, gaps = _FACTORS[difficulty]
    rates = Rates().scaled(errors)
    if difficulty == "hard":
        rates = replace(rates, text_font_employment=1.0)
    missing = {k: {f: min(r * gaps, 0.95) for f, r in v.items()} for k, v in MISSING.items()}
    return rates, missing
