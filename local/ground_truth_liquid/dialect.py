"""Ground Truth's dialect of Liquid: what a worker task template may say, and what it renders to.

Stock Liquid with three differences, all documented in the developer guide's "Adding automation
with Liquid": output is HTML-escaped, text written in the template included; three filters are
added (``to_json``, ``grant_read_access``, ``skip_autoescape``); and the only variable is ``task``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from liquid import (
    DictLoader,
    Environment,
    FalsyStrictUndefined,
    Markup,
    RenderContext,
    Undefined,
)
from liquid.builtin.expressions import StringLiteral
from liquid.exceptions import FilterArgumentError, LiquidError, UndefinedError
from liquid.filter import with_context

from ground_truth_liquid.errors import TemplateError
from ground_truth_liquid.markup import position

if TYPE_CHECKING:
    from liquid.ast import Node
    from liquid.expression import Expression
    from liquid.template import BoundTemplate

# No Liquid identifier can spell this, so a template can't reach the function behind the filter.
_GRANT = "\0grant"


class _ExplicitUndefined(FalsyStrictUndefined):
    """A value the task input lacks: an error to print, but `if` and `default` may ask for it."""

    force_liquid_default = True


def to_json(value: object) -> str:
    """JSON text of ``value``: an ordinary string, so it is escaped on output like any other.

    Documented templates put it between double quotes (``labels="{{ x | to_json }}"``), which only
    works so; inside ``<script>`` authors add ``skip_autoescape``.
    """
    if isinstance(value, Undefined):
        value = str(value)  # says which value it is that nobody gave
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        message = f"to_json: {type(value).__name__} has no JSON form; give it a task input value"
        raise FilterArgumentError(message, token=None) from error


@with_context
def grant_read_access(value: object, *, context: Any) -> str:
    """A short-lived link for an ``s3://`` URI, made by the function given to ``render``."""
    uri = str(value) if isinstance(value, str | Undefined) else repr(value)
    if not uri.startswith("s3://"):
        message = (
            f"grant_read_access: got {uri[:80]!r}, allowed is an S3 URI (s3://bucket/key); "
            "apply it to the task input that holds the object's address"
        )
        raise FilterArgumentError(message, token=None)
    grant: Callable[[str], str] = context.globals[_GRANT]
    return grant(uri)


def skip_autoescape(value: object) -> Markup:
    """``value`` as it is, for text that already is markup or script."""
    return Markup(value)


@lru_cache(maxsize=2)
def environment(*, strict: bool = True) -> Environment:
    """The dialect. It has no loader: `include` and `render` find nothing, as in Ground Truth.

    Not strict, unknown variables and filters render to something, so that the lint can look at
    the rest of a template that has such a mistake.
    """
    dialect = Environment(
        autoescape=True,
        undefined=_ExplicitUndefined if strict else Undefined,
        loader=DictLoader({}),
        strict_filters=strict,
    )
    dialect.add_filter("to_json", to_json)
    dialect.add_filter("grant_read_access", grant_read_access)
    dialect.add_filter("skip_autoescape", skip_autoescape)
    return dialect


@lru_cache(maxsize=64)
def parse(template: str, *, strict: bool = True) -> BoundTemplate:
    """The parsed template. Raises TemplateError with the line of a syntax error."""
    try:
        parsed = environment(strict=strict).from_string(template)
    except LiquidError as error:
        raise _template_error(error, template) from error
    for node in nodes(parsed):
        for expression in node.expressions():
            _make_literals_plain(expression)
    return parsed


def nodes(template: BoundTemplate) -> Iterator[Node]:
    """Every tag and output of a template, those inside others included."""
    context = RenderContext(template)
    waiting = list(template.nodes)
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting += node.children(context)


class _PlainText(StringLiteral):
    """Text in a template is escaped like data; the library would take it for markup."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> str:  # noqa: ARG002 - the library's
        return str(self.value)


def _make_literals_plain(expression: Expression) -> None:
    if type(expression) is StringLiteral:
        expression.__class__ = _PlainText
    for child in expression.children():
        _make_literals_plain(child)


def render(
    template: str,
    *,
    task_input: Mapping[str, object],
    grant_read_access: Callable[[str], str],
    strict: bool = True,
) -> str:
    """The HTML a worker's browser gets for one task.

    ``task_input`` is the pre-annotation function's ``taskInput`` (without a function: the manifest
    line); ``grant_read_access`` turns an S3 URI into a link. Raises TemplateError for a syntax
    error and, when ``strict``, for an unknown filter or a variable the input doesn't give; what
    ``grant_read_access`` raises comes through unchanged.
    """
    variables = {"task": {"input": dict(task_input)}, _GRANT: _Carrier(grant_read_access)}
    try:
        return str(parse(template, strict=strict).render(variables))
    except _GrantFailedError as failure:
        raise failure.cause from None
    except UndefinedError as error:
        given = ", ".join(sorted(task_input)) or "nothing"
        message = (
            f"the template reads {str(error.message).removesuffix(' is undefined')}, which the "
            f"task input does not give (it gives: {given}); correct the name, add it to the "
            "pre-annotation function's taskInput, or allow for its absence with `if` or `default`"
        )
        line, column = _place(error, template)
        raise TemplateError(message, line=line, column=column) from error
    except LiquidError as error:
        raise _template_error(error, template) from error


def variables(template: str) -> set[str]:
    """Every path outside the template's own variables that it reads: ``task.input.taskObject``."""
    return set(parse(template).global_variable_paths())


def _template_error(error: LiquidError, template: str) -> TemplateError:
    line, column = _place(error, template)
    return TemplateError(str(error.message), line=line, column=column)


def _place(error: LiquidError, template: str) -> tuple[int | None, int | None]:
    """Line and column of a Liquid error; None when the library doesn't know them."""
    token = error.token
    if token is None or token.start_index < 0:
        return None, None
    return position(template, token.start_index)


class _GrantFailedError(Exception):
    """Carries a failure of the caller's function past Liquid, which takes TypeErrors as its own."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause


class _Carrier:
    def __init__(self, grant: Callable[[str], str]) -> None:
        self._grant = grant

    def __call__(self, uri: str) -> str:
        try:
            return self._grant(uri)
        except Exception as error:
            raise _GrantFailedError(error) from error
