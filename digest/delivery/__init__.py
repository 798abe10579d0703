"""How it leaves: the queue of deliveries, the message around ready bytes, and the transports."""
