"""Sending one e-mail through an SMTP server (RFC 5321; TLS by RFC 3207 or RFC 8314), never unencrypted across a net."""

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as LINES
from typing import Literal

from semblance.exchange.delivery.undelivered import Undelivered
from semblance.messages.message import Message
from semblance.terms.text import is_mail_address

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes a node's mail; ``timeout`` is in seconds, for each answer of the server.

    ``security`` "none" is for a server on this machine only. The server's certificate is always verified.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 10.0


def send_mail(server: MailServer, message: EmailMessage, *, to: str) -> Undelivered | None:
    """Send the message to one address, and return None once the server has taken it.

    The message must have its headers; ``From`` and ``To`` are set here.
    """
    if not is_mail_address(to):
        return Undelivered(
            Message("mail.contact-no-address", "What stands as the contact is not one plain e-mail address; mend it.")
        )
    message["From"], message["To"] = server.sender, to
    try:
        with contextlib.closing(_open(server)) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            smtp.sendmail(server.sender, [to], message.as_bytes(policy=LINES))
            # the message is taken: how the server says goodbye must not have it sent once more
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
    except (OSError, smtplib.SMTPException) as error:
        return _explain(error, server, to)
    return None


def _open(server: MailServer) -> smtplib.SMTP:
    # what the node calls itself would otherwise be asked of the name service, and told to the server
    named = server.sender.partition("@")[2]
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, named, timeout=server.timeout, context=context)
    smtp = smtplib.SMTP(server.host, server.port, named, timeout=server.timeout)
    if server.security == "starttls":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
    return smtp


def _explain(error: OSError | smtplib.SMTPException, server: MailServer, to: str) -> Undelivered:
    match error:
        case smtplib.SMTPNotSupportedError() if server.security == "starttls":
            why = Message(
                "mail.no-starttls",
                "The mail server offers no STARTTLS, or no sign-in after it; nothing is sent unencrypted. Check "
                "`mail.port` and `mail.security`.",
            )
        case smtplib.SMTPNotSupportedError():
            why = Message(
                "mail.no-sign-in", "The mail server offers no sign-in; leave `mail.user` empty, or check `mail.port`."
            )
        case smtplib.SMTPAuthenticationError():
            why = Message(
                "mail.sign-in-refused",
                "The mail server refused the node's user and password (code {code}); check `mail.user` and "
                "`mail.password_file`.",
                code=error.smtp_code,
            )
        case smtplib.SMTPRecipientsRefused():
            why = Message(
                "mail.recipient-refused",
                "The mail server refused the authority's address (code {code}); check its contact.",
                code=error.recipients[to][0],
            )
            return Undelivered(why)
        case smtplib.SMTPSenderRefused():
            why = Message(
                "mail.sender-refused",
                "The mail server refused the node's own address (code {code}); check `mail.sender`.",
                code=error.smtp_code,
            )
        case smtplib.SMTPResponseException():
            why = Message(
                "mail.not-taken",
                "The mail server did not take the message (code {code}); it is tried again.",
                code=error.smtp_code,
            )
            return Undelivered(why)
        case ssl.SSLCertVerificationError():
            why = Message(
                "mail.certificate",
                "The certificate of the mail server could not be verified; check `mail.host`, or make the "
                "certificate's issuer known to this machine.",
            )
        case ssl.SSLError():
            why = Message(
                "mail.encryption",
                "The mail server and this node found no way to encrypt; check `mail.port` and `mail.security`.",
            )
        # smtplib says of a server that hangs that it broke off
        case _ if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            why = Message("mail.silent", "The mail server did not answer in time; it is tried again.")
        case _:
            why = Message(
                "mail.unreachable",
                "The mail server cannot be reached, or broke off; check `mail.host`, `mail.port` and the network.",
            )
    return Undelivered(why, unreachable=True)
