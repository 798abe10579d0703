"""What editors do with an edition before it goes out: look at it, approve it, hold it, send it. Drafts, reminders, steps."""
