"""Ground Truth's Liquid dialect and the template lint."""

from ground_truth_liquid.dialect import render, variables
from ground_truth_liquid.errors import TemplateError
from ground_truth_liquid.finding import Finding
from ground_truth_liquid.lint import lint

__all__ = ["Finding", "TemplateError", "lint", "render", "variables"]
