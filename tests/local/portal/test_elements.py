"""Inputs and layout: the examples of the elements' reference, and what each attribute does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.local.portal.hands import Person, deep
from tests.local.portal.looks import photograph
from tests.local.portal.test_browser import SCRIPT

if TYPE_CHECKING:
    from tests.local.portal.desk import Desk

pytestmark = pytest.mark.browser

Show = Callable[[str], Person]


@pytest.fixture
def show(desk: Desk) -> Show:
    """A task whose form holds this."""

    def opened(inside: str) -> Person:
        page, frame = desk.task(f"{SCRIPT}<crowd-form>{inside}</crowd-form>")
        return Person(page, frame)

    return opened


def shown(person: Person, path: str) -> bool:
    visible: bool = person.frame.value(
        f"!!document.querySelector({path!r}).checkVisibility({{visibilityProperty: true}})"
    )
    return visible


def problem(person: Person, path: str) -> str:
    text: str = person.frame.value(f"{deep(path + ' >>> .problem')}.textContent")
    return text


def test_boxes_of_one_name_are_one_object(desk: Desk, show: Show) -> None:
    person = show(
        '<crowd-checkbox name="image_attributes" value="blurry"> Blurry </crowd-checkbox>'
        '<crowd-checkbox name="image_attributes" value="dim"> Too Dim </crowd-checkbox>'
        '<crowd-checkbox name="image_attributes" value="exposed"> Too Bright </crowd-checkbox>'
        '<crowd-checkbox name="Stop" value="Red" checked> Red </crowd-checkbox>'
        '<crowd-checkbox name="found"> Found </crowd-checkbox>'
    )
    person.point('[value="blurry"] >>> input')
    person.point('[value="dim"] >>> input')
    person.submit()
    assert desk.answer() == {
        "image_attributes": {"blurry": True, "dim": True, "exposed": False},
        "Stop": {"Red": True},
        "found": {"on": False},
    }


def test_toggles_switch_by_mouse_and_keyboard(desk: Desk, show: Show) -> None:
    person = show(
        '<crowd-toggle-button name="theToggler"></crowd-toggle-button>'
        '<crowd-toggle-button name="checked" value="some" checked>On</crowd-toggle-button>'
        '<crowd-toggle-button name="off" disabled>Never</crowd-toggle-button>'
        '<crowd-toggle-button name="wrong" invalid>Agree</crowd-toggle-button>'
        '<crowd-toggle-button name="needed" required>Needed</crowd-toggle-button>'
    )
    color = f"getComputedStyle({deep('[name=wrong] >>> input')}).backgroundColor"
    assert person.frame.value(color) == "rgb(165, 40, 27)"
    person.point('[name="theToggler"] >>> input')
    person.submit()
    assert problem(person, "[name=needed]") == "Please switch this on"
    assert person.focused() == "crowd-toggle-button >>> input"
    photograph(person, "toggles")
    person.press(" ")
    person.submit()
    assert desk.answer() == {
        "theToggler": {"on": True},
        "checked": {"some": True},
        "wrong": {"on": False},
        "needed": {"on": True},
    }


def test_a_required_slider_waits_to_be_moved(desk: Desk, show: Show) -> None:
    person = show(
        "<crowd-slider-label>From poor to good</crowd-slider-label>"
        '<crowd-slider name="howMuch" min="1" max="10" step="1" pin="true" required></crowd-slider>'
        '<crowd-slider name="exact" max="1" step="0.25" value="0.5" editable></crowd-slider>'
        '<crowd-slider name="film" secondary-progress="60" value="20"></crowd-slider>'
        '<crowd-slider name="off" disabled></crowd-slider>'
    )
    person.submit()
    assert problem(person, "[name=howMuch]") == "Please move the slider"
    assert not desk.answered
    person.press("End")
    person.press("ArrowLeft")
    photograph(person, "sliders")
    assert person.frame.value(f"{deep('[name=howMuch] >>> output')}.textContent") == "9"
    person.frame.value(f"{deep('[name=exact] >>> [type=number]')}.select()")
    person.write("0.75")
    person.submit()
    assert desk.answer() == {"howMuch": 9, "exact": 0.75, "film": 20}


def test_text_fields_keep_to_their_attributes(desk: Desk, show: Show) -> None:
    person = show(
        '<crowd-text-area name="textInput1" rows="4" max-length="60" char-counter auto-focus>'
        "</crowd-text-area>"
        '<crowd-input name="digits" label="Digits" allowed-pattern="[0-9]" auto-validate'
        ' min-length="3" error-message="Three digits"></crowd-input>'
        '<crowd-input name="mail" type="email" required></crowd-input>'
        '<crowd-input name="preset" value="as it is"></crowd-input>'
    )
    person.ready("crowd-text-area >>> textarea")
    assert person.focused() == "crowd-text-area >>> textarea"
    person.write("This is the text; the text that\nmakes the crowd go wild.")
    count = (
        "document.querySelector('crowd-text-area').shadowRoot.querySelector('.count').textContent"
    )
    assert person.frame.value(count) == "56/60"
    person.write("too long")
    person.fill('[name="digits"] >>> input', "1a2")
    assert problem(person, "[name=digits]") == "Three digits"
    person.submit()
    assert not desk.answered
    person.fill('[name="digits"] >>> input', "3")
    person.fill('[name="mail"] >>> input', "ada")
    person.submit()
    assert "@" in problem(person, "[name=mail]")
    photograph(person, "text-fields")
    person.fill('[name="mail"] >>> input', "@example.com")
    person.submit()
    assert desk.answer() == {
        "textInput1": "This is the text; the text that\nmakes the crowd go wild.too ",
        "digits": "123",
        "mail": "ada@example.com",
        "preset": "as it is",
    }


TABS = """<crowd-tabs>
<crowd-tab header="Tab 1"><p id="first">One</p></crowd-tab>
<crowd-tab header="Tab 2"><crowd-input label="In" name="inside" required></crowd-input></crowd-tab>
<crowd-tab header="Tab 3"><input id="plain" name="plain" required></crowd-tab>
</crowd-tabs><crowd-input label="Outside" name="outside"></crowd-input>"""


def test_what_is_missing_on_another_tab_is_turned_to(desk: Desk, show: Show) -> None:
    person = show(TABS)
    assert [shown(person, path) for path in ("#first", "[name=inside]", "#plain")] == [
        True,
        False,
        False,
    ]
    person.submit()
    assert shown(person, "#plain")
    person.fill("#plain", "x")
    person.submit()
    assert shown(person, "[name=inside]")
    photograph(person, "tabs")
    person.write("y")
    person.submit()
    assert desk.answer() == {"inside": "y", "plain": "x"}


def test_tabs_are_walked_with_arrow_keys(show: Show) -> None:
    person = show(TABS)
    person.point("crowd-tabs >>> [role=tab]")
    person.press("ArrowLeft")
    assert shown(person, "#plain")
    person.press("ArrowRight")
    assert shown(person, "#first")


def test_instructions_are_three_pages_in_a_window(desk: Desk, show: Show) -> None:
    person = show(
        "<crowd-instructions link-type='button'><short-summary>In short</short-summary>"
        "<detailed-instructions>At length</detailed-instructions>"
        "<positive-example>Like this</positive-example>"
        "<negative-example>Not so</negative-example><negative-example>Nor so</negative-example>"
        "</crowd-instructions><crowd-input name='a'></crowd-input>"
    )
    opener = "crowd-instructions >>> .open"
    person.ready(opener)
    text = (
        "document.querySelector('crowd-instructions').shadowRoot.querySelector('.open').textContent"
    )
    assert person.frame.value(text) == "Click for instructions"
    regions = ("short-summary", "detailed-instructions", "negative-example:last-of-type")

    def seen() -> list[bool]:
        return [shown(person, region) for region in regions]

    assert seen() == [False, False, False]
    person.point(opener)
    assert seen() == [True, False, False]
    person.press("Tab")  # from Close to the pages
    person.press("ArrowRight")
    assert seen() == [False, True, False]
    person.press("ArrowRight")
    photograph(person, "instructions")
    assert seen() == [False, False, True]
    person.press("Escape")
    assert seen() == [False, False, False]


def test_a_modal_opens_and_closes(show: Show) -> None:
    person = show(
        "<crowd-modal link-text='See Examples' link-type='button'><b>Text</b></crowd-modal>"
    )
    person.point("crowd-modal >>> .open")
    assert shown(person, "crowd-modal b")
    photograph(person, "modal")
    person.point("crowd-modal >>> .close")
    assert not shown(person, "crowd-modal b")


def test_one_toast_shows_for_its_time(show: Show) -> None:
    person = show(
        "<crowd-toast id='long' duration='600000' opened>Stays</crowd-toast>"
        "<crowd-toast id='short' duration='50' text='Goes'></crowd-toast>"
    )
    assert shown(person, "#long")
    photograph(person, "toast")
    person.frame.value("document.querySelector('#short').show()")
    assert not shown(person, "#long")
    person.frame.until("!document.querySelector('#short').opened")


def test_a_badge_lies_over_the_corner_of_its_element(show: Show) -> None:
    person = show(
        "<div id='box' style='width: 300px; height: 80px; margin: 40px; background: #eee'></div>"
        "<crowd-badge icon='star' label='9' for='box'></crowd-badge>"
        "<p id='text' style='width: 200px'>Unread</p>"
        "<crowd-badge label='12' for='text'></crowd-badge>"
    )
    place = """(() => {
      const rectangle = name => document.querySelector(name).getBoundingClientRect();
      const [badge, box] = [rectangle('crowd-badge'), rectangle('#box')];
      const across = (badge.left + badge.right) / 2 - box.right;
      return [across, (badge.top + badge.bottom) / 2 - box.top].map(Math.round);
    })()"""
    person.frame.until(f"String({place}) === '0,0'")
    person.frame.value("document.querySelector('#box').style.width = '150px'")
    person.frame.until(f"String({place}) === '0,0'")
    inside = "b => b.shadowRoot.querySelector('.badge').textContent"
    badges = f"[...document.querySelectorAll('crowd-badge')].map({inside})"
    assert person.frame.value(badges) == ["", "12"]
    photograph(person, "badge")


def test_buttons_with_icons_are_clicked_unless_they_are_switched_off(
    desk: Desk, show: Show
) -> None:
    person = show(
        "<crowd-card heading='Nothing is great'><p>Really</p></crowd-card>"
        "<crowd-alert type='error' dismissible>Mind</crowd-alert>"
        "<crowd-icon-button id='a' icon='search' title='Search'></crowd-icon-button>"
        "<crowd-fab id='b' icon='report-problem' title='Issue'></crowd-fab>"
        "<crowd-fab id='c' label='A' title='Letter'></crowd-fab>"
        "<crowd-fab id='d' icon='add' title='Off' disabled></crowd-fab>"
        "<crowd-button id='e' icon='star' icon-align='right'>Star</crowd-button>"
        "<crowd-button id='f' variant='icon' icon='close'>Close</crowd-button>"
        "<crowd-button id='g' loading>Loading</crowd-button>"
        "<crowd-button id='h' variant='link'>Link</crowd-button>"
        "<crowd-button id='i'><iron-icon icon='question-answer'></iron-icon></crowd-button>"
        "<crowd-button id='j' href='#there' icon='unheard-of'>There</crowd-button>"
        "<p id='there'>x</p><crowd-input name='log'></crowd-input></crowd-form>"
        "<script>const log = document.querySelector('[name=log]');"
        "for (const one of document.querySelectorAll('[id]'))"
        " one.addEventListener('click', () => { log.value += one.id; });</script>"
    )
    for letter in "abcdefghij":
        inner = "a" if letter == "j" else "button"
        person.point(f"#{letter} >>> {inner}")
    photograph(person, "buttons")
    label = "id => document.getElementById(id).shadowRoot.querySelector('button').ariaLabel"
    names = person.frame.value(f"['a', 'b', 'c'].map({label})")
    assert names == ["Search", "Issue", "Letter"]
    person.point("crowd-alert >>> button")
    assert person.frame.value("document.querySelector('crowd-alert')") is None
    person.submit()
    assert desk.answer() == {"log": "abcefhij"}


def test_reset_brings_everything_back(desk: Desk, show: Show) -> None:
    person = show(
        "<crowd-input name='word' value='old'></crowd-input>"
        "<crowd-slider name='number' value='3' max='9'></crowd-slider>"
        "<crowd-checkbox name='tick' checked>Tick</crowd-checkbox>"
        "<crowd-classifier name='kind' categories=\"['a', 'b']\"></crowd-classifier>"
        "<input name='plain' value='native'>"
        "<crowd-button form-action='reset'>Again</crowd-button>"
        "<crowd-button form-action='submit'>Done</crowd-button>"
    )
    person.fill("[name=word] >>> input", "er")
    person.point("[name=number] >>> input")
    person.point("[name=tick] >>> input")
    person.point("[name=kind] >>> li:nth-of-type(1) label")
    person.fill("[name=plain]", "s")
    person.point('[form-action="reset"] >>> button')
    person.point("[name=kind] >>> li:nth-of-type(2) label")
    person.submit()
    assert desk.answer() == {
        "word": "old",
        "number": 3,
        "tick": {"on": True},
        "kind": {"label": "b"},
        "plain": "native",
    }


def test_a_button_that_was_switched_off_by_a_script_does_nothing(desk: Desk, show: Show) -> None:
    person = show(
        "<crowd-input name='a'></crowd-input>"
        "<crowd-button form-action='submit' disabled>Go</crowd-button>"
    )
    person.submit()
    assert not desk.answered
    person.frame.value("document.querySelector('crowd-button').disabled = false")
    person.submit()
    assert desk.answer() == {}
