"""A valid project in a folder of its own, to change in one place per test."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENVIRONMENT = {
    "region": "us-east-1",
    "team": {"workers": [{"email": f"worker{number}@example.com"} for number in range(3)]},
}
CAMPAIGN = {
    "title": "Which letter is this?",
    "description": "Choose the letter you see",
    "task": "image-classification",
    "label_attribute": "letter",
    "labels": ["a", "b"],
    "dataset": {"prefix": "letters/"},
}
OIDC = {
    "client_id": "labeling_portal",
    "client_secret_name": "ground-truth/oidc",
    "client_secret_key": "secret",
    "issuer": "https://id.example.com",
    "authorization_endpoint": "https://id.example.com/authorize",
    "token_endpoint": "https://id.example.com/token",
    "user_info_endpoint": "https://id.example.com/userinfo",
    "logout_endpoint": "https://id.example.com/logout",
    "jwks_uri": "https://id.example.com/keys",
    "scope": "openid profile",
    "extra_params": {"resource": "labeling"},
}
ADOPTED = {
    "mode": "adopt",
    "name": "theirs",
    "user_pool_id": "us-east-1_a1B2c3",
    "client_id": "1example23456789",
}
TEMPLATE = """\
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-image-classifier
    name="crowd-image-classifier"
    src="{{ task.input.taskObject | grant_read_access }}"
    header="Which letter is this?"
    categories="{{ task.input.labels | to_json | escape }}"
  >
    <short-instructions><!-- short-instructions --></short-instructions>
    <full-instructions header="Letters"><!-- full-instructions --></full-instructions>
  </crowd-image-classifier>
</crowd-form>
"""


@dataclass(slots=True, kw_only=True)
class ProjectFiles:
    """Writes `environments/dev.toml` and the campaign `letters`; keys are dotted paths."""

    root: Path
    environment: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(ENVIRONMENT)))
    campaign: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(CAMPAIGN)))

    def set_environment(self, key: str, value: object) -> None:
        _set(self.environment, key, value)
        self.write("environments/dev.toml", toml(self.environment))

    def set_campaign(self, key: str, value: object) -> None:
        _set(self.campaign, key, value)
        self.write("campaigns/letters/campaign.toml", toml(self.campaign))

    def remove_campaign_key(self, key: str) -> None:
        del self.campaign[key]
        self.write("campaigns/letters/campaign.toml", toml(self.campaign))

    def write(self, path: str, content: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def minimal_project(root: Path) -> ProjectFiles:
    """Write the smallest project that synthesizes."""
    files = ProjectFiles(root=root)
    files.set_environment("region", "us-east-1")
    files.set_campaign("title", CAMPAIGN["title"])
    files.write("campaigns/letters/template.liquid.html", TEMPLATE)
    files.write("campaigns/letters/instructions/short.html", "<p>Choose one.</p>")
    files.write("campaigns/letters/instructions/full.html", "<p>Choose the letter.</p>")
    return files


def toml(table: dict[str, Any]) -> str:
    """Write a table as TOML: JSON values are TOML values, except for nested tables."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    return "".join(
        [
            *(f"{json.dumps(key)} = {_value(value)}\n" for key, value in plain.items()),
            *(
                f"{json.dumps(key)} = {_value(value)}\n"
                for key, value in table.items()
                if isinstance(value, dict)
            ),
        ]
    )


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # TOML knows no surrogate pairs


def _set(table: dict[str, Any], key: str, value: object) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
    table[last] = value
