"""The Vietnamese rules for fields other than names, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from mpi.schema import Kind
from mpi.standardise.rules import Rule
from mpi.standardise.vietnam.dates import BIRTH, DATE
from mpi.standardise.vietnam.identifiers import NATIONAL
from mpi.standardise.vietnam.insurance import INSURANCE
from mpi.standardise.vietnam.phones import PHONE
from mpi.standardise.vietnam.places import ADDRESS, PLACE
from mpi.standardise.vietnam.provinces import PROVINCE
from mpi.standardise.vietnam.sexes import SEX

FIELD_RULES: Mapping[Kind, Rule] = {
    Kind.SEX: SEX,
    Kind.BIRTH_DATE: BIRTH,
    Kind.DATE: DATE,
    Kind.NATIONAL_ID: NATIONAL,
    Kind.INSURANCE_ID: INSURANCE,
    Kind.PHONE: PHONE,
    Kind.ADDRESS: ADDRESS,
    Kind.WARD: PLACE,
    Kind.DISTRICT: PLACE,
    Kind.PROVINCE: PROVINCE,
}
"""Kinds that are not here are read by the general rules."""
