"""A review as one Markdown comment: the gravest first, and what matters least is cut first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ground_truth_ops.review.consequences import Consequence, Verdict
from ground_truth_ops.review.report import EnvironmentReview, Gate, Review
from ground_truth_ops.review.templates import Impact, Resource, StackChange

# GitHub refuses a comment over 65,536 characters; the margin is for what a workflow puts around it.
LONGEST = 65_000
MARK = "<!-- ground-truth-review -->"
_SIGNS = {
    Impact.CREATE: "added",
    Impact.IMPORT: "imported",
    Impact.UPDATE: "changed",
    Impact.MAY_REPLACE: "may be replaced",
    Impact.REPLACE: "**replaced**",
    Impact.DESTROY: "**removed**",
    Impact.ORPHAN: "**orphaned**",
}
_VERDICTS = {
    Verdict.REFUSED: "**refused**",
    Verdict.REMOVED: "**goes on, owned by no file**",
    Verdict.RESTART: "**restart**",
    Verdict.CONTINUE: "**continue**",
    Verdict.NEW: "new job",
    Verdict.REST: "asks for the rest",
    Verdict.SAME: "same job",
}
_GATES = {
    Gate.DESTRUCTIVE: "destroys or unprotects something",
    Gate.BROADENING: "widens permissions",
    Gate.REFUSED: "has a campaign that is refused or left without a file",
    Gate.STOPS_WORK: "stops people's work",
}


# As entities where a backslash would not do: a mention must not notify anybody.
_ESCAPES = str.maketrans(
    {
        **{char: f"\\{char}" for char in "\\`*[]|~"},
        "<": "&lt;",
        ">": "&gt;",
        "@": "&#64;",
        "#": "&#35;",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the comment; the higher `weight`, the later it is cut."""

    weight: int
    text: str


def render(review: Review, *, longest: int = LONGEST) -> str:
    """Return the comment, `longest` characters at the most."""
    return fit(list(_sections(review)), longest=longest)


def fit(sections: list[Section], *, longest: int) -> str:
    """Join the sections; whole sections go, the lightest and of those the longest first."""
    note = "\n> Cut to fit: {} of the least important sections are left out; run `make diff`.\n"
    kept, left_out = list(sections), 0
    while True:
        text = "".join(section.text for section in kept) + (note.format(left_out) * bool(left_out))
        if len(text) <= longest:
            return text
        if len(kept) == 1:
            return text[: longest - 2] + "…\n"
        lightest = min(kept, key=lambda section: (section.weight, -len(section.text)))
        kept.remove(lightest)
        left_out += 1


def _sections(review: Review) -> Iterator[Section]:
    yield Section(weight=100, text=_head(review))
    for found in review.environments:
        if not found.changed:
            continue
        yield Section(weight=90, text=_title(found))
        for weight, text in (
            (95, _problems(found)),
            (85, _labeling(found)),
            (80, _risks(found)),
            (70, _people(found)),
            (60, _permissions(found)),
        ):
            if text:
                yield Section(weight=weight, text=text)
        for change in found.changes:
            if change.changed:
                yield Section(weight=40, text=_stack(change))


def _head(review: Review) -> str:
    lines = [MARK, "## What this change will do", ""]
    changed = [found for found in review.environments if found.changed]
    for found in changed:
        for gate in Gate:
            if gate in found.gates:
                lines.append(f"- **{found.environment}** {_GATES[gate]}")
    if changed:
        lines += ["", "| environment | campaigns | stacks | resources |", "|---|---|---|---|"]
        lines += [_overview(found) for found in changed]
    else:
        lines.append("Nothing: the templates of both revisions are the same.")
    same = [found.environment for found in review.environments if not found.changed]
    if same and changed:
        lines += ["", f"Unchanged: {', '.join(same)}."]
    if review.skipped:
        lines += ["", f"Not looked at, as they run on one machine: {', '.join(review.skipped)}."]
    if review.base is None:
        lines += ["", "Compared with what is deployed.", ""]
    else:
        base = review.base[:12]
        lines += ["", f"Compared with `{base}`, without looking at what is deployed.", ""]
    return "\n".join(lines)


def _overview(found: EnvironmentReview) -> str:
    verdicts = [_VERDICTS[each.verdict] for each in found.consequences]
    campaigns = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts)) or "—"
    stacks = [
        "new" if c.before is None else "removed" if c.after is None else "changed"
        for c in found.changes
        if c.changed
    ]
    shown = ", ".join(f"{stacks.count(s)} {s}" for s in dict.fromkeys(stacks)) or "—"
    impacts = [_SIGNS[r.impact] for c in found.changes for r in _shown(c) if r.impact in _SIGNS]
    resources = ", ".join(f"{impacts.count(i)} {i}" for i in dict.fromkeys(impacts)) or "—"
    return f"| {found.environment} | {campaigns} | {shown} | {resources} |"


def _title(found: EnvironmentReview) -> str:
    what = ""
    if found.before is None:
        what = " (new environment)"
    elif found.after is None:
        what = " (no file any more: its stacks stay deployed)"
    return f"\n### {found.environment}{what}\n"


def _problems(found: EnvironmentReview) -> str:
    parts = [
        f"\nThe checks of {side} refuse {found.environment}"
        f"{'' if _compared(found) else ', so nothing can be said of it'}:\n\n"
        f"```\n{chr(10).join(_plain(line) for line in lines)}\n```\n"
        for side, lines in found.problems
    ]
    return "".join(parts)


