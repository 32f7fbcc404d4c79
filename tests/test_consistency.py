"""The code base read as data: nothing unused, nothing too long, and documents that speak of what is there."""

from __future__ import annotations

import ast
import importlib
import re
import statistics
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
# Django asks for these by their names; the gallery shows every component to developers and to its test
CONVENTIONAL = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "components/gallery.html"}
LONGEST_FILE, USUAL_FILE, LONGEST_FUNCTION = 600, 150, 60  # lines


@cache
def sources() -> dict[Path, str]:
    """Our Python files outside tests and migrations."""
    found = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return {path: path.read_text() for path in found if "migrations" not in path.parts}


@cache
def templates() -> dict[str, str]:
    folder = ROOT / "templates"
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def texts() -> list[Path]:
    """Everything of ours that people read."""
    folders = [ROOT / name for name in (*ROOMS, "docs", "templates", "static", "tests")]
    kinds = {".py", ".md", ".html", ".js", ".css"}
    return [
        *ROOT.glob("*.md"),
        *(path for folder in folders for path in folder.rglob("*") if path.suffix in kinds),
    ]


def told_of(name: str, text: str) -> bool:
    """Whether a template is asked for, by its whole name or by the last part of it."""
    return any(f"{mark}{part}{mark}" in text for mark in "\"'" for part in (name, name.rpartition("/")[2]))


def test_every_template_is_used() -> None:
    told = "\n".join([*sources().values(), *templates().values()])
    unused = {name for name in templates() if not told_of(name, told)}
    assert unused - CONVENTIONAL == set()


def test_every_file_of_ours_for_the_browser_is_used() -> None:
    folder = ROOT / "static"
    files = [path for path in folder.rglob("*") if path.is_file()]
    told = "\n".join([*sources().values(), *templates().values()])
    told += "\n".join(path.read_text() for path in files if path.suffix in {".js", ".css"})
    assert [path.name for path in files if path.name not in told] == []


def classes_in(template: str) -> set[str]:
    """The class names that a template spells out; those put together from a variable are not among them."""
    found: set[str] = set()
    for value in re.findall(r'\bclass="((?:\{%.*?%\}|\{\{.*?\}\}|[^"])*)"', template, re.S):
        value = re.sub(r"[\w-]*\{\{.*?\}\}[\w-]*|[\w-]+-\{% if .*?\{% endif %\}", " ", value)
        found.update(re.sub(r"\{%.*?%\}", " ", value).split())
    return found


def test_every_class_of_a_template_has_a_style_or_a_script() -> None:
    ours = [path.read_text() for path in (ROOT / "static").rglob("*") if path.suffix in {".css", ".js"}]
    package = (ROOT / "node_modules/@tabler/core/dist/css/tabler.min.css").read_text()
    known = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", "".join([*ours, package])))
    without = {f"{name}: {word}" for name, text in templates().items() for word in classes_in(text) - known}
    assert without == set()


def test_files_are_short() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): text.count("\n") for path, text in sources().items() if text
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}
    assert statistics.median(lengths.values()) < USUAL_FILE


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    }
    assert long == set()


def test_the_map_of_the_house_shows_its_rooms() -> None:
    block = (ROOT / "docs/architecture.md").read_text().split("```")[1]
    names = re.findall(r"^(\w+)/ ", block, re.M)
    assert names[: len(ROOMS)] == ROOMS
    assert [name for name in [*names, *re.findall(r" {3}(\w+)/ ", block)] if not (ROOT / name).is_dir()] == []


