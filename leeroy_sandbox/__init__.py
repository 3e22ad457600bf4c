"""A GitHub and a Jenkins with state, for `leeroy demo` and the tests: the only stand-ins anywhere.

They stand in at the HTTP seam: real sockets, real git repositories, real signatures. So nothing of
Leeroy is replaced, and nothing here knows Leeroy.
"""
