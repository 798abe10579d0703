"""The Lantern Quay, an invented paper: its export, its feed, its readers and its pictures, and the whole line run on them."""
