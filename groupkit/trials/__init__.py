"""Whole runs as the unit: sweeps, storms, schedules that break a rule, and the figures of the papers."""
