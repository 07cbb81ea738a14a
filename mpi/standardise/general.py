"""The general locale: rules that suit a table of persons of any country."""

from __future__ import annotations

from mpi.schema import FORM_OF, Form, Kind
from mpi.standardise.categories import CATEGORY, SEX
from mpi.standardise.dates import DATE
from mpi.standardise.formats import GENERAL_FINDINGS
from mpi.standardise.identifiers import standard_identifiers, standard_mail
from mpi.standardise.names import name_rule
from mpi.standardise.numbers import AGE, DAY, MONTH, NUMBER, YEAR
from mpi.standardise.phones import PHONE
from mpi.standardise.places import PROVINCE, WORDS_RULE
from mpi.standardise.rules import Locale, Rule

_BY_FORM: dict[Form, Rule] = {
    Form.NAME: name_rule(newborn=True),
    Form.DATE: DATE,
    Form.IDENTIFIER: Rule(standard_identifiers, bulk=True),
    Form.CATEGORY: CATEGORY,
    Form.TEXT: WORDS_RULE,
    Form.NUMBER: NUMBER,
}
_BY_KIND: dict[Kind, Rule] = {
    Kind.FAMILY_NAME: name_rule(newborn=False),
    Kind.MIDDLE_NAME: name_rule(newborn=False, titles=False),
    Kind.MOTHER_NAME: name_rule(newborn=False),
    Kind.FATHER_NAME: name_rule(newborn=False),
    Kind.SEX: SEX,
    Kind.BIRTH_YEAR: YEAR,
    Kind.BIRTH_MONTH: MONTH,
    Kind.BIRTH_DAY: DAY,
    Kind.AGE: AGE,
    Kind.PHONE: PHONE,
    Kind.EMAIL: Rule(standard_mail, bulk=True),
    Kind.PROVINCE: PROVINCE,
}

GENERAL = Locale(
    "general",
    {kind: _BY_KIND.get(kind, _BY_FORM[form]) for kind, form in FORM_OF.items()},
    describe=GENERAL_FINDINGS,
)
