"""The file that holds the wrapped key: read, written, opened with a passphrase. Knows no database.

A random key encrypts the databases; scrypt of the passphrase and AES-GCM wrap it. Another passphrase wraps
the same key again. There are two copies of the file, as all would be lost with it. packaging/decisions/0181
"""

import contextlib
import hashlib
import hmac
import os
import unicodedata
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from desktop.core.encryption.errors import KeyFileDamaged, KeyFileNewer, PassphraseShort, PassphraseWrong
from desktop.core.errors import DataUnwritable
from desktop.core.private_files import write_private
from rag.sealing import KEY_BYTES, Key

NAME: Final = "encryption.json"
COPY: Final = "encryption.copy.json"
LEAST_CHARACTERS: Final = 8
FORMAT: Final = "sobremesa-key"
VERSION: Final = 1
# 128 MiB and about half a second for every guess
COST, BLOCK, LANES = 1 << 17, 8, 1
_MOST_COST: Final = 1 << 20  # of a file that somebody else wrote: what it may cost to try it

State = Literal["encrypting", "on", "decrypting"]


class KeyFile(msgspec.Struct, frozen=True):
    """`wrapped`: the key under the passphrase. `state` is what is to become of the databases, `state_mark`
    what only somebody with the key can write of it. `sum` tells a damaged file from a wrong passphrase.
    """

    salt: bytes
    nonce: bytes
    wrapped: bytes
    state: State
    state_mark: bytes
    format: str = FORMAT
    version: int = VERSION
    cost: int = COST
    block: int = BLOCK
    lanes: int = LANES
    sum: str = ""


def wrapped(key: Key, passphrase: str, state: State) -> KeyFile:
    """Raises PassphraseShort."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise PassphraseShort(least=LEAST_CHARACTERS)
    salt, nonce = os.urandom(16), os.urandom(12)
    file = KeyFile(salt, nonce, b"", state, _mark(key, state))
    sealed = _cipher(file, passphrase).encrypt(nonce, key.secret, _about(file))
    return replace(file, wrapped=sealed)


def unwrapped(file: KeyFile, passphrase: str) -> Key:
    """Takes about half a second. Raises PassphraseWrong."""
    from cryptography.exceptions import InvalidTag

    try:
        return Key(_cipher(file, passphrase).decrypt(file.nonce, file.wrapped, _about(file)))
    except InvalidTag as error:
        raise PassphraseWrong from error


def in_state(file: KeyFile, key: Key, state: State) -> KeyFile:
    return replace(file, state=state, state_mark=_mark(key, state))


def state_of(file: KeyFile, key: Key) -> State:
    """As it was written by somebody who had the key: nobody else makes this program decrypt."""
    return file.state if hmac.compare_digest(file.state_mark, _mark(key, file.state)) else "on"


# ── on the disk ──


def read(folder: Path) -> KeyFile | None:
    """None: there is no such file. Raises KeyFileDamaged or KeyFileNewer where neither copy can be used."""
    problem: Exception | None = None
    for name in (NAME, COPY):
        try:
            return _decoded((folder / name).read_bytes(), folder / name)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            problem = problem or error
    if problem is not None:
        raise KeyFileDamaged(str(problem), file=str(folder / NAME))
    return None


def write(folder: Path, file: KeyFile) -> None:
    """Both copies, one after the other. Raises StorageFull or DataUnwritable."""
    data = msgspec.json.format(msgspec.json.encode(replace(file, sum=_sum(file))), indent=2)
    for name in (NAME, COPY):
        path = folder / name
        with contextlib.suppress(OSError):
            if path.read_bytes() == data:
                continue
        write_private(path, data)


def remove(folder: Path) -> None:
    """Nothing is encrypted any more. Raises DataUnwritable."""
    try:
        for name in (COPY, NAME):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DataUnwritable(str(error), folder=str(folder)) from error


def _decoded(data: bytes, path: Path) -> KeyFile:
    """Raises ValueError or KeyFileNewer."""
    version = msgspec.json.decode(data, type=dict[str, object]).get("version")
    if isinstance(version, int) and version > VERSION:
        raise KeyFileNewer(file=str(path))
    file = msgspec.json.decode(data, type=KeyFile)
    sound = (
        file.format == FORMAT
        and file.sum == _sum(file)
        and 2 <= file.cost <= _MOST_COST
        and file.cost & (file.cost - 1) == 0
        and 1 <= file.block <= 16
        and 1 <= file.lanes <= 4
        and len(file.nonce) == 12
        and len(file.wrapped) == KEY_BYTES + 16
    )
    if not sound:
        raise ValueError("its sum is wrong")
    return file


def _sum(file: KeyFile) -> str:
    return hashlib.sha256(msgspec.json.encode(replace(file, sum=""))).hexdigest()


# ── what cryptography does ──


def _cipher(file: KeyFile, passphrase: str):  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    # one keyboard writes é as one character, another as two
    typed = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    made = Scrypt(salt=file.salt, length=KEY_BYTES, n=file.cost, r=file.block, p=file.lanes).derive(typed)
    return AESGCM(made)


def _about(file: KeyFile) -> bytes:
    return f"{FORMAT} {file.version} {file.cost} {file.block} {file.lanes}".encode()


def _mark(key: Key, state: State) -> bytes:
    return hmac.digest(key.secret, f"sobremesa: state {state}".encode(), "sha256")
