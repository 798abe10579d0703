"""What mails look like: themes listed, their files edited, tried and kept."""
