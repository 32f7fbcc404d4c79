"""Schemes to begin from (domain.md §4.1, §4.2): what seeds and published standards say, every number replaceable.

An example is no policy: an office takes it into a draft, changes what its own document says, tries it and approves it.
"""

from subsidies.schemes.examples.offices import OFFICES
from subsidies.schemes.examples.parts import Example
from subsidies.schemes.examples.people import PEOPLE
from subsidies.schemes.examples.work import WORK

EXAMPLES: tuple[Example, ...] = tuple(sorted((*WORK, *PEOPLE, *OFFICES), key=lambda one: one.code))

__all__ = ["EXAMPLES", "Example"]
