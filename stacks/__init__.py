"""Composition: configuration files to stacks."""
