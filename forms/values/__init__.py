"""The dozen ways people write values, as small frozen values or a Failure that says why not. No exceptions for bad content."""

from forms.values.absence import Absence, absence
from forms.values.choices import Option, parse_options, parse_yes_no
from forms.values.codes import Phone, parse_bank_card, parse_credit_code, parse_phone
from forms.values.dates import YearMonth, parse_date, parse_year_month
from forms.values.failure import Failure
from forms.values.ids import NO_DEMO, DemoRegions, IdNumber, province_assigned
from forms.values.numbers import Number, Quantity, parse_number, parse_quantity

__all__ = [
    "NO_DEMO",
    "Absence",
    "DemoRegions",
    "Failure",
    "IdNumber",
    "Number",
    "Option",
    "Phone",
    "Quantity",
    "YearMonth",
    "absence",
    "parse_bank_card",
    "parse_credit_code",
    "parse_date",
    "parse_number",
    "parse_options",
    "parse_phone",
    "parse_quantity",
    "parse_year_month",
    "parse_yes_no",
    "province_assigned",
]
