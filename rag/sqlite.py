"""The one SQLite of the program, by the name `sqlite3`: SQLCipher's, where it is installed, as it encrypts.

Without it the standard library's takes its place, and a file that needs a key cannot be opened. Errors,
connections and codes are those of the one that is used: nothing else may import either of them.
"""

from typing import TYPE_CHECKING

# named as other modules see it: an assignment would hide from the type checker what is in it
if TYPE_CHECKING:
    import sqlite3

    ENCRYPTS: bool
else:
    try:
        from sqlcipher3 import dbapi2 as sqlite3

        ENCRYPTS = True
    except ImportError:
        import sqlite3

        ENCRYPTS = False

__all__ = ["ENCRYPTS", "sqlite3"]
