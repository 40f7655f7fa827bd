"""The faults a lifecycle must survive, and what has to come of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`untested` says why a fault has no test; a test that isn't there is a gap otherwise."""

    title: str
    expected: str
    untested: str = ""


FAULTS = {
    1: Fault("create, then destroy", "the job runs; it is stopped; nothing runs"),
    2: Fault("role not assumable yet", "tried again inside Create for 150 s, then a clear end"),
    3: Fault("throttled calls", "repeated with growing pauses; success"),
    4: Fault("refused for good", "FAILED in seconds with the cause; the rollback is clean"),
    5: Fault("death after CreateLabelingJob, once", "the repeated event finds its own job"),
    6: Fault("death every time", "the Delete finds the job by its tag; nothing runs"),
    7: Fault("answer met by 5xx", "sent again; for ever: the service timeout, 16 minutes"),
    8: Fault("cause longer than an answer", "cut, the cause in front"),
    9: Fault("attributes longer than an answer", "cut to fit, still a success"),
    10: Fault("job fails while set up", "FAILED with Ground Truth's reason; nothing runs"),
    11: Fault("job stuck while set up", "FAILED after 10 minutes, the job stopped"),
    12: Fault("sibling fails, or Create outlives it", "stopped by its tag, whatever the id"),
    13: Fault("event delivered twice", "one job"),
    14: Fault("Delete of an unknown id, no job", "success at once"),
    15: Fault("Delete of an ended job", "success, and no stop is asked for"),
    16: Fault("job stays Stopping", "a bounded wait, then success"),
    17: Fault("Delete without permission", "DELETE_FAILED with AWS's words; works later"),
    18: Fault("Delete twice", "success twice"),
    19: Fault("cosmetic update", "the same job goes on"),
    20: Fault("changed definition", "refused; approved: stop, keep labels, ask for the rest"),
    21: Fault("update whose job cannot start", "rolled back; the old definition runs on"),
    22: Fault("update whose sibling fails", "rolled back with every label: three jobs, one runs"),
    23: Fault("unknown request, missing property", "FAILED with its name, at once"),
    24: Fault("somebody else's job", "FAILED; the other job is not touched"),
    25: Fault("quota exceeded", "FAILED with the quota, clean"),
    26: Fault("account without Ground Truth", "FAILED with an explanation"),
    27: Fault("region without Ground Truth", "refused at synth, with the regions there are"),
    28: Fault("second workforce in the account", "refused; the first one stays as it is"),
    29: Fault("destroy, then deploy again", "goes on with what is left to ask"),
    30: Fault("two campaigns, one prefix", "neither stops the other's job"),
    31: Fault("broken package", "FAILED with the import error; the rollback is clean"),
    32: Fault("properties of another version", "the Delete understands them"),
    33: Fault("secret among the properties", "refused at synth; nothing of events is logged"),
    34: Fault("rights gone before the job", "the job goes before its role, policies and key"),
    35: Fault("throttled function", "bounded by the service timeout; works later"),
    36: Fault("VPC without a way to S3", "cannot happen: no function is in a VPC"),
    37: Fault(
        "streaming job leaves its queue",
        "the Delete removes the queue",
    ),
    38: Fault("dataset nobody can label", "refused before CreateLabelingJob"),
    39: Fault("first deployment rolled back", "kept buckets go too: nothing is left"),
    40: Fault("destroy while people label", "stopped; every label so far is in the bucket"),
}
