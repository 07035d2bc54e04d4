"""What counts as an attempt to reach the network, in traces as strace writes them and of a real process."""

import sys
from pathlib import Path

import pytest
import silence

UNIX = '41 connect(5, {sa_family=AF_UNIX, sun_path="/tmp/data/socket"}, 110) = 0'
INET = (
    '42 connect(7, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("18.0.0.1")}, 16) '
    "= -1 ENETUNREACH (Network is unreachable)"
)
CUT = (
    "43 connect(7, {sa_family=AF_INET6, sin6_port=htons(8000), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "
    '"::1", &sin6_addr), sin6_scope_id=0}, 28 <unfinished ...>'
)
RESUMED = "43 <... connect resumed>)           = -1 EADDRNOTAVAIL (Cannot assign requested address)"
DATAGRAM = (
    '44 sendto(3, ""..., 29, MSG_NOSIGNAL, {sa_family=AF_INET, sin_port=htons(53), '
    'sin_addr=inet_addr("10.0.0.2")}, 16) = 29'
)
ON_A_STREAM = '44 sendto(3, ""..., 29, MSG_NOSIGNAL, NULL, 0) = 29'
KERNEL = (
    "45 sendto(9, [{nlmsg_len=20}], 20, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 20"
)


def test_unix_sockets_and_the_kernel_are_no_network() -> None:
    assert silence.attempts([UNIX, KERNEL, ON_A_STREAM, RESUMED, "41 +++ exited with 0 +++"]) == []
    assert [one.family for one in silence.named_addresses([UNIX])] == ["AF_UNIX"]


def test_connections_and_datagrams_elsewhere_are_attempts_also_to_this_machine() -> None:
    found = silence.attempts([UNIX, INET, CUT, RESUMED, DATAGRAM])
    assert [(one.process, one.call, one.address) for one in found] == [
        (42, "connect", "18.0.0.1:443"),
        (43, "connect", "::1:8000"),
        (44, "sendto", "10.0.0.2:53"),
    ]


@pytest.mark.skipif(bool(silence.can_look()), reason="this machine cannot look")
def test_a_process_that_tries_is_caught_and_one_that_is_silent_is_not(tmp_path: Path) -> None:
    tries = "import socket\ntry: socket.socket().connect(('192.0.2.1', 80))\nexcept OSError: pass"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {tries!r}])"
    code, outside, _ = silence.look([sys.executable, "-c", child], tmp_path / "trace")
    assert (code, [one.address for one in outside]) == (0, ["192.0.2.1:80"])
    assert silence.look([sys.executable, "-c", "print('still')"])[:2] == (0, [])
