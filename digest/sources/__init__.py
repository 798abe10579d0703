"""How content comes in: one reader per kind of source, all over one guarded HTTP client, kept in step by `sync.py`."""
