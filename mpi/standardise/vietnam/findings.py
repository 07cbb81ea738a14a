"""What the columns of a Vietnamese registry hold, by kind."""

from __future__ import annotations

from mpi.schema import Kind
from mpi.standardise.findings import Describe
from mpi.standardise.vietnam.name_findings import describe_full_names, describe_name_parts
from mpi.standardise.vietnam.number_findings import (
    describe_births,
    describe_insurance,
    describe_national,
    describe_phones,
)
from mpi.standardise.vietnam.place_findings import (
    describe_addresses,
    describe_districts,
    describe_provinces,
    describe_wards,
)

FINDINGS: dict[Kind, Describe] = {
    Kind.FULL_NAME: describe_full_names,
    Kind.MOTHER_NAME: describe_full_names,
    Kind.FATHER_NAME: describe_full_names,
    Kind.NAME: describe_name_parts,
    Kind.FAMILY_NAME: describe_name_parts,
    Kind.MIDDLE_NAME: describe_name_parts,
    Kind.GIVEN_NAME: describe_name_parts,
    Kind.NATIONAL_ID: describe_national,
    Kind.INSURANCE_ID: describe_insurance,
    Kind.PHONE: describe_phones,
    Kind.BIRTH_DATE: describe_births,
    Kind.PROVINCE: describe_provinces,
    Kind.DISTRICT: describe_districts,
    Kind.WARD: describe_wards,
    Kind.ADDRESS: describe_addresses,
}
"""Kinds that are not here are told of by the general locale."""
