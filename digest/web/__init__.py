"""The readers' pages: to subscribe, confirm, choose, leave, and to see a mail in the browser. Thin: what they do is in the use cases below them."""
