"""The HTML that Jenkins, and the servlet container under it, answer with.

Only what a client may look for is here: title, status, message, forms of address; and the size, for
a page of Jenkins' own has some 10 kB of menus around what it says.
"""

import uuid
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

HTML = "text/html;charset=utf-8"
#: What stands around the text of every page of Jenkins' own.
_MENUS = "".join(
    f'<link rel="stylesheet" href="/static/0a1b2c3d/jsbundles/part-{number:03}.css"'
    ' type="text/css"><script src="/static/0a1b2c3d/scripts/menu.js" defer></script>\n'
    for number in range(55)
)


def container_error(status: int, message: str, uri: str) -> str:
    """The container's own page, which shows the reason; Jetty's, under Stapler."""
    said = escape(message)
    return (
        "<html>\n<head>\n"
        '<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n'
        f"<title>Error {status} {said}</title>\n</head>\n<body>\n"
        f"<h2>HTTP ERROR {status} {said}</h2>\n<table>\n"
        f"<tr><th>URI:</th><td>{escape(uri)}</td></tr>\n"
        f"<tr><th>STATUS:</th><td>{status}</td></tr>\n"
        f"<tr><th>MESSAGE:</th><td>{said}</td></tr>\n"
        "<tr><th>SERVLET:</th><td>Stapler</td></tr>\n"
        "</table>\n<hr/>Powered by Jetty\n</body>\n</html>\n"
    )


def oops() -> str:
    """The "Oops!" page: why is only in Jenkins' log, under the id it shows."""
    return _page(
        "Jenkins - Jenkins",
        "<h1>Oops!</h1><h2>A problem occurred while processing the request</h2>"
        f"<p>Logging ID={uuid.uuid4()}</p>",
    )


def not_found() -> str:
    """No such thing, or none that the caller may see."""
    return _page("Not Found - Jenkins", "<h1>Oops!</h1><p>Not Found</p>")


def access_denied(user: str, permission: str) -> str:
    """Somebody known asked for what he may not do."""
    text = f"{escape(user)} is missing the {escape(permission)} permission"
    return _page("Jenkins", f"<h1>Access Denied</h1><p>{text}</p>")


def invalid_token() -> str:
    """A job's token was given, and it is another."""
    return _page("Jenkins", "<h1>Access Denied</h1><p>Invalid token provided.</p>")


def login_required(uri: str, permission: str, implied_by: Iterable[str]) -> str:
    """Nobody in particular asked for what takes a permission: a page that leads to the login."""
    to = escape(f"/login?from={quote(uri, safe='')}")
    implied = "".join(f" ... which is implied by: {one}\n" for one in implied_by)
    return (
        f"<html><head><meta http-equiv='refresh' content='1;url={to}'/>"
        f"<script id='redirect' data-redirect-url='{to}'></script></head>"
        "<body style='background-color:white; color:white;'>\nAuthentication required\n"
        "<!--\nYou are authenticated as: anonymous\nGroups that you are in:\n\n"
        f"Permission you need to have (but didn't): {permission}\n{implied}-->\n\n</body></html>\n"
    )


def method_required(form_action: str = "") -> str:
    """A GET where only POST will do: a page with a button."""
    return _page(
        "Method Not Allowed - Jenkins",
        "<h1>This URL requires POST</h1>"
        f'<form method="post" action="{escape(form_action)}"><button>Proceed</button></form>',
    )


def starting() -> str:
    """All that a Jenkins that is not up says, to everybody."""
    return (
        "<!DOCTYPE html><html><head><title>Starting Jenkins</title></head>"
        "<body><h1>Jenkins is getting ready to work</h1></body></html>\n"
    )


def login() -> str:
    """Where people sign in; open to everybody."""
    return _page("Sign in - Jenkins", '<form name="login" action="j_spring_security_check"></form>')


def about(title: str) -> str:
    """A page for people, of a job or a build."""
    return _page(f"{title} - Jenkins", f"<h1>{escape(title)}</h1>")


def _page(title: str, body: str) -> str:
    return (
        f"<!DOCTYPE html><html><head><title>{escape(title)}</title>\n{_MENUS}</head>"
        f"<body>{body}</body></html>\n"
    )
