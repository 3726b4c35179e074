"""The names of the states and territories of the United States, and the provinces of Canada."""

from __future__ import annotations

_STATES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC Washington D.C.|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas
KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi
MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York
NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island
SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington State
WV West Virginia|WI Wisconsin|WY Wyoming
"""
_PROVINCES = """
AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|ON Ontario
QC Quebec|SK Saskatchewan|YT Yukon|NT Northwest Territories|NU Nunavut|NS Nova Scotia|PE Prince Edward Island
"""


def _named(table: str) -> dict[str, str]:
    entries = table.strip().replace("\n", "|").split("|")
    return {name: code for code, name in (entry.split(" ", 1) for entry in entries)}


STATES = _named(_STATES)
"""Name to two letters.  Washington is "Washington State", as the numbering data has it."""
PROVINCES = _named(_PROVINCES)
TERRITORIES = frozenset({"PR", "GU", "VI", "AS", "MP"})
"""US territories that numbering data treats as countries."""

_BOTH = "AL AR AZ CA CO DE GA ID IL IN KY LA MA MD ME MN MO MS MT NC NE PA SC SD TN VA"
COUNTRIES_TOO = frozenset(_BOTH.split(" "))
"""Two letters that are a US state to the Post Office and a country to ISO 3166: CA, DE, IN."""
