"""The life of a suspicion that is recommended for a check, as a literal table. What is found of it becomes a matter of enforcement."""

from __future__ import annotations

from kuangan.base.case.flow import Flow, Transition

CLAUSES = ("SX34-19", "SX34-21", "SX34-42")
GROUP = "suspicion"
"""Name of the sealed group for which suspicions exist."""

SUSPICION = Flow(
    kind="suspicion",
    page="suspicions:case",
    label="监测疑点",
    states={"recommended": "建议核查", "checking": "核查中", "refuted": "未查实", "confirmed": "查实待认定"},
    initial="recommended",
    final=("refuted", "confirmed"),
    transitions=(
        Transition(
            name="assign",
            from_=("recommended",),
            to="checking",
            may="suspicion.decide",
            label="派出核查",
            needs=("plan",),
            clause=CLAUSES,
        ),
        Transition(
            name="refute",
            from_=("recommended", "checking"),
            to="refuted",
            may="suspicion.decide",
            label="未查实",
            needs=("opinion",),
            clause=CLAUSES,
        ),
        Transition(
            name="confirm",
            from_=("checking",),
            to="confirmed",
            may="suspicion.decide",
            label="查实",
            needs=("opinion",),
            four_eyes="assign",
            clause=CLAUSES,
        ),
    ),
)
