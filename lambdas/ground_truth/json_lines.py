"""Reading one JSON value strictly, and writing JSON Lines.

Python's reader is laxer than JSON: it takes ``NaN``, keeps the last of two equal keys and raises
different errors for broken, too deep and too long numbers. What people are asked to label, and
what they answered, deserves one strict reader, and a lenient one where much hangs on one file.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any


class JsonError(ValueError):
    """Text that is not one JSON value."""


def read_json(text: str | bytes) -> object:
    """Return the JSON value of ``text``; raises ``JsonError`` saying what is wrong and where."""
    return _read(text, object_pairs_hook=_object, parse_constant=_constant)


def read_json_leniently(text: str | bytes) -> object:
    """Return the value of ``text`` as ``read_json`` does, but take what can be understood.

    For files that hold many people's data, where strictness about one value would cost all others:
    ``NaN``, a key that comes twice and numbers of thousands of digits are let through.
    """
    return _read(text, parse_int=_whole_number)


def _read(text: str | bytes, **hooks: Any) -> object:
    try:
        # Left to itself, the library would guess UTF-16 and UTF-32 as well.
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(decoded, **hooks)
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON ({error.msg}, character {error.pos + 1})") from error
    except RecursionError as error:
        raise JsonError("nested too deeply") from error
    except JsonError:
        raise
    except ValueError as error:  # a number of more digits than Python converts
        raise JsonError(f"not JSON ({error})") from error


def write_json_lines(values: Iterable[Mapping[str, object]]) -> bytes:
    """Return UTF-8 JSON Lines, every line ended by ``\\n``, keys in their given order.

    Characters are not escaped: limits of the input manifest count characters.
    """
    return b"".join(json_line(value).encode() + b"\n" for value in values)


def json_line(value: object) -> str:
    """Return one line of JSON; raises ``ValueError`` for values JSON does not have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise JsonError("an object has the same key twice")
    return result


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) < 1000 else float(digits)


def _constant(name: str) -> object:
    raise JsonError(f"{name} is not JSON")
