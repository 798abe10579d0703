"""What goes in: which articles and comments make an edition, why, and what became of it."""
