"""Who comes in: sessions, one-time links, sign-in, a proxy's word, accounts; and what each may do."""
