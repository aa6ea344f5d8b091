"""The database: engine, session, column types, key sets, paging; all that differs by database."""
