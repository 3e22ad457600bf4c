"""The HTML that Jenkins, and the servlet container under it, answer with.

Only what a client may look for is here: title, status, message, forms of address.
"""

from html import escape
from urllib.parse import quote


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


def oops(problem: str, logging_id: str = "") -> str:
    """The "Oops!" page: why is only in Jenkins' log."""
    trace = f"<p>Logging ID={escape(logging_id)}</p>" if logging_id else ""
    return _page("Oops!", f"<h1>Oops!</h1><h2>{escape(problem)}</h2>{trace}")


def access_denied(user: str, permission: str) -> str:
    """Somebody known asked for what he may not do."""
    text = f"{escape(user)} is missing the {escape(permission)} permission"
    return _page("Access Denied", f"<h1>Access Denied</h1><p>{text}</p>")


def invalid_token() -> str:
    """A job's token was given, and it is another."""
    return _page("Access Denied", "<h1>Access Denied</h1><p>Invalid token provided.</p>")


def login_required(uri: str) -> str:
    """Nobody in particular asked for what takes a permission: a page that leads to the login."""
    to = escape(f"/login?from={quote(uri, safe='')}")
    return (
        f"<html><head><meta http-equiv='refresh' content='1;url={to}'/>"
        f"<script id='redirect' data-redirect-url='{to}'></script></head>"
        "<body style='background-color:white; color:white;'>\nAuthentication required\n"
        "<!--\n-->\n\n</body></html>\n"
    )


def method_required(form_action: str = "") -> str:
    """A GET where only POST will do: a page with a button."""
    return _page(
        "Form post required",
        "<p>This URL requires POST</p>"
        f'<form method="post" action="{escape(form_action)}"><button>Proceed</button></form>',
    )


def starting() -> str:
    """All that a Jenkins that is not up says, to everybody."""
    return _page("Starting Jenkins", "<h1>Jenkins is getting ready to work</h1>")


def about(title: str) -> str:
    """A page for people, of a job or a build."""
    return _page(title, f"<h1>{escape(title)}</h1>")


def _page(title: str, body: str) -> str:
    return (
        f"<!DOCTYPE html><html><head><title>{escape(title)} - Jenkins</title></head>"
        f"<body>{body}</body></html>\n"
    )
