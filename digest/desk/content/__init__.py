"""An editor's last word: what is in an edition, in which order and in which words."""
