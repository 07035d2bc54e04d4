"""Which servers may be named in the settings. Looks none of them up."""

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63})*\.?")


def is_safe_address(text: str) -> bool:
    """Whether `text` is the https address of a server; without encryption only one on this machine.

    Without a name or password in it, which would stand in the settings file for everyone to read.
    """
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port  # reading a port raises where it is no number
    except ValueError:
        return False
    if not host or parts.username is not None or parts.query or parts.fragment or not text.isprintable():
        return False
    if " " in text:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_host(text: str) -> bool:
    """Whether `text` is the name or the number of a machine, and nothing besides."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_HOST.fullmatch(text))
    return True


def is_loopback(host: str) -> bool:
    """Whether a host's name can only mean this machine."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
