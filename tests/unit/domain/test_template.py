"""Instructions go where the template wants them, and nowhere else."""

import pytest

from ground_truth.template import TemplateInstructionsError, insert_instructions

TEMPLATE = """<crowd-form>
<short-instructions><!-- short-instructions --></short-instructions>
<full-instructions><!-- full-instructions --></full-instructions>
</crowd-form>"""


def test_inserts_both_instructions_at_their_placeholders() -> None:
    assert insert_instructions(TEMPLATE, "<p>Look.</p>\n", r"<p>Look \1 twice.</p>") == (
        "<crowd-form>\n"
        "<short-instructions><p>Look.</p></short-instructions>\n"
        "<full-instructions><p>Look \\1 twice.</p></full-instructions>\n"
        "</crowd-form>"
    )


def test_leaves_a_placeholder_quoted_in_instructions_alone() -> None:
    page = insert_instructions(TEMPLATE, "see <!-- full-instructions -->", "all")
    assert "<short-instructions>see <!-- full-instructions --></short-instructions>" in page
    assert "<full-instructions>all</full-instructions>" in page


def test_names_every_placeholder_that_is_not_there_once() -> None:
    with pytest.raises(
        TemplateInstructionsError,
        match=r"short-instructions --> 2 times, .*; template .*full-instructions --> 0 times",
    ):
        insert_instructions("<!-- short-instructions --><!-- short-instructions -->", "a", "b")


@pytest.mark.parametrize("text", ["ok\n{{ task.input.labels }}", "ok\n{% if x %}"])
def test_refuses_liquid_in_instructions(text: str) -> None:
    with pytest.raises(TemplateInstructionsError, match="short-instructions have Liquid in line 2"):
        insert_instructions(TEMPLATE, text, "fine")


@pytest.mark.parametrize(
    "text", ["</full-instructions>", "<p></CROWD-FORM >", "</crowd-classifier>"]
)
def test_refuses_end_tags_of_the_page_in_instructions(text: str) -> None:
    with pytest.raises(TemplateInstructionsError, match="full-instructions have an end tag"):
        insert_instructions(TEMPLATE, "fine", text)
