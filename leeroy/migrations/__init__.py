"""The history of the schema, one file a change, applied by :func:`leeroy.database.migrate`.

Until the first release there is one file, and a table is changed in it and where it is declared:
nobody has a database yet that would have to be kept. After it, add ``versions/NNNN_what.py`` whose
``down_revision`` is the newest one there, and let ``tests/durable/test_database.py`` compare
the two. Only add: the release before must be able to work on while machines are upgraded.
"""
