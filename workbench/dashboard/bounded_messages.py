"""A limit for the unpacked size of a browser's messages.

Bokeh packs bytes with gzip and unpacks whatever comes (bokeh 3.9.2, `Deserializer._decode_bytes`): a message of 130 kB
took 100 MB.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any, Final

from bokeh.core.serialization import Deserializer

#: Of all bytes of one message, unpacked; the page sends files in pieces of one megabyte.
LARGEST_MESSAGE: Final = 8_000_000
_GZIP: Final = 16 + zlib.MAX_WBITS


def bound_messages() -> None:
    """Prevent this process from unpacking messages beyond `LARGEST_MESSAGE`."""
    if getattr(Deserializer._decode_bytes, "bounded", False):
        return
    usual = Deserializer._decode_bytes

    def decode(self: Any, obj: Any) -> Any:
        data = obj["data"]
        if not isinstance(data, str):
            return usual(self, obj)
        left = LARGEST_MESSAGE - getattr(self, "_unpacked", 0)
        try:
            unpacked = unpacked_within(data, left)
        except (ValueError, binascii.Error, zlib.error) as error:
            self.error(str(error))
            raise  # for the reader: `error` has raised
        self._unpacked = LARGEST_MESSAGE - left + len(unpacked)
        return unpacked

    decode.bounded = True  # type: ignore[attr-defined]
    Deserializer._decode_bytes = decode


def unpacked_within(data: str, most: int) -> bytes:
    """Unpack base64-encoded gzip data.

    Raises
    ------
    ValueError
        If it is more than `most` bytes, or cut short.

    Examples
    --------
    >>> import gzip
    >>> bomb = base64.b64encode(gzip.compress(bytes(1_000_000))).decode()
    >>> len(unpacked_within(bomb, 1_000_000))
    1000000
    >>> unpacked_within(bomb, 999_999)
    Traceback (most recent call last):
    ...
    ValueError: the message unpacks to more than 999999 bytes
    """
    stream = zlib.decompressobj(_GZIP)
    unpacked = stream.decompress(base64.b64decode(data), max(most, 0) + 1)
    if len(unpacked) > most:
        raise ValueError(f"the message unpacks to more than {most} bytes")
    if not stream.eof:
        raise ValueError("the message is incomplete")
    return unpacked
