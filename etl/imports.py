"""What libraries import and never use for us, kept from being imported.

Half of what a run with nothing new takes is imports, and each process that parses pays for its own.
A stand-in is seen by one library only, while that is imported; asked for more than it knows, it
loads what it stands for.
"""

import gc
import importlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

NEW_OBJECTS = 50_000
"""After so many Python looks for garbage, instead of after 700: 0.97 of the parser's time."""


@contextmanager
def imports_only() -> Iterator[None]:
    """Have no garbage looked for while the block imports modules, nor ever among what they hold.

    Python looks again and again at all that imports make, which stays: a quarter of their time.
    Later it looks less often, too: lists of rules' results are no garbage, and hold no circles.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS)
        gc.enable()


def load_dataframely() -> None:
    """Load dataframely without SQLAlchemy and NumPy, of which it needs next to nothing for us.

    SQLAlchemy is to it as if it were not installed; NumPy makes its samples. Else each process that
    parses would take half as long again to start.
    """
    import polars  # noqa: F401  first: it is to see the real ones

    stand_ins = {"numpy": _NumPy("numpy"), "sqlalchemy": None}
    if sys.modules.keys() & {"dataframely", *stand_ins}:
        return
    sys.modules.update(stand_ins)  # type: ignore[arg-type]
    try:
        import dataframely  # noqa: F401
    finally:
        for name in stand_ins:
            del sys.modules[name]


@contextmanager
def without_alembic() -> Iterator[None]:
    """Have Dagster's storages, imported in the block, load Alembic when they call it.

    That is when they make a database (`etl.run_records`).
    """
    names = ["command", "config", "runtime.environment", "runtime.migration", "script"]
    stand_ins = {f"alembic.{name}": _Later(f"alembic.{name}") for name in names}
    if not any(name.partition(".")[0] == "alembic" for name in sys.modules):
        sys.modules.update(stand_ins)
    try:
        yield
    finally:
        _give_way(stand_ins)


def _give_way(stand_ins: Iterable[str]) -> None:
    for name in stand_ins:
        if isinstance(sys.modules.get(name), _Later):
            del sys.modules[name]


class _Later(ModuleType):
    """Stands for a module of functions and classes, and is loaded when one is called or asked."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(self.__name__, name)


class _Name:
    """Stands for a function or class of a module."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def _real(self) -> Any:
        _give_way([name for name in sys.modules if name.startswith("alembic.")])
        return getattr(importlib.import_module(self._module), self._name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._real()(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)


class _NumPy(ModuleType):
    """Stands for NumPy in dataframely."""

    float64 = float

    def finfo(self, kind: object) -> object:
        """Give the limits of a type of floats; dataframely asks for them for each column."""
        if kind is float:
            return SimpleNamespace(min=-sys.float_info.max, max=sys.float_info.max)
        return importlib.import_module("numpy").finfo(kind)

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get("numpy") is self:  # only looked at, while classes are made
            raise AttributeError(name)
        return getattr(importlib.import_module("numpy"), name)
