"""Make the modules of packaging/ importable, as they are for the scripts beside them."""

import sys
from pathlib import Path

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
# behind everything else: run.py and test.py have names that others have too
if str(PACKAGING) not in sys.path:
    sys.path.append(str(PACKAGING))
