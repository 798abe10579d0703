"""Themes: what mails look like. Which there are, what each is made of, and a publication's own files, read and written."""
