"""The page bitmaps used last, within a number of bytes. Asks for none itself."""

from collections import OrderedDict
from typing import Final

from rag.protocol import PageBitmap

CACHE_BYTES: Final = 96 * 1024 * 1024

BitmapKey = tuple[str, int, int]  # file, page, width in pixels


class BitmapCache:
    """Least recently used goes first; the newest always stays, however large it is."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._bitmaps: OrderedDict[BitmapKey, PageBitmap] = OrderedDict()

    def get(self, key: BitmapKey) -> PageBitmap | None:
        bitmap = self._bitmaps.get(key)
        if bitmap is not None:
            self._bitmaps.move_to_end(key)
        return bitmap

    def put(self, key: BitmapKey, bitmap: PageBitmap) -> None:
        self._bitmaps[key] = bitmap
        self._bitmaps.move_to_end(key)
        while len(self._bitmaps) > 1 and self.size_bytes > self._limit_bytes:
            self._bitmaps.popitem(last=False)

    @property
    def size_bytes(self) -> int:
        return sum(len(bitmap.pixels) for bitmap in self._bitmaps.values())

    def has_room_for(self, count: int, bitmap: PageBitmap) -> bool:
        """Whether `count` bitmaps of this one's size can stay side by side."""
        return count * len(bitmap.pixels) <= self._limit_bytes

    def __contains__(self, key: BitmapKey) -> bool:
        return key in self._bitmaps

    def clear(self) -> None:
        self._bitmaps.clear()
