"""The mail of an edition as it will arrive: on each device, through anybody's eyes, and taken to pieces."""
