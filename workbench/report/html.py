"""HTML templates; anything that comes from a file or a user is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbench.report.words import signed


def sentence_case(text: str) -> str:
    """The text with a capital first letter; the rest is unchanged because of abbreviations.

    Examples
    --------
    >>> sentence_case("the larger KAM peak")
    'The larger KAM peak'
    """
    return text[:1].upper() + text[1:]


def render(template: str, **values: Any) -> Markup:
    """Fill in a template of ``report/templates``; the result may be inserted into another one."""
    return Markup(_environment().get_template(template).render(values))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("workbench.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["signed"] = signed
    environment.filters["sentence_case"] = sentence_case
    return environment
