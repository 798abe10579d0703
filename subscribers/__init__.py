"""Who gets it, and with what consent. Imports nothing of `digest`, ever.

    (nobody) ──subscribe──► pending ──confirm──► confirmed ──unsubscribe──► unsubscribed
        │                      ▲                     ▲ │                        │ ▲
        │                      │                     │ └── suppressed: the same row, but nothing is sent to it
        │                      └──── subscribe ──────┼─────────────────────────┘ │   (only the person's own act leads back)
        └──add (operator, import: with the state they can prove)─────────────────┘

Every arrow is one guarded INSERT or UPDATE in `consent.py`, and leaves one `Consent` row that is never altered.
Suppression is no state of a subscription: it lies on the address, as a keyed hash, and outlives the person's rows.
"""
