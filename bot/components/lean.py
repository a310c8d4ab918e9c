"""Rasa without TensorFlow.

Rasa imports TensorFlow when its server is imported, for helper classes that only its TensorFlow components
use: 11 of 19 seconds and half the memory of a bot that has no such component. Here a finder answers for
`tensorflow` and `keras` with modules whose names can be subclassed and annotated with, but not used. See docs/adr/0011.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

ABSENT = ("tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons")


class TensorFlowAbsent(RuntimeError):
    """Something that needs TensorFlow was used in a process that runs without it."""


class _AbsentType(type):
    """The type of names that stand for something in TensorFlow."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(f"{cls.__name__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # used as a decorator
        raise TensorFlowAbsent(
            f"{cls.__name__} was used, but this process runs without TensorFlow: "
            "config.yml names a component that needs it"
        )

    def __getitem__(cls, item: Any) -> Any:
        return cls


def _absent(name: str) -> _AbsentType:
    return _AbsentType(name, (), {})


class _AbsentModule(ModuleType):
    """Its attributes are absent names."""

    __path__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _absent(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class _AbsentFinder(MetaPathFinder, Loader):
    """Finds the absent packages and everything below them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in ABSENT:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def leave_out_tensorflow() -> None:
    """Call before anything of Rasa is imported. Does nothing when TensorFlow is loaded already or a finder is
    in place.
    """
    if "tensorflow" in sys.modules or any(isinstance(finder, _AbsentFinder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _AbsentFinder())
    sys.modules["rasa.engine.recipes.default_components"] = _no_default_components()


def _no_default_components() -> ModuleType:
    """config.yml names all its components by module path, so the recipe needs none of Rasa's registered."""
    module = ModuleType("rasa.engine.recipes.default_components")
    module.DEFAULT_COMPONENTS = []  # type: ignore[attr-defined]
    return module
