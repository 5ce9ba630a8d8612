"""Every public name says what it is."""

import importlib
import inspect

import pytest

import groupkit
import groupkit_widgets


def undocumented(module) -> list[str]:
    found = []
    for name in module.__all__:
        thing = getattr(module, name)
        if not (inspect.isclass(thing) or inspect.isroutine(thing)):
            continue
        # A dataclass without a docstring is given its own signature for one.
        text = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
        if not text or text.startswith(f"{name}("):
            found.append(name)
    return found


@pytest.mark.parametrize("module", [groupkit, groupkit_widgets], ids=lambda module: module.__name__)
def test_every_public_function_and_class_has_a_docstring(module):
    assert not undocumented(module)


@pytest.mark.parametrize("module", [groupkit, groupkit_widgets], ids=lambda module: module.__name__)
def test_the_packages_document_themselves(module):
    assert module.__doc__


@pytest.mark.parametrize("name", ["check", "papers", "plot", "schedules"])
def test_public_modules_are_imported_by_their_public_names(name):
    module = importlib.import_module(f"groupkit.{name}")
    assert module is getattr(groupkit, name), "one module, however it is asked for"
