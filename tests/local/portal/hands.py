"""A person's hand at a drawing tool: real pointer events, at places in the image's own pixels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.portal.chromium import Page

_BOX = "(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })"


class Hand:
    """Over the element of one task; `page` has the pointer, `frame` the element."""

    def __init__(self, page: Page, frame: Page, element: str) -> None:
        self._page, self.frame, self.element = page, frame, element
        frame.until(f"{self.inside('.sheet')}?.querySelector('img').naturalWidth > 0")
        frame.until(f"document.querySelector({json.dumps(element)})._started === true")

        for each in (page, frame, page):
            each.painted()

    def inside(self, selector: str) -> str:
        """JavaScript for a node in the element's shadow tree."""
        host = f"document.querySelector({json.dumps(self.element)})"
        return f"{host}.shadowRoot?.querySelector({json.dumps(selector)})"

    def place(self, x: float, y: float) -> tuple[float, float]:
        """On the page, of a point of the image."""
        self.frame.value(f"{self.inside('.sheet')}.scrollIntoView({{block: 'nearest'}})")
        box = _BOX
        left, top, width, height = self.frame.value(f"{box}({self.inside('.sheet')})")
        natural = "(i => [i.naturalWidth, i.naturalHeight])"
        across, down = self.frame.value(f"{natural}({self.inside('.sheet img')})")
        outer = self._page.value(f"{box}(document.querySelector('iframe'))")
        return outer[0] + left + x * width / across, outer[1] + top + y * height / down

    def _mouse(self, kind: str, at: tuple[float, float], **more: object) -> None:
        button = {"button": "left", "buttons": 1, **more}
        self._page.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], **button)

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first, move over the others, let go at the last."""
        at = [self.place(*point) for point in points]
        self._mouse("mousePressed", at[0], clickCount=1)
        for where in at[1:]:
            self._mouse("mouseMoved", where)
        self._mouse("mouseReleased", at[-1], clickCount=1)

    def touch(self, *points: tuple[float, float]) -> None:
        """The same with a finger."""
        at = [{"x": x, "y": y} for x, y in (self.place(*point) for point in points)]
        self._page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=at[:1])
        for where in at[1:]:
            self._page.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[where])
        self._page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def click(self, x: float, y: float, *, count: int = 1) -> None:
        at = self.place(x, y)
        self._mouse("mouseMoved", at, buttons=0, button="none")
        for number in range(1, count + 1):
            self._mouse("mousePressed", at, clickCount=number)
            self._mouse("mouseReleased", at, clickCount=number)

    def press(self, key: str) -> None:
        """A key, also one with a name."""
        codes = {
            "Delete": 46,
            "Backspace": 8,
            "Escape": 27,
            "ArrowRight": 39,
            "ArrowDown": 40,
            "Enter": 13,
        }
        code = codes.get(key, ord(key[0].upper()))
        text = {} if key in codes and key != "Enter" else {"text": "\r" if key == "Enter" else key}
        common = {"key": key, "windowsVirtualKeyCode": code}
        self._page.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self._page.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def undo(self) -> None:
        control = {"modifiers": 2, "key": "z", "windowsVirtualKeyCode": 90}
        self._page.call("Input.dispatchKeyEvent", type="keyDown", **control)
        self._page.call("Input.dispatchKeyEvent", type="keyUp", **control)

    def value(self) -> Any:
        """What the element would submit now."""
        return self.frame.value(f"document.querySelector({json.dumps(self.element)}).value")

    def submit(self) -> None:
        self.frame.click("crowd-button")
