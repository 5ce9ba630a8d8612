"""Trials: schedules that break a rule, storms that try to, sweeps that measure, papers that are held up to it all."""
