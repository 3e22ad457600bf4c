"""Runs the migrations on the connection :func:`leeroy.database.migrate` hands in.

https://alembic.sqlalchemy.org/en/latest/cookbook.html#sharing-a-connection-across-one-or-more-programmatic-migration-commands
"""

from alembic import context

# Alembic runs this file under this name; whoever else imports it only wants to read it.
if __name__ == "env_py":
    context.configure(connection=context.config.attributes["connection"])
    context.run_migrations()