def _compared(found: EnvironmentReview) -> bool:
    return bool(found.changes)


def _labeling(found: EnvironmentReview) -> str:
    if not found.consequences:
        return ""
    rows = [
        f"| {_cell(each.campaign)} | {_VERDICTS[each.verdict]} | {_reason(found, each)} |"
        f" {_asked(each)} | {_price(found, each)} |"
        for each in found.consequences
    ]
    head = _table("campaign", "labeling", "because", "people are asked", "estimate")
    approvals = [text for each in found.consequences for text in _approvals(each)]
    dated = {cost.as_of for cost in found.costs.values()}
    note = ""
    if dated:
        note = (
            f"\nPrices of {', '.join(sorted(dated))} in environments/{found.environment}.toml;"
            " every job priced as if it were the month's first.\n"
        )
    return head + "\n".join(rows) + "\n" + note + "".join(approvals)


def _reason(found: EnvironmentReview, each: Consequence) -> str:
    changed = f"{', '.join(each.changed)} changed: " if each.changed else ""
    today = f"; {found.jobs[each.campaign]}" if each.campaign in found.jobs else ""
    return _cell(changed + each.why + today)


def _asked(each: Consequence) -> str:
    bound = "" if each.verdict is Verdict.RESTART or each.verdict is Verdict.NEW else "up to "
    if each.asked is None:
        return f"{bound}all objects x {each.workers_per_object}"
    if not each.asked:
        return "—"
    return f"{bound}{each.asked} x {each.workers_per_object} = {each.answers} answers"


def _price(found: EnvironmentReview, each: Consequence) -> str:
    cost = found.costs.get(each.campaign)
    if cost is None:
        return "—" if each.asked == 0 else "unknown"
    return f"{cost.total:,.2f} {cost.currency}"


def _approvals(each: Consequence) -> Iterator[str]:
    if not each.approvals:
        return
    where = " under [dataset]" if each.approvals[0].startswith("revision") else ""
    lines = "\n".join(each.approvals)
    choice = "one of these lines" if len(each.approvals) > 1 else "this line"
    yield (
        f"\nTo let **{each.campaign}** through, add {choice}{where} to"
        f" `campaigns/{each.campaign}/campaign.toml`:\n\n```toml\n{lines}\n```\n"
    )


def _risks(found: EnvironmentReview) -> str:
    if not found.risks:
        return ""
    rows = [
        f"- {'**data** ' if risk.data else ''}{risk.stack}: {_cell(risk.what)} {_cell(risk.why)}"
        for risk in found.risks
    ]
    return "\n**Destroyed or unprotected**\n\n" + "\n".join(rows) + "\n"


def _people(found: EnvironmentReview) -> str:
    lines = []
    if found.access.gained:
        lines.append(f"- gain access: {_cell(', '.join(found.access.gained))}")
    if found.access.lost:
        lines.append(f"- lose access (their labels stay): {_cell(', '.join(found.access.lost))}")
    return "\n**Workers**\n\n" + "\n".join(lines) + "\n" if lines else ""


def _permissions(found: EnvironmentReview) -> str:
    rows = [
        f"| {'+' if each.added else '-'} | {_cell(each.effect)} | {_cell(each.action)} |"
        f" {_cell(each.resource)} | {_cell(each.principal)} | {_cell(each.condition)} |"
        for change in found.changes
        if change.before is not None and change.after is not None
        for each in change.permissions
    ]
    policies = [f"- {_cell(line)}" for change in found.changes for line in change.managed_policies]
    if not rows and not policies:
        return ""
    head = _table("", "effect", "action", "resource", "principal", "condition")
    body = head + "\n".join(rows) + "\n" if rows else ""
    tail = "\n" + "\n".join(policies) + "\n" if policies else ""
    return _folded(f"Permissions: {len(rows) + len(policies)} changes", body + tail)


def _stack(change: StackChange) -> str:
    if change.after is None:
        command = f"aws cloudformation delete-stack --stack-name {change.name}"
        return f"\n- {change.name} leaves the files but **stays deployed**: `{command}`\n"
    state = " (new)" if change.before is None else ""
    rows = [
        f"| {_SIGNS.get(item.impact, item.impact)} | {_cell(item.type)} | {_cell(item.path)} |"
        f" {_cell(', '.join(item.properties)) if item.impact is not Impact.CREATE else ''} |"
        for item in _shown(change)
    ]
    outputs = f"\nOutputs: {_cell(', '.join(change.outputs))}\n" if change.outputs else ""
    head = _table("", "type", "resource", "because of")
    table = head + "\n".join(rows) + "\n" if rows else ""
    return _folded(f"{change.name}{state}: {len(rows)} resources", table + outputs)


def _shown(change: StackChange) -> Sequence[Resource]:
    order = list(reversed(_SIGNS))
    known = [item for item in change.resources if item.impact in _SIGNS]
    return sorted(known, key=lambda item: (order.index(item.impact), item.type, item.path))


def _table(*columns: str) -> str:
    return f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"


def _folded(title: str, body: str) -> str:
    return f"\n<details><summary>{title}</summary>\n{body}\n</details>\n"


def _plain(text: str) -> str:
    """Text inside a code fence, which it must not end."""
    return text.replace("```", "'''")


def _cell(text: str) -> str:
    """Text of a table's cell: a pull request must not be able to add markup of its own."""
    return " ".join(str(text).split()).translate(_ESCAPES)
