"""Classes of places: the stable codes shared with the rule book."""

from __future__ import annotations


def place_classes() -> tuple[str, ...]:
    """Codes of the statutory tables of places; imported late so that the register can be used without the rule book."""
    from kuangan.library.warning.places import PLACE_CLASSES

    return PLACE_CLASSES


def require_place_class(code: str) -> str:
    """The code itself. Raises ValueError on a class the rule book does not know."""
    if code not in place_classes():
        raise ValueError(f"unknown class of places: {code}")
    return code
