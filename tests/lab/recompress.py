#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""recompress.py HOW IN OUT: a kdump-compressed dump (plain or flattened) written again.

HOW: zlib, lzo, snappy, zstd, none (makedumpfile of Debian 12 writes the first two only), mixed (by turns),
flat (a flattened stream, pieces out of order), plain (the reverse), truncate:BYTES; snappy+flat: one after the
other.
"""
import ctypes
import struct
import sys
import zlib

FLAT = b'makedumpfile\0\0\0\0'
FLAGS = {'none': 0, 'zlib': 1, 'lzo': 2, 'snappy': 4, 'zstd': 32}


def unflatten(data):
    if not data.startswith(FLAT):
        return data
    out, at = bytearray(), 4096
    while True:
        offset, size = struct.unpack_from('>qq', data, at)
        at += 16
        if offset < 0:
            return bytes(out)
        if len(out) < offset + size:
            out.extend(bytes(offset + size - len(out)))
        out[offset:offset + size] = data[at:at + size]
        at += size


def flatten(data):
    """As makedumpfile does: the header comes again at the end, when all is known."""
    pieces = [(0, data[:4096])]
    step = 65536 - 24  # not a multiple of a page
    pieces += [(at, data[at:at + step]) for at in range(4096, len(data), step)]
    pieces[2:] = pieces[2:][1::2] + pieces[2:][::2]
    pieces[0] = (0, bytes(4096))
    pieces.append((0, data[:4096]))
    head = (FLAT + struct.pack('>qq', 1, 1)).ljust(4096, b'\0')
    return head + b''.join(struct.pack('>qq', at, len(b)) + b for at, b in pieces) + struct.pack('>qq', -1, -1)


class Codec:
    """Pages in and out of the four compressions; the libraries by ctypes, so without their headers."""

    def __init__(self):
        self.lzo = ctypes.CDLL('liblzo2.so.2')
        self.snappy = ctypes.CDLL('libsnappy.so.1')
        self.zstd = ctypes.CDLL('libzstd.so.1')
        self.zstd.ZSTD_compress.restype = self.zstd.ZSTD_decompress.restype = ctypes.c_size_t
        self.work = ctypes.create_string_buffer(1 << 17)
        self.out = ctypes.create_string_buffer(1 << 18)

    def pack(self, how, page):
        size = ctypes.c_size_t(len(self.out))
        if how == 'zlib':
            return zlib.compress(page, 1)
        if how == 'lzo':
            error = self.lzo.lzo1x_1_compress(page, ctypes.c_size_t(len(page)), self.out, ctypes.byref(size), self.work)
        elif how == 'snappy':
            error = self.snappy.snappy_compress(page, ctypes.c_size_t(len(page)), self.out, ctypes.byref(size))
        else:
            size = ctypes.c_size_t(self.zstd.ZSTD_compress(self.out, size, page, ctypes.c_size_t(len(page)), 3))
            error = size.value > len(self.out)
        assert not error, how
        return self.out.raw[:size.value]

    def unpack(self, flags, data, block):
        size = ctypes.c_size_t(block)
        length = ctypes.c_size_t(len(data))
        error = 0
        if flags & FLAGS['zlib']:
            return zlib.decompress(data)
        if flags & FLAGS['lzo']:
            error = self.lzo.lzo1x_decompress_safe(data, length, self.out, ctypes.byref(size), None)
        elif flags & FLAGS['snappy']:
            error = self.snappy.snappy_uncompress(data, length, self.out, ctypes.byref(size))
        elif flags & FLAGS['zstd']:
            error = self.zstd.ZSTD_decompress(self.out, size, data, length) != block
        else:
            return data
        assert not error and size.value == block, 'page that cannot be unpacked'
        return self.out.raw[:block]


def recompress(data, how):
    assert data[:8] == b'KDUMP   ', 'no kdump-compressed dump'
    status, block, sub_blocks, bitmap_blocks = struct.unpack_from('<IiiI', data, 424)
    bitmaps = (1 + sub_blocks) * block
    second = data[bitmaps + bitmap_blocks // 2 * block:bitmaps + bitmap_blocks * block]
    pages = bin(int.from_bytes(second, 'little')).count('1')
    table = bitmaps + bitmap_blocks * block
    wheres, descs, body, codec = {}, bytearray(), bytearray(), Codec()
    start = table + 24 * pages
    names = [n for n in FLAGS if n != 'none'] if how == 'mixed' else [how]
    used = 0
    for i in range(pages):
        offset, size, flags, page_flags = struct.unpack_from('<QIIQ', data, table + 24 * i)
        if offset not in wheres:
            page = codec.unpack(flags, data[offset:offset + size], block)
            name = names[i % len(names)]
            packed = codec.pack(name, page) if name != 'none' else page
            if len(packed) >= block:
                packed, name = page, 'none'
            used |= FLAGS[name]
            wheres[offset] = (start + len(body), len(packed), FLAGS[name])
            body += packed
        descs += struct.pack('<QIIQ', *wheres[offset], page_flags)
    head = bytearray(data[:table])
    struct.pack_into('<I', head, 424, status & ~0x27 | used)
    return bytes(head) + bytes(descs) + bytes(body)


def main():
    how, source, target = sys.argv[1:]
    with open(source, 'rb') as f:
        data = f.read()
    for step in how.split('+'):
        if step.startswith('truncate:'):
            data = data[:int(step[9:])]
        elif step == 'flat':
            data = flatten(unflatten(data))
        elif step == 'plain':
            data = unflatten(data)
        else:
            data = recompress(unflatten(data), step)
    with open(target, 'wb') as f:
        f.write(data)


if __name__ == "__main__":
    main()
