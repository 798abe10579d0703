"""Who may sit at a shared desk, and what they may do there: accounts, roles, sessions, and what was done by whom."""
