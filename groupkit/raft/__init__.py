"""The protocol, pure: events in, effects out. It knows no clock, no dice, no wire and no disk."""
