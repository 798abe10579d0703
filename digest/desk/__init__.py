"""The editors' desk: pages on which an edition is seen as it goes out, explained, changed and let go."""
