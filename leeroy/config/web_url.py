"""Where people read on the web what the API at an address has."""


def github_web_url(api_url: str) -> str:
    """The web's root for an API's.

    https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api

    >>> github_web_url("https://api.github.com"), github_web_url("https://git.acme.test/api/v3")
    ('https://github.com', 'https://git.acme.test')
    >>> github_web_url("https://api.acme.ghe.com")
    'https://acme.ghe.com'
    """
    api = api_url.rstrip("/")
    root = api.removesuffix("/api/v3")
    return root.replace("://api.", "://", 1) if root == api else root
