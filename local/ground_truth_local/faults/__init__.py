"""Faults on request: rules by which a test makes local AWS misbehave as AWS sometimes does.

Off unless local AWS is started with `--faults`.
"""
