"""Constructs for SageMaker Ground Truth labeling as code."""
