"""What the proof of a package reads: the screen, and the trace of what asked for the network."""

import prove_screen
import prove_trace

TRACE = """\
12 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3
12 connect(3, {sa_family=AF_UNIX, sun_path="/tmp/.X11-unix/X98"}, 20) = 0
13 sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="AF_INET", iov_len=7}]}, 0) = 7
14 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 5
14 connect(5, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.1")}, 16 <unfinished ...>
15 sendto(6, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(80)}, 28) = -1 ENETUNREACH
15 <... connect resumed>) = -1 ENETUNREACH (Network is unreachable)
"""


def test_every_address_beyond_this_machine_is_an_attempt() -> None:
    found = prove_trace.account(TRACE.splitlines())
    assert [line.split(" ", 1)[0] for line in found.attempts] == ["14", "15"]
    assert found.families == {"AF_INET": 1, "AF_UNIX": 1}


def test_a_silent_trace_has_no_attempt() -> None:
    assert prove_trace.account(TRACE.splitlines()[:3]).attempts == ()


HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def test_words_are_found_on_the_screen_where_they_stand() -> None:
    rows = [
        HEAD,
        "5\t1\t1\t1\t1\t1\t300\t90\t60\t30\t96.1\tSkip",
        "5\t1\t1\t1\t1\t2\t390\t90\t60\t30\t95\tthis.",
    ]
    rows.append("5\t1\t1\t1\t1\t3\t0\t0\t9\t9\t12.0\tstain")
    found = prove_screen.words("\n".join(rows), 3)
    assert [word.text for word in found] == ["Skip", "this."]
    place = prove_screen.phrase(found, "skip this")
    assert place is not None
    assert place[0].centre == (110, 35)
    assert prove_screen.phrase(found, "this skip") is None
