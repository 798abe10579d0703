"""Lists of people brought along from elsewhere: a CSV file is recognised, read row by row, and taken in a batch at a time.

sheet (bytes → rows) ─► formats, layout (which columns mean what) ─► cells, states, entry (a row → a person, or a problem)
    ─► intake, known, fill_in (a batch → rows of the database)        transfer: people;  blocklist: whom nobody may write to
"""
