"""The ledger, the policy, keys, and what data-protection officers see."""
