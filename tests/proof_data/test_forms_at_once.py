"""Several processes at once on 采集表: no answer lost, equal submissions one form, a confirmation once."""

from __future__ import annotations

import os
from collections import defaultdict

import pytest

from accounts.audit import AuditEntry, first_bad_entry
from ledgers.models import CollectionForm
from tests import cast as casting
from tests import factories
from tests.proof_data.parallel import together

EDITS = int(os.environ.get("FORM_EDITS", "40"))  # per process; 300 for the long run
PROCESSES = 8


@pytest.fixture
def cast(test_environment) -> casting.Cast:
    return casting.build()


def test_answers_of_8_processes_to_the_forms_of_50_people_lose_none(cast, test_environment):
    forms = [factories.form(factories.whole_person(cast.units["99111"])).pk for _ in range(50)]
    calls = [
        ("fill", {"who": ("cun", "zhen")[seed % 2], "forms": forms, "seed": seed, "edits": EDITS})
        for seed in range(PROCESSES)
    ]
    told = together(test_environment, *calls)
    assert [error for one in told for error in one["errors"]] == []
    accepted = [tuple(edit) for one in told for edit in one["accepted"]]
    differs = sum(one["differs"] for one in told)
    assert len(accepted) + differs == PROCESSES * EDITS
    assert sum(turn[0] == forms[0] and turn[3].endswith("之0") for turn in accepted) == 1  # the others met it
    assert differs >= PROCESSES - 1
    stored = {form.pk: form for form in CollectionForm.objects.all()}
    assert sum(form.version - 1 for form in stored.values()) == len(accepted)
    following: dict[tuple, dict[str, str]] = defaultdict(dict)
    for pk, key, seen, text in accepted:
        assert seen not in following[pk, key], "two answers replaced the same one"
        following[pk, key][seen] = text
    for (pk, key), after in following.items():
        text, steps = stored[pk].base[key], 0
        while text in after:
            text, steps = after[text], steps + 1
        assert (text, steps) == (stored[pk].values[key], len(after))


def test_20_equal_submissions_at_once_are_one_form_and_one_answer(cast, test_environment):
    person = factories.whole_person(cast.units["99111"])
    call = ("hand_in", {"who": "cun", "person": person.pk, "times": 5})
    told = together(test_environment | {"SIGNATURES": "false"}, *[call] * 4)
    answers = [tuple(answer) for one in told for answer in one]
    assert len(answers) == 20
    form = CollectionForm.objects.get()
    assert set(answers) == {(form.pk, "submitted", 2, form.filed_at.isoformat())}
    assert AuditEntry.objects.filter(action="form.submit").count() == 1
    assert first_bad_entry() is None
