"""Reading what people answered."""

from typing import Final

# Everything a worker template may use is in here; synth compares it with the template's variables.
PRE_ANNOTATION_INPUTS: Final = ("taskObject", "labels")
