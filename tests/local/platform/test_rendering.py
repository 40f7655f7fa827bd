"""RenderUiTemplate through boto3: the renderer that workers' tasks go through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.platform.server import Server, allow, role_with


def test_boto3_renders_a_template_and_gets_its_faults(server: Server) -> None:
    sagemaker = server.client("sagemaker")
    role = role_with(server, "renders-templates", allow("s3:GetObject"))
    task_input = json.dumps({"text": "it's <b>", "image": "s3://pictures/a b.png"})

    def rendered(content: str) -> dict[str, Any]:
        answer = sagemaker.render_ui_template(
            UiTemplate={"Content": content}, Task={"Input": task_input}, RoleArn=role
        )
        return {key: answer[key] for key in ("RenderedContent", "Errors")}

    assert rendered("<p>{{ task.input.text }}</p>") == {
        "RenderedContent": "<p>it&#39;s &lt;b&gt;</p>",
        "Errors": [],
    }
    link = rendered("{{ task.input.image | grant_read_access }}")["RenderedContent"]
    assert link.startswith(f"{server.state['media_url']}/pictures/a%20b.png?")
    assert "&amp;X-Amz-Signature=" in link
    missing = rendered("\n{{ task.input.txt | to_json }}")
    assert missing["RenderedContent"] == ""
    [fault] = missing["Errors"]
    assert fault["Code"] == "TemplateError"
    assert "line 2: the template reads task.input.txt" in fault["Message"]
    with pytest.raises(ClientError, match="is not valid JSON"):
        sagemaker.render_ui_template(
            UiTemplate={"Content": "a"}, Task={"Input": "{,"}, RoleArn=role
        )
