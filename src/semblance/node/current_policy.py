"""The policy in force, read anew whenever another program brought a newer version into force."""

from threading import Lock

from semblance.cases.policy import Policy, read_default_policy, read_policy
from semblance.store import policies
from semblance.store.engine import Store


class PolicyShelf:
    """Gives the newest version of the policy that the store holds; the shipped one before the first. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._number = 0
        self._policy = read_default_policy()

    def read(self) -> Policy:
        """Return the policy in force now."""
        return self.read_numbered()[1]

    def read_numbered(self) -> tuple[int, Policy]:
        """Return the number of the version in force, 0 for the shipped one, and the policy."""
        with self._store.reading() as tx:
            number = policies.read_number(tx)
            with self._lock:
                if number != self._number:
                    stored = policies.find_policy(tx, number)
                    assert stored is not None
                    self._policy = read_policy(stored.text, source=f"policy version {number}")
                    self._number = number
                return self._number, self._policy
