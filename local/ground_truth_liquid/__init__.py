"""Ground Truth's Liquid dialect and the template lint."""

from ground_truth_liquid.dialect import render, variables
from ground_truth_liquid.errors import TemplateError
from ground_truth_liquid.finding import Finding, Severity
from ground_truth_liquid.lint import lint

__all__ = ["Finding", "Severity", "TemplateError", "lint", "render", "variables"]
