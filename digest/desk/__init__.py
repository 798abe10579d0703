"""The editors' desk: what goes out, why, and the last word on it, in a browser. Thin: what it does is in the use cases below it."""
