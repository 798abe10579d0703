"""What readers get, and how it reaches them.

    sources ──► sync ──► CONTENT STORE                    WordPress, feeds, export files
                            │
                            ▼
                gather ──► choose ──► compose ──► EDITION   a fixed number of queries, then pure
                                                    │
                                                    ▼
                draw ──► inline ──► compile ──► COMPILED EDITION     once per edition
                Jinja    premailer   cut at marks   │
                                                    ▼
    SUBSCRIPTIONS ──► audience ──► enqueue ──► DELIVERIES   one row per edition × reader, one INSERT … SELECT
                                                    │
                claim ──► fill ──► address ──► TRANSPORT ──► OUTCOME ──► settle     once per reader: a join of ready bytes

Left of a word in capitals everything can be thrown away and done again; what is in capitals is stored or sent.
Imports point downward only: shells (`cli/`, `scheduler`, `worker`) → use cases → `render/` → `editions/` and `sources/` → `content/`;
`delivery/` stands beside and knows none of them; `subscribers` lies under all.
"""

__version__ = "0.1.0"
