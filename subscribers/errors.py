"""What can go wrong with people and consent.

SubscribersError     the base: its text is a sentence for the person at the terminal, and never holds an address or a token
├── BadAddress       not an address mail can be sent to; the text says what is wrong with it
├── BadAttribute     not key=value, or nothing that can be kept
├── BadToken         forged, altered, cut off, or made for another purpose: nothing may change
│   └── ExpiredToken ours, but too old
├── BadFile          a file of subscribers that cannot be read as a whole; one bad row is a `Problem` instead
├── Suppressed       nobody may write to this address until an operator lifts it
├── Nobody           there is no person with this address
└── Taken            another person has this address already
"""


class SubscribersError(Exception):
    """Something a person can act on."""


class BadAddress(SubscribersError, ValueError):
    pass


class BadAttribute(SubscribersError, ValueError):
    pass


class BadToken(SubscribersError):
    pass


class ExpiredToken(BadToken):
    pass


class BadFile(SubscribersError):
    pass


class Suppressed(SubscribersError):
    pass


class Nobody(SubscribersError):
    pass


class Taken(SubscribersError):
    pass
