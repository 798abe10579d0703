"""One edition's hand-over by one worker: claim → fill → address → transport → settle.

mailroom    what it works with: the store, the routes, the keys, a clock
shift       the worker, enrolled under a lease that it renews as long as it lives
edition     one edition over every open route
line        one connection's work: a generator, run with the others by `delivery.loop`
supply      what the connections hand over next, as the pace allows
sift        who of a claimed batch is asleep, or left with nothing
account     what they have to write, in one transaction for many, and what follows from it
"""
