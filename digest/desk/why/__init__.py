"""Why an edition is as it is: scores, runner-ups, gates, and weights to try."""
