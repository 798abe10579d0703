"""x"""
RULES=()
def check(mail): return ()
