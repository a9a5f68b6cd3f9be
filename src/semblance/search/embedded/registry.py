"""Whose the rows of an index are: references, subjects, and the compartments that the policy treats alike."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.id_table import IdTable
from semblance.search.index import Allowed
from semblance.terms.ids import ReferenceId, SubjectId
from semblance.terms.record import RecordFacts


class Registry:
    """Numbers for subjects and compartments, and how many of each there are; compartment 0 is nobody's.

    All references of one subject are in one compartment: a subject moves with the first of them that does.
    """

    def __init__(self) -> None:
        self.references = IdTable()
        self._owners = IdTable()
        self._free: list[int] = []
        self._next = 0
        self._held = np.zeros(0, dtype=np.int32)
        self._homes = np.zeros(0, dtype=np.int32)
        self._facts: list[RecordFacts | None] = [None]
        self._numbers: dict[RecordFacts, int] = {}
        self._references_in: list[int] = [0]
        self._subjects_in: list[int] = [0]

    @property
    def subjects(self) -> int:
        """Return the number of subjects that have at least one reference."""
        return self._owners.count

    def number_facts(self, facts: RecordFacts) -> int:
        """Return the compartment of records with these facts."""
        number = self._numbers.get(facts)
        if number is None:
            number = self._numbers[facts] = len(self._facts)
            self._facts.append(facts)
            self._references_in.append(0)
            self._subjects_in.append(0)
        return number

    def enter(self, subject: SubjectId, compartment: int) -> int:
        """Count one reference more of a subject and return the subject's number."""
        owner = self._owners.find(subject)
        if owner is None:
            owner = self._free.pop() if self._free else self._next
            self._next = max(self._next, owner + 1)
            self._owners.put(subject, owner)
            if owner >= len(self._held):
                size = max(owner + 1, len(self._held) * 5 // 4 + 1024)
                self._held, self._homes = np.resize(self._held, size), np.resize(self._homes, size)
            self._held[owner], self._homes[owner] = 0, compartment
            self._subjects_in[compartment] += 1
        self._held[owner] += 1
        self._references_in[compartment] += 1
        self._settle(owner, compartment)
        return owner

    def leave(self, owner: int, compartment: int) -> None:
        """Count one reference less."""
        self._held[owner] -= 1
        self._references_in[compartment] -= 1
        if not self._held[owner]:
            self._subjects_in[int(self._homes[owner])] -= 1
            self._owners.drop(self._owners.name(owner))
            self._free.append(owner)

    def move(self, owner: int, old: int, new: int) -> None:
        """Note that one of a subject's references is in another compartment now."""
        self._references_in[old] -= 1
        self._references_in[new] += 1
        self._settle(owner, new)

    def judge(self, allowed: Allowed) -> NDArray[np.bool_]:
        """Return for each compartment whether its records may be candidates; each is asked about once."""
        lets = np.zeros(len(self._facts), dtype=np.bool_)
        for number, facts in enumerate(self._facts):
            # what is empty now is asked about all the same: nobody should learn from it that it is
            lets[number] = facts is not None and allowed(facts)
        return lets

    def count(self, lets: NDArray[np.bool_]) -> tuple[int, int]:
        """Return how many subjects and references are in these compartments."""
        return (
            sum(count for count, open_ in zip(self._subjects_in, lets, strict=True) if open_),
            sum(count for count, open_ in zip(self._references_in, lets, strict=True) if open_),
        )

    def choose(self, subjects: Collection[SubjectId], lets: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int, int]:
        """Return which subjects' numbers are among these and let, and how many subjects and references that are."""
        chosen = np.zeros(max(self._next, 1), dtype=np.bool_)
        for subject in subjects:
            owner = self._owners.find(subject)
            if owner is not None and lets[self._homes[owner]]:
                chosen[owner] = True
        counts = self._held[: len(chosen)]
        return chosen, int(chosen.sum()), int(counts[chosen[: len(counts)]].sum())

    def name_subject(self, owner: int) -> SubjectId:
        """Return the subject of a number."""
        return SubjectId(self._owners.name(owner))

    def name_references(self, slots: NDArray[np.int64]) -> list[ReferenceId]:
        """Return the references in these slots."""
        return [ReferenceId(name) for name in self.references.name_all(slots)]

    def read_ids(
        self, slots: NDArray[np.int64], owners: NDArray[np.int32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return copies of the identifiers in these slots, and of these owners, 16 bytes each."""
        return self.references.ids[slots], self._owners.ids[owners]

    @property
    def facts(self) -> tuple[RecordFacts, ...]:
        """Return what the records of each compartment are, from compartment 1 on."""
        return tuple(fact for fact in self._facts if fact is not None)

    def restore(
        self,
        references: NDArray[np.uint8],
        subjects: NDArray[np.uint8],
        slots: NDArray[np.int64],
        owners: NDArray[np.int32],
        compartments: NDArray[np.int32],
        facts: Sequence[RecordFacts],
    ) -> None:
        """Take in whose the rows were when they were saved; for a registry that holds nothing yet.

        ``references``: 16 bytes for each slot there is. The rest is of the slots in use, in the order of ``slots``.
        Raises ValueError where the numbers do not fit each other.
        """
        if len(compartments) and not 0 < compartments.min() <= compartments.max() <= len(facts):
            raise ValueError("the rows name compartments that there are not")
        if len(owners) and owners.min() < 0:
            raise ValueError("the rows name owners that there cannot be")
        for fact in facts:
            self.number_facts(fact)
        if len(self._facts) != len(facts) + 1:
            raise ValueError("two compartments are of the same records")
        self.references.restore(references, slots)
        self._next = int(owners.max()) + 1 if len(owners) else 0
        ids = np.zeros((self._next, 16), dtype=np.uint8)
        ids[owners] = subjects
        self._held = np.bincount(owners, minlength=self._next).astype(np.int32)
        self._homes = np.zeros(self._next, dtype=np.int32)
        self._homes[owners] = compartments
        known = np.flatnonzero(self._held)
        self._owners.restore(ids, known)
        self._free = np.flatnonzero(self._held == 0).tolist()
        size = len(self._facts)
        self._references_in = np.bincount(compartments, minlength=size).tolist()
        self._subjects_in = np.bincount(self._homes[known], minlength=size).tolist()

    def _settle(self, owner: int, compartment: int) -> None:
        home = int(self._homes[owner])
        if home != compartment:
            self._subjects_in[home] -= 1
            self._subjects_in[compartment] += 1
            self._homes[owner] = compartment
