"""What is said to whoever takes an address off the suppression list, by why it is on it."""

from subscribers.tables import SuppressionReason

WARNINGS = {
    SuppressionReason.BOUNCE: "The mailbox did not exist. Only lift this if you know that it does now: mails to dead mailboxes harm your standing.",
    SuppressionReason.COMPLAINT: "This person marked a mail as spam. Only lift this if they asked you to.",
    SuppressionReason.ERASED: "This person asked to be forgotten. They can come back by themselves at any time; only lift this if they asked you to.",
    SuppressionReason.BY_HAND: "Somebody decided this, or a list brought it along.",
}