@pytest.mark.parametrize("document", ["docs/architecture.md", "docs/glossary.md"])
def test_every_path_that_a_document_names_is_there(document) -> None:
    named = re.findall(r"`((?:[\w-]+/)+[\w.-]+\.\w+)`", (ROOT / document).read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


@cache
def names_of_tests() -> dict[str, set[str]]:
    """Test file, below tests/ → its test functions."""
    files = {
        path.relative_to(ROOT / "tests").as_posix(): path for path in (ROOT / "tests").rglob("test_*.py")
    }
    return {name: set(re.findall(r"^def (test_\w+)", path.read_text(), re.M)) for name, path in files.items()}


@pytest.mark.parametrize("document", ["docs/security.md", "docs/operating.md"])
def test_every_test_that_a_document_names_is_there(document) -> None:
    every = set().union(*names_of_tests().values())
    lost = []
    for named in re.findall(r"`([\w/.:-]*test_[\w.:]*)`", (ROOT / document).read_text()):
        path, _, function = named.removeprefix("tests/").rpartition("::")
        if not path:
            path, function = (function, "") if function.endswith(".py") else ("", function)
        files = [name for name in names_of_tests() if f"/{name}".endswith(f"/{path}")] if path else None
        functions = every if files is None else set().union(*(names_of_tests()[name] for name in files))
        if files == [] or (function and function not in functions):
            lost.append(named)
    assert lost == []


def test_no_form_is_made_from_a_model() -> None:
    """A form that names its fields cannot be sent others."""
    assert [str(path) for path, text in sources().items() if "ModelForm" in text or "modelform" in text] == []


def test_explanations_need_no_tracker() -> None:
    """A reason stands where it is needed; a number of a report that not everybody can open explains nothing."""
    number = re.compile(r"\b(?:[Ii]ssue|[Tt]icket|[Bb]ug)s? ?#?\d|\b(?:TODO|FIXME|XXX)\b")
    assert [
        str(path.relative_to(ROOT))
        for path in texts()
        if path != Path(__file__) and number.search(path.read_text())
    ] == []


def test_what_a_check_is_told_to_ignore_is_named() -> None:
    bare = re.compile(r"#\s*(?:type: ignore|noqa)\s*(?:$|[^\s\[:])", re.M)
    assert [str(path.relative_to(ROOT)) for path, text in sources().items() if bare.search(text)] == []


# ── the glossary ─────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def modules() -> dict[str, object]:
    """Every module of the rooms by its dotted name."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources()]
    names = [name.removesuffix(".__init__") for name in names]
    importlib.import_module("config.urls")  # the converters of addresses first
    return {name: importlib.import_module(name) for name in names if name.split(".")[0] != "config"}


@cache
def named() -> dict[str, object]:
    """Classes, functions and modules of the rooms by their last name."""
    found: dict[str, object] = {}
    for name, module in modules().items():
        found |= {
            key: value for key, value in vars(module).items() if getattr(value, "__module__", name) == name
        }
    return found


def member(owner: object, name: str) -> object:
    """What `name` is in a module, a room (its models too) or a class; LookupError when there is none."""
    for place in (owner, modules().get(f"{getattr(owner, '__name__', '')}.models")):
        if hasattr(place, name):
            return getattr(place, name)
    if name in getattr(owner, "__annotations__", {}):
        return owner.__annotations__[name]
    raise LookupError(f"{name} in {owner}")


def resolve(term: str, before: object) -> object:
    """What a term means; one that begins with a dot, or has none, may belong to what stands before it."""
    head, *rest = term.removeprefix(".").split(".")
    if term.startswith(".") or (head not in modules() and head not in named()):
        found = member(before, head)
    else:
        found = modules().get(head) or named()[head]
    for part in rest:
        found = modules().get(f"{getattr(found, '__name__', '')}.{part}") or member(found, part)
    return found


def terms_of_the_glossary() -> list[list[str]]:
    """The names in the second column of each line that has any."""
    rows = [line.split("|") for line in (ROOT / "docs/glossary.md").read_text().splitlines()]
    found = [re.findall(r"`([\w.]+)`", row[2]) for row in rows if len(row) == 5]
    return [names for names in found if names]


@pytest.mark.parametrize("names", terms_of_the_glossary(), ids=lambda names: names[0])
def test_a_term_of_the_glossary_has_its_name_in_the_code(names) -> None:
    owner: object = None
    for name in names:
        found = resolve(name, owner)
        if "." in name.lstrip(".") and not isinstance(found, type):  # Class.field, then .other
            owner = resolve(name.rpartition(".")[0], owner)
        elif not name.startswith("."):
            owner = found
