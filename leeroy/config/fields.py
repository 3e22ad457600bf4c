"""The kinds of values settings have: what each must look like, and how to say what is wrong.

A check raises ``ValueError`` with a sentence that never repeats the value: it may be a secret.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
)
from pydantic.fields import FieldInfo

from leeroy.config.globs import check_glob
from patchparser.globs import matches

#: GitHub's logins: letters, digits, hyphens; managed users have an underscore, apps ``[bot]``.
LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:\[bot\])?")
ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9_.-]+)?")
SERVER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_GLOB_CHARACTERS = re.compile(r"[*?\[{]|[@!+]\(")


@dataclass(frozen=True)
class Shown:
    """What the documentation calls a default that says little by itself."""

    default: str


class Model(BaseModel):
    """A frozen object of the file; a key it does not know is a fault.

    The text under a field is its description: editors and docs/configuration.md show it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_by_name=False,
        validate_by_alias=True,
    )


def is_glob(text: str) -> bool:
    """The text stands for more than itself.

    >>> is_glob("acme/*"), is_glob("acme/widgets")
    (True, False)
    """
    return _GLOB_CHARACTERS.search(text) is not None


def is_repo(glob: str, full_name: str) -> bool:
    """The glob means this repository; GitHub's names differ by more than their case.

    >>> is_repo("Acme/*", "acme/widgets"), is_repo("acme/*", "other/widgets")
    (True, False)
    """
    if not is_glob(glob):
        return glob.lower() == full_name.lower()
    return matches(glob.lower(), full_name.lower())


def secret_of_url(url: str) -> str | None:
    """The password inside a URL, if it has one.

    >>> secret_of_url("postgresql://leeroy:hunter2@db/leeroy")
    'hunter2'
    """
    try:
        return urlsplit(url).password
    except ValueError:
        return None


def _check_url(url: str, *schemes: str) -> str:
    expected = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as exc:
        raise ValueError(f"must be a URL that begins with {expected}") from exc
    if parts.scheme.lower() not in schemes or not parts.hostname or re.search(r"\s", url):
        raise ValueError(f"must be a URL that begins with {expected}")
    return url


def _check_web_url(url: str) -> str:
    _check_url(url, "http", "https")
    parts = urlsplit(url)
    if parts.username is not None:
        raise ValueError("must not hold a user name or password; they have keys of their own")
    if parts.query or parts.fragment:
        raise ValueError("must not have a query or a fragment")
    return url.rstrip("/")


def _check_api_url(url: str) -> str:
    url = _check_web_url(url)
    if (urlsplit(url).hostname or "").lower() in ("github.com", "www.github.com"):
        raise ValueError("is GitHub's page for people; its API is https://api.github.com")
    return url


def _check_jenkins_url(url: str) -> str:
    url = _check_web_url(url)
    if re.search(r"/(?:job|view)/", urlsplit(url).path):
        raise ValueError("is a job's or view's address; Jenkins' own is what stands before that")
    return url


def _check_token(token: SecretStr) -> SecretStr:
    if re.search(r"[\x00-\x1f\x7f]", token.get_secret_value()):
        raise ValueError("must not hold a line end or another control character")
    return token


def _check_secret_url(*schemes: str) -> Callable[[SecretStr], SecretStr]:
    def check(url: SecretStr) -> SecretStr:
        _check_url(url.get_secret_value(), *schemes)
        return url

    return check


def _check_database(url: SecretStr) -> SecretStr:
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not separator or scheme not in {"sqlite", "postgresql", "postgresql+psycopg"}:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if scheme == "sqlite":
        if not rest.startswith("/"):
            raise ValueError(
                "a SQLite URL has three slashes before a relative path: sqlite:///x.db"
            )
    else:
        _check_url(url.get_secret_value(), scheme)
    return url


def _check_glob(glob: str) -> str:
    if not glob.strip():
        raise ValueError("must not be empty")
    if glob.startswith("#"):
        raise ValueError("never matches: a glob that begins with # is a comment")
    if glob.startswith(("/", "./")):
        raise ValueError("never matches: paths begin at the repository's root, without / or ./")
    check_glob(glob)
    return glob


