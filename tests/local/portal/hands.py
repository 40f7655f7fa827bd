"""A person at a task: real pointer and key events, at places as they are on the screen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local.portal.chromium import Page

_BOX = "(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })"
_CODES = {
    "Delete": 46,
    "Backspace": 8,
    "Escape": 27,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "Enter": 13,
    "Tab": 9,
    "Home": 36,
    "End": 35,
    " ": 32,
}
_TEXTS = {"Enter": "\r", " ": " "}
SHIFT, CONTROL = 8, 2


def deep(path: str) -> str:
    """JavaScript for a node: `host >>> inner` goes into the host's shadow tree."""
    host, *inner = path.split(" >>> ")
    found = f"document.querySelector({json.dumps(host)})"
    for selector in inner:
        found += f"?.shadowRoot?.querySelector({json.dumps(selector)})"
    return found


class Person:
    """`page` has the pointer and the keyboard, `frame` the task."""

    def __init__(self, page: Page, frame: Page) -> None:
        self.page, self.frame = page, frame

    def ready(self, path: str) -> None:
        """Wait until a node is there and on the screen."""
        self.frame.until(f"!!{deep(path)}")
        for each in (self.page, self.frame, self.page):
            each.painted()

    def middle(self, path: str, across: float = 0.5) -> tuple[float, float]:
        """On the page, of a node in the task; `across` is the part of its width."""
        self.frame.value(f"{deep(path)}.scrollIntoView({{block: 'nearest'}})")
        left, top, width, height = self.frame.value(f"{_BOX}({deep(path)})")
        outer = self.page.value(f"{_BOX}(document.querySelector('iframe'))")
        return outer[0] + left + width * across, outer[1] + top + height / 2

    def mouse(self, kind: str, at: tuple[float, float], **more: object) -> None:
        button = {"button": "left", "buttons": 1, **more}
        self.page.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], **button)

    def click_at(self, at: tuple[float, float], *, count: int = 1) -> None:
        self.mouse("mouseMoved", at, buttons=0, button="none")
        for number in range(1, count + 1):
            self.mouse("mousePressed", at, clickCount=number)
            self.mouse("mouseReleased", at, clickCount=number)

    def point(self, path: str, across: float = 0.5) -> None:
        """Click on a node."""
        self.ready(path)
        self.click_at(self.middle(path, across))

    def press(self, key: str, modifiers: int = 0) -> None:
        """A key, also one with a name."""
        self.hold(key, modifiers)
        self.let_go(key, modifiers)

    def hold(self, key: str, modifiers: int = 0) -> None:
        """Press a key, and keep it."""
        text = _TEXTS.get(key, "" if key in _CODES or modifiers & CONTROL else key)
        more = {"text": text} if text else {}
        self._key("keyDown", key, modifiers=modifiers, **more)

    def let_go(self, key: str, modifiers: int = 0) -> None:
        self._key("keyUp", key, modifiers=modifiers)

    def _key(self, kind: str, key: str, **more: object) -> None:
        code = _CODES.get(key, ord(key[0].upper()))
        common = {"key": key, "windowsVirtualKeyCode": code, **more}
        self.page.call("Input.dispatchKeyEvent", type=kind, **common)

    def write(self, text: str) -> None:
        """Character by character, into what has the focus."""
        for character in text:
            if character == "\n":
                self.press("Enter")
                continue
            self.page.call("Input.dispatchKeyEvent", type="keyDown", key=character, text=character)
            self.page.call("Input.dispatchKeyEvent", type="keyUp", key=character)

    def fill(self, path: str, text: str) -> None:
        self.point(path)
        self.write(text)

    def focused(self) -> str:
        """The name of what has the focus in the task, through shadow trees: host >>> inner."""
        found: str = self.frame.value(
            "(() => { const names = []; let at = document.activeElement;"
            " while (at) { names.push(at.localName); at = at.shadowRoot?.activeElement; }"
            " return names.join(' >>> '); })()"
        )
        return found

    def submit(self, button: str = 'crowd-button[form-action="submit"]') -> None:
        self.point(button)


class Hand(Person):
    """Over the image of one tool, at places in the image's own pixels."""

    def __init__(self, page: Page, frame: Page, element: str) -> None:
        super().__init__(page, frame)
        self.element = element
        frame.until(f"{self.inside('.sheet')}?.querySelector('img').naturalWidth > 0")
        frame.until(f"document.querySelector({json.dumps(element)})._started === true")
        for each in (page, frame, page):
            each.painted()

    def inside(self, selector: str) -> str:
        """JavaScript for a node in the element's shadow tree."""
        return deep(f"{self.element} >>> {selector}")

    def place(self, x: float, y: float) -> tuple[float, float]:
        """On the page, of a point of the image."""
        self.frame.value(f"{self.inside('.sheet')}.scrollIntoView({{block: 'nearest'}})")
        left, top, width, height = self.frame.value(f"{_BOX}({self.inside('.sheet')})")
        natural = "(i => [i.naturalWidth, i.naturalHeight])"
        across, down = self.frame.value(f"{natural}({self.inside('.sheet img')})")
        outer = self.page.value(f"{_BOX}(document.querySelector('iframe'))")
        return outer[0] + left + x * width / across, outer[1] + top + y * height / down

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first, move over the others, let go at the last."""
        at = [self.place(*point) for point in points]
        self.mouse("mousePressed", at[0], clickCount=1)
        for where in at[1:]:
            self.mouse("mouseMoved", where)
        self.mouse("mouseReleased", at[-1], clickCount=1)

    def touch(self, *points: tuple[float, float]) -> None:
        """The same with a finger."""
        at = [{"x": x, "y": y} for x, y in (self.place(*point) for point in points)]
        self.page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=at[:1])
        for where in at[1:]:
            self.page.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[where])
        self.page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def click(self, x: float, y: float, *, count: int = 1) -> None:
        self.click_at(self.place(x, y), count=count)

    def undo(self) -> None:
        self.press("z", CONTROL)

    def redo(self) -> None:
        self.press("z", CONTROL | SHIFT)

    def value(self) -> Any:
        """What the element would submit now."""
        return self.frame.value(f"document.querySelector({json.dumps(self.element)}).value")

    def submit(self, button: str = "crowd-button") -> None:
        self.frame.click(button)

    def colors(self, value: Mapping[str, Any]) -> dict[str, int]:
        """Pixels of each colour in a submitted mask, as the browser reads the PNG; no blending."""
        script = """(async data => {
          const image = new Image();
          image.src = 'data:image/png;base64,' + data;
          await image.decode();
          const canvas = document.createElement('canvas');
          Object.assign(canvas, {width: image.naturalWidth, height: image.naturalHeight});
          const ink = canvas.getContext('2d');
          ink.drawImage(image, 0, 0);
          const {data: bytes} = ink.getImageData(0, 0, canvas.width, canvas.height);
          const counts = {};
          for (let at = 0; at < bytes.length; at += 4) {
            const hex = [0, 1, 2].map(n => bytes[at + n].toString(16).padStart(2, '0')).join('');
            const opaque = bytes[at + 3] === 255;
            const key = opaque ? '#' + hex : bytes[at + 3] === 0 ? 'none' : 'blended';
            counts[key] = (counts[key] || 0) + 1;
          }
          return counts;
        })"""
        data = json.dumps(value["labeledImage"]["pngImageData"])
        found: dict[str, int] = self.frame.value(f"{script}({data})")
        assert "blended" not in found
        return found
