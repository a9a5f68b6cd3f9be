"""The rules of accounts: who a person is, which roles are in force, what a password needs. Pure: values and rules."""
