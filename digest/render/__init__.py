"""How it looks: an `Edition` drawn once, inlined once, compiled into ready bytes, and filled for each reader."""
