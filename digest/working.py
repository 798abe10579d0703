"""An edition that is not out yet, as it stands: what would go out now, with the editors' changes, and what it was before them."""
