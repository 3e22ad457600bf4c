"""The history of the schema, one file a change, applied by :func:`leeroy.database.migrate`.

To change a table: change it where it is declared, add ``versions/NNNN_what.py`` whose
``down_revision`` is the newest one there, and let ``tests/durable/test_database.py`` compare
the two. Only add: the release before must be able to work on while machines are upgraded.
"""
