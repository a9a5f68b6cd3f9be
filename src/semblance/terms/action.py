"""What can be done on a node: a closed set, the same words in the policy, in the ledger and in a token's scope."""

from enum import StrEnum


class Action(StrEnum):
    """Every act that a permission can cover. The worker's acts are the policy's own and need none."""

    RECORD_CREATE = "record.create"
    RECORD_READ = "record.read"
    RECORD_EDIT = "record.edit"
    RECORD_PUBLISH = "record.publish"
    RECORD_WITHDRAW = "record.withdraw"
    RECORD_DISPUTE = "record.dispute"
    RECORD_DECIDE = "record.decide"
    RECORD_EXTEND = "record.extend"
    RECORD_ERASE = "record.erase"
    RECORD_EXPORT = "record.export"
    PHOTO_ENROL = "photo.enrol"
    PHOTO_CHOOSE = "photo.choose-face"
    CASE_OPEN = "case.open"
    CASE_READ = "case.read"
    CASE_CLOSE = "case.close"
    PROBE_SUBMIT = "probe.submit"
    GALLERY_SEARCH = "gallery.search"
    AUTHORISATION_GRANT = "authorisation.grant"
    AUTHORISATION_REFUSE = "authorisation.refuse"
    SUBJECT_ACCESS = "subject.access"
    POLICY_READ = "policy.read"
    POLICY_REPLACE = "policy.replace"
    PERSON_READ = "person.read"
    PERSON_MANAGE = "person.manage"
    AUTHORITY_MANAGE = "authority.manage"
    TOKEN_MAKE = "token.make"  # noqa: S105 - the word, not one of them
    LEDGER_READ = "ledger.read"
    LEDGER_ACCEPT = "ledger.accept-restored"
    KEY_ROTATE = "key.rotate"