def _check_repo_glob(glob: str) -> str:
    if glob.startswith("!"):
        raise ValueError("must not begin with !; leave repositories out with exclude")
    if glob.endswith(".git"):
        raise ValueError("must be owner/name, without .git")
    if not re.fullmatch(r"[^/\s]+/[^/\s]+", glob):
        raise ValueError("must be owner/name, or a glob such as owner/*")
    return _check_glob(glob)


def _check_form(form: re.Pattern[str], sentence: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(sentence)
        return text

    return check


def _check_network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as exc:
        raise ValueError("must be an IP address or a network such as 10.0.0.0/8") from exc
    return text


def _check_mail(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError("must be an e-mail address")
    return text


def _check_secrets(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(not secret.get_secret_value() for secret in secrets):
        raise ValueError("an empty secret would let anybody sign")
    return secrets


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _off_or_object(value: Any) -> Any:
    """``false`` is off, so that a repository can switch off what the top switches on."""
    if value is False:
        return None
    return {} if value is True else value


#: Marks the settings that name a file, relative to the config file, which must be readable.
IS_FILE = "is a file"
#: Marks the settings that name a context of ours: leeroy/config/contexts.py finds them by it.
IS_CONTEXT = "is a context"

Flag = StrictBool
Whole = StrictInt
Text = Annotated[str, StringConstraints(min_length=1)]
#: GitHub takes no longer name of a status.
LONGEST_CONTEXT = 255
Context = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CONTEXT), IS_CONTEXT]
Seconds = Annotated[StrictFloat, Field(gt=0, le=86400)]
WebUrl = Annotated[str, AfterValidator(_check_web_url)]
ApiUrl = Annotated[str, AfterValidator(_check_api_url)]
JenkinsUrl = Annotated[str, AfterValidator(_check_jenkins_url)]
Token = Annotated[SecretStr, AfterValidator(_check_token)]
#: May hold a user name and password, so it is never shown.
ProxyUrl = Annotated[SecretStr, AfterValidator(_check_secret_url("http", "https"))]
MailUrl = Annotated[SecretStr, AfterValidator(_check_secret_url("smtp", "smtps"))]
#: Who knows it may post there, so it is never shown.
MessageUrl = Annotated[SecretStr, AfterValidator(_check_secret_url("http", "https"))]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_check_database)]
Glob = Annotated[str, AfterValidator(_check_glob)]
RepoGlob = Annotated[str, AfterValidator(_check_repo_glob)]
Login = Annotated[
    str, AfterValidator(_check_form(LOGIN, "must be a login, without @, such as octocat"))
]
Organization = Annotated[
    str, AfterValidator(_check_form(ORGANIZATION, "must be an organization, or org/team"))
]
ServerName = Annotated[
    str,
    AfterValidator(_check_form(SERVER_NAME, "may have letters, digits, and _ . - only")),
]
Network = Annotated[str, AfterValidator(_check_network)]
Mail = Annotated[str, AfterValidator(_check_mail)]
_ONE_OR_MORE = BeforeValidator(_listed, json_schema_input_type=str | list[str])
Texts = Annotated[tuple[Text, ...], _ONE_OR_MORE]
Secrets = Annotated[tuple[SecretStr, ...], _ONE_OR_MORE, AfterValidator(_check_secrets)]


#: Certificates (PEM).
CaFile = Annotated[Text | None, IS_FILE, Shown("the system's")]


def is_off_by_default(field: FieldInfo) -> bool:
    """It is a part that ``false`` switches off, and off it is where nobody says anything."""
    return field.default is None and any(
        isinstance(each, BeforeValidator) and each.func is _off_or_object for each in field.metadata
    )


def or_off(model: type[Any]) -> BeforeValidator:
    """The validator of a part that ``false`` switches off and ``true`` takes as it is."""
    return BeforeValidator(_off_or_object, json_schema_input_type=bool | model | None)
