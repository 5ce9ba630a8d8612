"""What is remembered of a run: recorder, frames, plots, files and the replay page."""
