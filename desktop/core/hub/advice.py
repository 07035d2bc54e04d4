"""Which of a repository's files to take on this machine, for who has no wish of their own."""

from collections.abc import Iterable

from desktop.core.types.models import HubFile

# from what most people take to what is taken where that does not fit: below four bits replies suffer much
USUAL = ("Q4_K_M", "Q5_K_M", "Q4_K_S", "Q5_K_S", "IQ4_XS", "Q4_1", "Q4_0", "Q6_K", "Q8_0", "Q3_K_M", "Q3_K_S")
# a model so small loses more by fewer bits than its size gains
SMALL_BYTES = 1_500_000_000
FINE = ("Q8_0", "Q6_K")
VERDICTS = ("fits", "fits_partly", "needs_less_context")


def recommended(files: Iterable[HubFile]) -> HubFile | None:
    """The file that suits this machine; None where none is known to fit."""
    known = [file for file in files if file.fit is not None]
    for verdict in VERDICTS:
        fitting = [file for file in known if file.fit is not None and file.fit.verdict == verdict]
        if fitting:
            return _usual(fitting)
    return None


def _usual(fitting: list[HubFile]) -> HubFile:
    small = [file for file in fitting if file.size_bytes <= SMALL_BYTES]
    for names, among in ((FINE, small), (USUAL, fitting)):
        for name in names:
            for file in among:
                if file.quantization == name:
                    return file
    return max(fitting, key=lambda file: file.size_bytes)
