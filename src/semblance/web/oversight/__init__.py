"""Pages for data-protection officers: ledger, policy, requests, figures."""
