"""A job's `config.xml`: what Jenkins shows to who may see it, and makes jobs of.

Only what the sandbox knows of a job is in it. The names are those of Jenkins and of its plugins, as
https://www.jenkins.io/doc/book/managing/cli/ (get-job, create-job) shows them.
"""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from leeroy_sandbox.jenkins.jobs import Endpoint, Job, Kind
from leeroy_sandbox.jenkins.parameters import (
    Boolean,
    Choice,
    Definition,
    Password,
    String,
    Text,
)

#: Jenkins says 1.1 here, which most parsers do not read.
_DECLARATION = "<?xml version='1.1' encoding='UTF-8'?>\n"
_NOTIFICATION = "com.tikal.hudson.plugins.notification"
_ROOTS = {
    Kind.FREESTYLE: "project",
    Kind.PIPELINE: "flow-definition",
    Kind.MATRIX: "matrix-project",
    Kind.FOLDER: "com.cloudbees.hudson.plugins.folder.Folder",
    Kind.MULTIBRANCH: "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject",
}
_KINDS = {name: kind for kind, name in _ROOTS.items()}


class BadConfig(ValueError):
    """No `config.xml` that Jenkins could make a job of."""


def render_config(job: Job) -> bytes:
    """What `GET job/NAME/config.xml` answers."""
    root = Element(_ROOTS[job.kind])
    SubElement(root, "description")
    properties = SubElement(root, "properties")
    if job.parameters:
        listed = SubElement(
            SubElement(properties, "hudson.model.ParametersDefinitionProperty"),
            "parameterDefinitions",
        )
        for definition in job.parameters:
            _add_definition(listed, definition)
    if job.endpoints:
        name = f"{_NOTIFICATION}.HudsonNotificationProperty"
        endpoints = SubElement(SubElement(properties, name, plugin="notification"), "endpoints")
        for endpoint in job.endpoints:
            _add_endpoint(endpoints, endpoint)
    if not job.kind.is_container:
        _add_scm(root, job)
        _add(root, "disabled", job.disabled)
        _add(root, "concurrentBuild", job.concurrent)
        if job.token:
            _add(root, "authToken", job.token)
        builders = SubElement(root, "builders")
        if job.shell:
            _add(SubElement(builders, "hudson.tasks.Shell"), "command", job.shell)
    ElementTree.indent(root)
    return (_DECLARATION + ElementTree.tostring(root, encoding="unicode")).encode()


def parse_config(text: bytes, full_name: str) -> Job:
    """The job of that name that `POST createItem` makes; raises `BadConfig`."""
    try:
        root = ElementTree.fromstring(re.sub(rb"^\s*<\?xml[^>]*\?>", b"", text))
        kind = _KINDS[root.tag]
    except (ElementTree.ParseError, KeyError) as exc:
        raise BadConfig(str(exc)) from exc
    made: dict[str, Any] = {
        "definitions": tuple(
            _definition(one) for one in root.iterfind("properties/*/parameterDefinitions/*")
        ),
        "endpoints": tuple(
            Endpoint(one.findtext("urlInfo/urlOrId", ""), event=one.findtext("event", "all"))
            for one in root.iterfind("properties/*/endpoints/*")
        ),
        "disabled": root.findtext("disabled") == "true",
        "concurrent": root.findtext("concurrentBuild") == "true",
        "token": root.findtext("authToken", ""),
        "shell": root.findtext("builders/hudson.tasks.Shell/command", ""),
        "git_url": root.findtext("scm/userRemoteConfigs/*/url", ""),
    }
    if made["git_url"]:
        made["revision"] = root.findtext("scm/branches/*/name", "") or "**"
        # What the plugin fetches when nothing is said.
        refspec = root.findtext("scm/userRemoteConfigs/*/refspec", "")
        made["refspec"] = refspec or "+refs/heads/*:refs/remotes/origin/*"
    return Job(full_name=full_name, kind=kind, **made)


def _add(parent: Element, name: str, value: object) -> None:
    SubElement(parent, name).text = str(value).lower() if isinstance(value, bool) else str(value)


def _add_definition(parent: Element, definition: Definition) -> None:
    shown = SubElement(parent, f"hudson.model.{definition.type}")
    _add(shown, "name", definition.name)
    _add(shown, "description", definition.description)
    match definition:
        case Choice():
            listed = SubElement(
                SubElement(shown, "choices", {"class": "java.util.Arrays$ArrayList"}),
                "a",
                {"class": "string-array"},
            )
            for choice in definition.choices:
                _add(listed, "string", choice)
        case Password():
            _add(shown, "defaultValue", "{AQAAABAAAAAQ...}")  # encrypted
        case String():
            _add(shown, "defaultValue", definition.default)
            _add(shown, "trim", definition.trim)
        case Boolean():
            _add(shown, "defaultValue", definition.default)


def _definition(shown: Element) -> Definition:
    name, default = shown.findtext("name", ""), shown.findtext("defaultValue", "")
    makers: dict[str, Callable[[], Definition]] = {
        "String": lambda: String(name, default=default, trim=shown.findtext("trim") == "true"),
        "Text": lambda: Text(name, default=default),
        "Boolean": lambda: Boolean(name, default=default == "true"),
        "Password": lambda: Password(name, default=default),
        "Choice": lambda: Choice(
            name, choices=tuple(one.text or "" for one in shown.iter("string"))
        ),
    }
    word = shown.tag.removeprefix("hudson.model.").removesuffix("ParameterDefinition")
    if word not in makers:
        raise BadConfig(f"no such parameter: {shown.tag}")
    return makers[word]()


def _add_endpoint(parent: Element, endpoint: Endpoint) -> None:
    shown = SubElement(parent, f"{_NOTIFICATION}.Endpoint")
    _add(shown, "protocol", "HTTP")
    _add(shown, "format", endpoint.format)
    info = SubElement(shown, "urlInfo")
    _add(info, "urlOrId", endpoint.credentials or endpoint.url)
    _add(info, "urlType", "SECRET" if endpoint.credentials else "PUBLIC")
    _add(shown, "event", endpoint.event)
    _add(shown, "timeout", endpoint.timeout)
    _add(shown, "loglines", endpoint.loglines)
    _add(shown, "retries", endpoint.retries)


def _add_scm(root: Element, job: Job) -> None:
    if job.kind is Kind.PIPELINE:
        return  # its Jenkinsfile says what is checked out
    if not job.git_url:
        SubElement(root, "scm", {"class": "hudson.scm.NullSCM"})
        return
    scm = SubElement(root, "scm", {"class": "hudson.plugins.git.GitSCM", "plugin": "git"})
    remote = SubElement(SubElement(scm, "userRemoteConfigs"), "hudson.plugins.git.UserRemoteConfig")
    _add(remote, "refspec", job.refspec)
    _add(remote, "url", job.git_url)
    branch = SubElement(SubElement(scm, "branches"), "hudson.plugins.git.BranchSpec")
    _add(branch, "name", job.revision)
