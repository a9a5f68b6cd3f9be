"""The channels for notifications: read from the settings, with their secrets."""

from pathlib import Path
from typing import Final

from semblance.bootstrap.config import Settings, read_secret_file
from semblance.errors import ConfigurationError
from semblance.exchange.delivery.mail import MailServer
from semblance.exchange.delivery.webhook import WebhookCaller
from semblance.node.node import NotificationChannels

_LEAST_SECRET: Final = 32


def make_channels(settings: Settings) -> NotificationChannels:
    """Return the ways out that the settings open; raises ConfigurationError where a secret's file cannot be used."""
    node = settings.node
    mail = None
    if node.mail.host:
        password = ""
        if node.mail.password_file:
            password = _read_secret(settings, node.mail.password_file, "mail.password_file")
        mail = MailServer(**node.mail.model_dump(exclude={"password_file"}), password=password)
    webhook = None
    if node.webhook.secret_file:
        secret = _read_secret(settings, node.webhook.secret_file, "webhook.secret_file")
        if len(secret) < _LEAST_SECRET:
            raise ConfigurationError(
                "operator.settings.secret-short",
                "The secret that `webhook.secret_file` names has {n} characters; write at least {least_secret} "
                "random ones, with `openssl rand -hex 32` for example.",
                n=len(secret),
                least_secret=_LEAST_SECRET,
            )
        webhook = WebhookCaller(secret.encode(), node.webhook.timeout, node.webhook.networks)
    return NotificationChannels(mail, webhook, node.address.rstrip("/"))


def _read_secret(settings: Settings, named: str, key: str) -> str:
    secret = read_secret_file(settings, named, key)
    if not secret:
        raise ConfigurationError(
            "operator.settings.secret-empty",
            "{path}, which `{key}` names, is empty; write the secret into it.",
            path=settings.home / Path(named).expanduser(),
            key=key,
        )
    return secret
