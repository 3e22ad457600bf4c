"""Who may use what asks for a name and password: both must be right, compared in constant time."""

import hmac

from flask import request

from leeroy.config import Config
from leeroy.errors import BadDelivery


def check_operator(config: Config) -> None:
    """The request carries ``user`` and ``pass`` of the settings as Basic auth.

    Raises:
        BadDelivery: 403 when none are set, 401 when they are missing or wrong.
    """
    user, password = config.user, config.password.get_secret_value()
    if not user or not password:
        raise BadDelivery("set user and pass in the settings to allow this", status=403)
    auth = request.authorization
    given_user = (auth.username if auth else None) or ""
    given_password = (auth.password if auth else None) or ""
    right_user = hmac.compare_digest(given_user.encode(), user.encode())
    right_password = hmac.compare_digest(given_password.encode(), password.encode())
    if not (right_user and right_password):
        raise BadDelivery("user or password is missing or wrong", status=401)
