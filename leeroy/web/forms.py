"""Forms that only our own pages can send.

Browsers send Basic auth with whatever another site makes them send here, and so does a proxy that
signs people in. So a form carries a token that its page got and others cannot read, signed over a
cookie that browsers keep back from other sites' forms. Both halves are needed: the cookie alone
goes along from other hosts of our domain, the token alone could be somebody else's.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import hmac
import secrets
from collections.abc import Iterable

from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from leeroy.errors import BadDelivery
from leeroy.web.access import Visitor

COOKIE = "leeroy_forms"
#: The field of a form that holds its token.
FIELD = "token"
#: A page left open overnight still works in the morning.
MAX_AGE_SECONDS = 24 * 3600


class Forms:
    """Gives tokens to pages and asks for them back."""

    def __init__(self, configured_secrets: Iterable[str]) -> None:
        """The key comes out of the settings' secrets, one way, and is stored nowhere.

        So every process over the same settings takes the others' forms, a restart keeps open
        pages good, and a new password makes them stale.
        """
        together = "\0".join(sorted(configured_secrets)).encode() or secrets.token_bytes(32)
        key = hmac.digest(together, b"leeroy dashboard forms", "sha256")
        self._serializer = URLSafeTimedSerializer(key, salt="form")

    def token_for(self, visitor: Visitor, cookie: str) -> str:
        """The token of this visitor's forms."""
        token = self._serializer.dumps([cookie, visitor.name])
        return token.decode() if isinstance(token, bytes) else token

    def check(self, visitor: Visitor) -> None:
        """The request is one of our forms, sent by who got it.

        Raises:
            BadDelivery: 403, and what to do.
        """
        cookie = request.cookies.get(COOKIE, "")
        try:
            told = self._serializer.loads(request.form.get(FIELD, ""), max_age=MAX_AGE_SECONDS)
        except BadData:
            told = None
        if not cookie or told != [cookie, visitor.name]:
            raise BadDelivery(
                "this form is too old: go back, reload the page, try again", status=403
            )


def form_cookie() -> str:
    """The visitor's cookie; a new one when there is none yet."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(18)


def keep_cookie(answer: Response, cookie: str) -> None:
    """Let the browser have the cookie, if it does not yet."""
    if request.cookies.get(COOKIE) != cookie:
        # Not Strict: coming here by a link on GitHub would then bring no cookie, the new one
        # would replace the old, and pages open in other tabs would go stale.
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax", secure=request.is_secure)
