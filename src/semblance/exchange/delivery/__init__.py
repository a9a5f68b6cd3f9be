"""Ways out for notifications: e-mail and signed webhooks."""
