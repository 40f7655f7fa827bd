"""What crowd elements need around and inside them, beside what `elements` says of each.

Source: developer guide, "Crowd HTML Elements Reference" (the required regions and attributes of
each element's page).
"""

from __future__ import annotations

from ground_truth_liquid.elements import ELEMENTS

_SHORT_AND_FULL = ("short-instructions", "full-instructions")

# The page of every drawing and choosing element calls its instructions required
REGIONS: dict[str, tuple[str, ...]] = {
    **{name: _SHORT_AND_FULL for name, element in ELEMENTS.items() if element.labels_in},
    "crowd-classifier": ("classification-target", *_SHORT_AND_FULL),
    "crowd-classifier-multi-select": ("classification-target", *_SHORT_AND_FULL),
}

# The second brings a form of its own, in its shadow tree
FORMS = frozenset({"crowd-form", "crowd-entity-annotation"})

# Inputs of one name are one object in the answer, a key for each value
MERGING = frozenset({"crowd-checkbox", "crowd-radio-button", "crowd-toggle-button"})

# Native controls that give an answer, and the types of <input> that give none
NATIVE = frozenset({"input", "select", "textarea"})
SILENT_TYPES = frozenset({"button", "submit", "reset", "image", "file"})
MERGING_TYPES = frozenset({"checkbox", "radio"})

# What a browser fetches for these: attribute by element
FETCHES = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
    "crowd-card": "image",
    **{name: "src" for name, element in ELEMENTS.items() if element.image},
}
