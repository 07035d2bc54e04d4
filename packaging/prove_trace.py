"""What a system-call trace says about the network: every address that a process tried to reach."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# calls that send somebody something, or ask for it; what strace is told to write down
CALLS = ("socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg")
_CALL = re.compile(r"(?:^|\s)(\w+)\(")
_FAMILY = re.compile(r"sa_family=(AF_\w+)")
_SOCKET = re.compile(r"socket\((AF_\w+|PF_\w+)")
_NETWORK = {"AF_INET", "AF_INET6", "AF_PACKET", "AF_VSOCK", "AF_BLUETOOTH"}


@dataclass(frozen=True)
class Account:
    """`attempts`: lines that name an address beyond this machine's own sockets; `families`: sockets made."""

    attempts: tuple[str, ...]
    families: dict[str, int]
    calls: int


def account(lines: Iterable[str]) -> Account:
    """What strace wrote with `-e trace=` those calls, one line a call, unfinished ones included."""
    attempts: list[str] = []
    families: Counter[str] = Counter()
    calls = 0
    for line in lines:
        found = _CALL.search(line)
        if found is None or found[1] not in CALLS:
            continue
        calls += 1
        made = _SOCKET.search(line)
        if made:
            families[made[1]] += 1
        named = set(_FAMILY.findall(line))
        if named & _NETWORK:
            attempts.append(line.strip())
    return Account(tuple(attempts), dict(sorted(families.items())), calls)
