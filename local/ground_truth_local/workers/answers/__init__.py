"""What a simulated worker answers, by kind of answer: the truth, made worse by skill and seed."""

from ground_truth_local.workers.answers.give import Given, give

__all__ = ["Given", "give"]
