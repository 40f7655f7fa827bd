"""Simulated workers: people of known skill who label through the portal like everybody else."""
