# SPDX-License-Identifier: GPL-3.0-or-later
"""Debug files that no compiler writes: each is small enough to be read in a moment, and costs a reader that trusts it
seconds, gigabytes or its life. An attack gets a random number generator and returns the files and the log."""
import lzma
import struct
import zlib

BASE = 0xffffffff81000000
SIZE = 0x1000
RELEASE = '6.1.0-little'
CU, FUNCTION, INLINED, BLOCK, PARAMETER, TYPEDEF, POINTER, STRUCT, MEMBER, IMPORT, PARTIAL, BASETYPE = (0x11, 0x2e, 0x1d, 0x0b, 0x05, 0x16, 0x0f, 0x13, 0x0d, 0x3d, 0x3c, 0x24)
NAME, SIBLING, STMT, LOW, HIGH, COMPDIR, ORIGIN, SPEC, TYPE, RANGES, CALLFILE, CALLLINE, LOCATION, RNGBASE, IMPORTED = (
    0x03, 0x01, 0x10, 0x11, 0x12, 0x1b, 0x31, 0x47, 0x49, 0x55, 0x58, 0x59, 0x02, 0x74, 0x18)
ADDR, DATA1, DATA2, DATA4, DATA8, STRING, STRP, REF4, REFADDR, SECOFF, EXPRLOC, INDIRECT, UDATA, FLAG = (
    0x01, 0x0b, 0x05, 0x06, 0x07, 0x08, 0x0e, 0x13, 0x10, 0x17, 0x18, 0x16, 0x0f, 0x19)


def uleb(n):
    out = b''
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def abbrev(code, tag, children, *pairs):
    return uleb(code) + uleb(tag) + bytes([children]) + b''.join(uleb(a) + uleb(f) for a, f in pairs) + b'\0\0'


def unit(dies, version=5, abbrevs=0):
    head = struct.pack('<HBBI', version, 1, 8, abbrevs) if version == 5 else struct.pack('<HIB', version, abbrevs, 8)
    return struct.pack('<I', len(head) + len(dies)) + head + dies


def line_table(program=b'', files=[b'little.c'], line_range=14, least=1, most=1, opcode_base=13, header_length=None):
    """Version 5, with names in it. Rows begin with file 1; file 0 is the same."""
    files = files[:1] + files
    lengths = bytes([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])
    body = bytes([least, most, 1, 0xfb, line_range, opcode_base]) + lengths
    body += b'\1\1\x08' + uleb(1) + b'/build/little\0' + b'\2\1\x08\2\x0b' + uleb(len(files)) + b''.join(f + b'\0\0' for f in files)
    head = struct.pack('<HBB', 5, 8, 0) + struct.pack('<I', len(body) if header_length is None else header_length) + body
    return struct.pack('<I', len(head) + len(program)) + head + program


def set_address(addr):
    return b'\0\x09\2' + struct.pack('<Q', addr)


END = b'\0\1\1'


def elf(sections, symbols=((b'victim', BASE, SIZE),), kind=2, more=(), strtab=None, symtab=None):
    """sections: name -> bytes, or (bytes, flags, type, link, info, entsize, claimed size)."""
    strings = b'\0'
    table = bytes(24)
    for name, addr, size in symbols:
        table += struct.pack('<IBBHQQ', len(strings), 0x12, 0, 1, addr, size)
        strings += name + b'\0'
    rows = {'.text': (b'\x90' * SIZE, 6, 1, 0, 0, 0, None, BASE if kind == 2 else 0), '.rodata': (b'Linux version %s (x) #1\n\0' % RELEASE.encode(), 2, 1, 0, 0, 0, None, BASE + SIZE)}
    if kind == 1:
        rows['.modinfo'] = (b'name=little\0vermagic=%s SMP\0' % RELEASE.encode(), 2, 1, 0, 0, 0, None, 0)
        rows['.gnu.linkonce.this_module'] = (bytes(896), 3, 1, 0, 0, 0, None, 0)
    number = len(rows) + 1
    rows['.symtab'] = (symtab or table, 0, 2, number + 1, 1, 24, None, 0)
    rows['.strtab'] = (strtab or strings, 0, 3, 0, 0, 0, None, 0)
    for name, value in sections.items():
        rows[name] = (value, 0, 1, 0, 0, 0, None, 0) if isinstance(value, bytes) else value + (0,)
    for k, value in enumerate(more):
        rows['.more%d' % k] = value
    names = b'\0' + b''.join(n.encode() + b'\0' for n in rows) + b'.shstrtab\0'
    rows['.shstrtab'] = (names, 0, 3, 0, 0, 0, None, 0)
    out, heads, at = bytearray(64), [bytes(64)], 1
    for name, (data, flags, typ, link, info, entry, claimed, addr) in rows.items():
        out += bytes(-len(out) % 16)
        heads.append(struct.pack('<IIQQQQIIQQ', at, typ, flags, addr, len(out), len(data) if claimed is None else claimed, link, info, 16 if typ != 3 else 1, entry))
        out += data
        at += len(name) + 1
    out[:64] = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\2\1\1' + bytes(9), kind, 62, 1, 0, 0, len(out), 0, 64, 0, 0, 64, len(heads), len(heads) - 1)
    return bytes(out) + b''.join(heads)


def log(frames=('victim',), size=SIZE, module=''):
    where = ' [%s]' % module if module else ''
    lines = ['Linux version %s (x) #1' % RELEASE, 'BUG: kernel NULL pointer dereference, address: 0000000000000008', 'Oops: 0000 [#1] SMP',
             'CPU: 0 PID: 1 Comm: init Not tainted %s #1' % RELEASE, 'RIP: 0010:%s+0x10/0x%x%s' % (frames[0], size, where), 'RDI: 0000000000000000 RSI: ffff888003a4f000 RDX: 0000000000000001',
             'CR2: 0000000000000008', 'Call Trace:', ' <TASK>']
    lines += [' %s+0x%x/0x%x%s' % (frames[n % len(frames)], 1 + n * 37 % (size - 1), size, where) for n in range(40)]
    return ''.join('[    1.%06d] %s\n' % (n, t) for n, t in enumerate(lines + [' </TASK>', '---[ end trace 0 ]---'])).encode()


TOP = abbrev(1, CU, 1, (NAME, STRING), (COMPDIR, STRING), (LOW, ADDR), (HIGH, DATA4), (STMT, SECOFF))
FN = abbrev(2, FUNCTION, 1, (NAME, STRING), (LOW, ADDR), (HIGH, DATA4))
INL = abbrev(3, INLINED, 1, (ORIGIN, REF4), (LOW, ADDR), (HIGH, DATA4), (CALLFILE, DATA1), (CALLLINE, DATA2))
TOP_DIE = b'\1little.c\0/build/little\0' + struct.pack('<QII', BASE, SIZE, 0)
FN_DIE = b'\2victim\0' + struct.pack('<QI', BASE, SIZE)
HEAD = 12  # of a unit of version 5
FIRST = HEAD + len(TOP_DIE)  # the first DIE in it
LINES = line_table(set_address(BASE) + b'\x03\x0a\x01' + b'\x83' * 64 + b'\2' + uleb(SIZE - 640) + END)


def kernel(info, abbrevs, lines=LINES, more=None, **kw):
    return {'vmlinux-' + RELEASE: elf({'.debug_info': info, '.debug_abbrev': abbrevs, '.debug_line': lines, **(more or {})}, **kw)}, log()


def harmless():
    return kernel(unit(TOP_DIE + FN_DIE + b'\0\0'), TOP + FN + b'\0')


def deep(rng):
    n = rng.choice((300, 5000, 100000, 400000))
    die = b'\3' + struct.pack('<IQIBH', FIRST, BASE, SIZE, 1, 7)
    return kernel(unit(TOP_DIE + FN_DIE + die * n + bytes(n + 2)), TOP + FN + INL + b'\0')


def deep_blocks(rng):
    n = rng.choice((1000, 1000000, 8000000))
    return kernel(unit(TOP_DIE + FN_DIE + b'\4' * n + bytes(rng.choice((0, n + 2)))), TOP + FN + abbrev(4, BLOCK, 1) + b'\0')


def wide(rng):
    """Each of many inlined calls has the same long list of ranges."""
    n, m = rng.choice(((1000, 1000), (300000, 100000), (50000, 500000)))
    tables = abbrev(1, CU, 1, (NAME, STRING), (LOW, ADDR), (HIGH, DATA4), (STMT, SECOFF)) + FN + abbrev(3, INLINED, 0, (ORIGIN, REF4), (RANGES, SECOFF), (CALLLINE, DATA2))
    top = b'\1little.c\0' + struct.pack('<QII', BASE, SIZE, 0)
    ranges = struct.pack('<IHBBI', 8 + m * 3 + 10, 5, 8, 0, 0) + b'\5' + struct.pack('<Q', BASE) + b'\4\0\0' * m + b'\0'
    die = b'\3' + struct.pack('<IIH', HEAD + len(top), 12, 9)
    return kernel(unit(top + FN_DIE + die * n + b'\0\0'), tables + b'\0', more={'.debug_rnglists': ranges})


def origin_chain(rng):
    """A function whose origin's origin's origin ..., or a ring of them."""
    n = rng.choice((2, 3, 1000, 300000))
    at, end = FIRST, rng.choice((True, False))
    what = rng.choice((ORIGIN, SPEC))
    dies = b''.join(b'\3' + struct.pack('<I', at + 5 * (k + 1) if k < n - 1 else at + (5 * n if end else 0)) for k in range(n))
    fn = abbrev(2, FUNCTION, 1, (what, REF4), (LOW, ADDR), (HIGH, DATA4))
    tail = b'\2' + struct.pack('<IQI', at, BASE, SIZE)
    return kernel(unit(TOP_DIE + dies + tail + b'\0\0'), TOP + fn + abbrev(3, FUNCTION, 0, (what, REF4)) + b'\0')


def siblings(rng):
    """DW_AT_sibling that leads back, to itself, into the middle or out."""
    target = rng.choice((FIRST, FIRST + 5, 0, HEAD, 0xffffffff, 0x7fffffff, FIRST + 1))
    fn = abbrev(2, FUNCTION, 1, (SIBLING, REF4), (NAME, STRING), (LOW, ADDR), (HIGH, DATA4))
    other = b'\2' + struct.pack('<I', target) + b'victim\0' + struct.pack('<QI', BASE + rng.choice((0, SIZE)), SIZE) + b'\0'
    return kernel(unit(TOP_DIE + other * rng.choice((2, 1000)) + b'\0'), TOP + fn + b'\0')


def many_units(rng):
    n = rng.choice((1000, 200000, 500000))
    tables = abbrev(1, CU, 0, (LOW, ADDR), (HIGH, DATA4), (STMT, SECOFF)) + b'\0'
    one = unit(b'\1' + struct.pack('<QII', BASE + rng.choice((0, SIZE)), SIZE, rng.choice((0, 0xffffff00))))
    return kernel(one * n, tables)


def imports(rng):
    """Each unit imports the next one twice: with 60 of them, a way for each grain of sand."""
    n = rng.choice((1, 5, 60, 20000))
    tables = TOP + FN + abbrev(4, IMPORT, 0, (IMPORTED, REFADDR)) + abbrev(5, PARTIAL, 1) + b'\0'
    size = len(unit(b'\5' + b'\4' + bytes(4) + b'\4' + bytes(4) + b'\0'))
    first = len(unit(TOP_DIE + b'\4' + bytes(4) + b'\0'))
    info = unit(TOP_DIE + b'\4' + struct.pack('<I', first + HEAD) + b'\0')
    for k in range(n):
        after = first + size * (k + 1) + HEAD if k < n - 1 else rng.choice((first + HEAD, HEAD))
        info += unit(b'\5' + (b'\4' + struct.pack('<I', after)) * 2 + b'\0')
    return kernel(info, tables)


def abbreviations(rng):
    """One table, which begins anew at each entry: every unit has another one of nearly the same length."""
    n, units = rng.choice(((100000, 1), (200000, 20000), (1000000, 1000)))
    one = abbrev(1, CU, 0, (STMT, SECOFF))
    table = one * n + b'\0' if rng.random() < 0.7 else b''.join(abbrev(2 + k * 7919 % 2 ** 40, BLOCK, 0) for k in range(n // 10)) + one + b'\0'
    step = len(one)
    return kernel(b''.join(unit(b'\1' + bytes(4), abbrevs=k * step % len(table)) for k in range(units)), table)


def endless_lines(rng):
    """A table of many rows, none of which ends a sequence; or whose rows move nothing."""
    step = rng.choice((b'\x0d', b'\x08', b'\x83', b'\1', b'\3\xff\xff\xff\xff\x0f\1', b'\x09\xff\xff', b'\0\1\1', b'\0\0', b'\0\xff\xff\xff\xff\xff\xff\xff\xff\x7f', b'\0\x09\2' + struct.pack('<Q', BASE) + b'\1'))
    program = set_address(BASE) + step * (rng.choice((10, 100000, 12000000)) // len(step))
    lines = line_table(program, line_range=rng.choice((14, 14, 1, 0, 255)), least=rng.choice((1, 1, 0, 255)), most=rng.choice((1, 0, 255)), opcode_base=rng.choice((13, 13, 1, 0, 255)),
                       header_length=rng.choice((None, None, 0, 0xffffffff, 0xfffffff0, 1)))
    if rng.random() < 0.3:
        lines = lines[:-rng.randrange(1, 40)]
    return kernel(unit(TOP_DIE + FN_DIE + b'\0\0'), TOP + FN + b'\0', lines)


def many_files(rng):
    n = rng.choice((1, 200000, 1000000))
    lines = bytearray(line_table(b'', [b'f'] * n))
    if rng.random() < 0.6:
        at = 4 + 8 + 18  # format counts and what follows
        for _ in range(rng.choice((1, 2, 5))):
            lines[(at + rng.randrange(40)) % len(lines)] = rng.choice((0, 1, 0x7f, 0x80, 0xff, 0x21, 0x0a, 0x1f))
    return kernel(unit(TOP_DIE + FN_DIE + b'\0\0') * rng.choice((1, 500)), TOP + FN + b'\0', bytes(lines))


def many_symbols(rng):
    """One name, one address, or names that end where the table ends, so that each is as long as all the rest."""
    n = rng.choice((1000, 300000, 600000))
    how = rng.randrange(4)
    strtab = b'\0victim\0' + (b'A' * rng.choice((1000, 2000000)) + b'\0' * rng.choice((0, 1)))
    rows = b''.join(struct.pack('<IBBHQQ', 1 if how == 0 else 8 + k % (len(strtab) - 9) if how == 1 else rng.choice((1, 8)), 0x12, 0, 1, BASE + (k % SIZE if how == 2 else 0),
                                SIZE if how != 3 else (1 << 64) - 1 - k) for k in range(min(n, 100000)))
    rows *= max(1, n // 100000)
    return {'vmlinux-' + RELEASE: elf({}, symtab=bytes(24) + rows, strtab=strtab)}, log()


def bombs(rng):
    """Compressed sections whose size is a lie, or the truth."""
    real = rng.choice((1 << 20, 1 << 30))
    packer = zlib.compressobj(9)
    data = b''.join(packer.compress(bytes(1 << 20)) for _ in range(real >> 20)) + packer.flush()
    claimed = rng.choice((real, 0, 1, real - 1, real + 1, 1 << 40, (1 << 64) - 1, 1 << 63))
    head = struct.pack('<IIQQ', rng.choice((1, 1, 1, 2, 99)), 0, claimed, rng.choice((1, 0, 1 << 63)))
    name = rng.choice(('.debug_info', '.debug_line', '.debug_str', '.debug_abbrev', '.symtab', '.strtab'))
    more = {name: (head + data, 0x800, 1, 0, 0, 0, None)}
    if rng.random() < 0.2:
        more['.zdebug_line'] = b'ZLIB' + struct.pack('>Q', claimed) + data
    return kernel(unit(TOP_DIE + FN_DIE + b'\0\0'), TOP + FN + b'\0', more=more)


def relocations(rng):
    n = rng.choice((10, 100000, 500000))
    info = unit(TOP_DIE + FN_DIE + b'\0\0')
    rows = b''.join(struct.pack('<QIIQ', rng.choice((0, 8, HEAD, len(info) - 1, len(info), 1 << 63, (1 << 64) - 1, rng.randrange(len(info)))), rng.choice((1, 10, 10, 2, 24, 255, 0)),
                                rng.choice((0, 1, 1, 2, 0xffffffff, 1 << 24)), rng.choice((0, 1, BASE, (1 << 64) - 1))) for _ in range(min(n, 1000))) * max(1, n // 1000)
    target = rng.choice((6, 6, 7, 8, 0, 1, 200, 0xffffffff))
    sections = {'.debug_info': info, '.debug_abbrev': TOP + FN + b'\0', '.debug_line': LINES, '.rela.debug_info': (rows, 0, 4, 4, target, rng.choice((24, 24, 0, 1)), None)}
    more = [(rows, 0, 4, 4, target, 24, None, 0)] * (rng.choice((0, 0, 100)) if n < 1000 else 3)
    return {'little.ko': elf(sections, symbols=((b'victim', 0, SIZE),), kind=1, more=more)}, log(module='little')


def sections(rng):
    """Numbers of sections as only the first section header tells, names that are long, sections of the whole file."""
    data = bytearray(kernel(unit(TOP_DIE + FN_DIE + b'\0\0'), TOP + FN + b'\0', more={'.empty%d' % k: b'' for k in range(rng.choice((0, 1000, 60000)))})[0]['vmlinux-' + RELEASE])
    shoff = int.from_bytes(data[40:48], 'little')
    if rng.random() < 0.5:
        data[60:62] = b'\0\0'
        data[shoff + 32:shoff + 40] = struct.pack('<Q', rng.choice((0, 1, 10, 70000, 1 << 32, (1 << 64) - 1, 1 << 58)))
    if rng.random() < 0.4:
        data[62:64] = b'\xff\xff'
        data[shoff + 40:shoff + 44] = struct.pack('<I', rng.choice((0, 1, 0xffff, 0xffffffff)))
    if rng.random() < 0.4:
        for at in range(shoff + 64, min(len(data), shoff + 64 * 1000), 64):
            data[at + 24:at + 40] = struct.pack('<QQ', 0, len(data))
    return {'vmlinux-' + RELEASE: bytes(data)}, log()


def strings(rng):
    """Names of megabytes, without an end, with what a terminal obeys, with what would be another path."""
    name = rng.choice((b'v' * 8000000, b'\x1b]0;x\x07\x1b[2J', b'a\nb\rc\x00', b'../../../../etc/passwd', b'/etc/passwd', b'\xff\xfe\x80', b'%s%n%d' * 9, b'', b'_ZN' + b'1aI' * 20000, b'_Z' + b'P' * 200000,
                       b'_RNv' + b'B_' * 9000))
    top = b'\1' + name + b'\0/\0' + struct.pack('<QII', BASE, SIZE, 0)
    fn = b'\2' + name + b'\0' + struct.pack('<QI', BASE, SIZE)
    lines = line_table(set_address(BASE) + b'\1\2' + uleb(SIZE) + END, [name])
    tail = b'' if rng.random() < 0.3 else b'\0\0'
    return kernel(unit(top + fn + tail), TOP + FN + b'\0', lines, symbols=((b'victim', BASE, SIZE), (name[:100000], BASE, SIZE)))


def forms(rng):
    """DW_FORM_indirect of itself, forms nobody knows, blocks of 4 GiB."""
    code, form = rng.choice((NAME, STMT, RANGES, LOW, SIBLING)), rng.choice((INDIRECT, 0x16, 0x99, 0x7f, 0x04, 0x09, EXPRLOC, 0x21, 0x1f20, 0x1f21, 0x0c, 0x1d, 0x20, 0x25, 0x2c, 0x22, 0x23))
    value = rng.choice((b'\x16' * 5000000 + b'\x0b\0', b'\xff\xff\xff\xff', b'\xff' * 9 + b'\1', b'\x80' * 1000000, bytes(8), struct.pack('<Q', 1 << 63)))
    fn = abbrev(2, FUNCTION, 1, (code, form), (NAME, STRING), (LOW, ADDR), (HIGH, DATA4))
    return kernel(unit(TOP_DIE + b'\2' + value + b'victim\0' + struct.pack('<QI', BASE, SIZE) + b'\0\0'), TOP + fn + b'\0')


def types(rng):
    """The type of an argument: a ring of typedefs, a long chain of them, a structure in itself, with a million members."""
    n = rng.choice((1, 2, 1000, 300000))
    tables = TOP + FN + abbrev(4, PARAMETER, 0, (NAME, STRING), (TYPE, REF4), (LOCATION, EXPRLOC)) + abbrev(5, rng.choice((TYPEDEF, POINTER, STRUCT, 0x26, 0x01)), 0, (TYPE, REF4))
    tables += abbrev(6, STRUCT, 1, (NAME, STRING), (0x0b, DATA1)) + abbrev(7, MEMBER, 0, (NAME, STRING), (TYPE, REF4), (0x38, DATA1)) + b'\0'
    where = FIRST + len(FN_DIE)
    op = rng.choice((b'\x55', b'\x2f\xfd\xff', b'\x30\x28\xfd\xff' * 3, b'\x92' + b'\xff' * 9 + b'\1\0', b'\xa3\x01\x55\x9f', b'\x9f' * 100000, b'\xa3\x04\xa3\x02\xa3\x01', b'\x98\x00\x00', b'\x93' + b'\xff' * 8 + b'\1',
                     b'\x30' + b'\x12' * 100000, b'\x03\x08', b'\x1b', b'\x30\x30\x1b', b'\x31\x30\x1d'))
    parameter = b'\4item\0' + struct.pack('<I', 0) + uleb(len(op)) + op
    parameter = b'\4item\0' + struct.pack('<I', where + len(parameter) * 3 + 1) + uleb(len(op)) + op
    chain = where + len(parameter) * 3 + 1
    if rng.random() < 0.7:
        body = b''.join(b'\5' + struct.pack('<I', chain + 5 * ((k + 1) % n)) for k in range(n))
    else:
        body = b'\6od_item\0\x40' + (b'\7next\0' + struct.pack('<IB', chain, 8)) * n + b'\0'
    return kernel(unit(TOP_DIE + FN_DIE + parameter * 3 + b'\0' + body + b'\0'), tables)


def aranges(rng):
    n = rng.choice((1, 1000, 1000000))
    pairs = struct.pack('<QQ', BASE + rng.choice((0, SIZE, 1)), rng.choice((SIZE, 0, 1, (1 << 64) - 1))) * n
    table = struct.pack('<IHIBB', 8 + 4 + len(pairs) + 16, 2, rng.choice((0, 0, 1, 0xffffffff)), rng.choice((8, 8, 4, 0)), rng.choice((0, 0, 8))) + bytes(4) + pairs + bytes(16)
    return kernel(unit(TOP_DIE + FN_DIE + b'\0\0'), TOP + FN + b'\0', more={'.debug_aranges': table * rng.choice((1, 3))})


def ranges(rng):
    """The unit's own list: without an end, of millions, of entries nobody knows."""
    top = abbrev(1, CU, 1, (NAME, STRING), (RANGES, SECOFF), (STMT, SECOFF))
    entry = rng.choice((b'\4\0\1', b'\5' + bytes(8), b'\6' + bytes(16), b'\7' + struct.pack('<Q', BASE) + b'\1', b'\1\0', b'\3\0\1', b'\x09', b'\4\x80\x80\x80\x80\x80\x80'))
    body = entry * (rng.choice((1, 1000, 9000000)) // len(entry)) + rng.choice((b'', b'\0'))
    table = struct.pack('<IHBBI', len(body) + 8, 5, 8, 0, rng.choice((0, 0, 1, 0xffffffff))) + body
    die = b'\1little.c\0' + struct.pack('<II', rng.choice((12, 12, 0, 0xffffffff, len(table))), 0)
    return kernel(unit(die + FN_DIE + b'\0\0') * rng.choice((1, 100)), top + FN + b'\0', more={'.debug_rnglists': table})


def system_map(rng):
    line = rng.choice((b'ffffffff81000000 T victim\n', b'%016x t same\n' % BASE, b'ffffffffffffffff a x\n', b'\n', b'f' * 5000, b'ffffffff81000000 T ' + b'v' * 100000 + b'\n', b'ffffffff81000000 T \x1b[2J\n', bytes(100)))
    data = b'ffffffff81000000 T _stext\nffffffff81000000 T victim\n' + line * (rng.choice((1, 1000, 12000000)) // len(line)) + b'ffffffff82000000 T _etext\n'
    return {'System.map-' + RELEASE: data}, log()


EVIL = 'evil-of-a-mutant'


def member(name, data=b'', kind=b'0', link='', size=None):
    head = bytearray(struct.pack('100s8s8s8s12s12s8sc100s6s2s', name.encode(), b'0000644', b'0000000', b'0000000', b'%011o' % (len(data) if size is None else size), b'0' * 11,
                                 b' ' * 8, kind, link.encode(), b'ustar', b'00'))
    head[148:156] = b'%06o\0 ' % sum(head)
    return bytes(head).ljust(512, b'\0') + data + bytes(-len(data) % 512)


def deb(data, claimed=None):
    out = b'!<arch>\n'
    for name, body in (('debian-binary', b'2.0\n'), ('control.tar.xz', b''), ('data.tar.xz', data)):
        out += b'%-16s%-12s%-6s%-6s%-8s%-10d`\n' % (name.encode(), b'0', b'0', b'0', b'100644', len(body) if claimed is None or not body else claimed) + body + b'\n' * (len(body) % 2)
    return {'linux-image-%s-dbg_6.1_amd64.deb' % RELEASE: out}, log()


def package(files):
    """As a distribution packs it."""
    return deb(lzma.compress(member('./usr/lib/debug/boot/vmlinux-' + RELEASE, files['vmlinux-' + RELEASE]) + bytes(1024)))


def archives(rng):
    """A .deb whose names lead out of it, whose links do, with 100,000 members, of a gigabyte when unpacked, cut, or lying."""
    path = './usr/lib/debug/lib/modules/%s/vmlinux' % RELEASE
    good = harmless()[0]['vmlinux-' + RELEASE]
    odd = {
        'good': b'',
        'out': b''.join(member(n, good) for n in ('../' * 3 + EVIL, '../' * 9 + 'tmp/' + EVIL, '/tmp/' + EVIL, './usr/lib/debug/../../../../../' + EVIL, 'a/../../' + EVIL)),
        'links': member('./usr/lib/debug', kind=b'2', link='/tmp') + member('./usr/lib/debug/' + EVIL, good) + member('./' + EVIL, kind=b'1', link='/etc/passwd') + member('./dev', kind=b'4'),
        'many': member('./usr/lib/debug/x') * 100000,
        'lies': member('./usr/lib/debug/vmlinux-' + RELEASE, good, size=rng.choice((0, 1 << 30, 1 << 32, len(good) + 511))),
        'bomb': None,
    }
    what = rng.choice(sorted(odd))
    packer = lzma.LZMACompressor(preset=0)
    if what == 'bomb':
        data = packer.compress(member(path, b'', size=1 << 30)) + b''.join(packer.compress(bytes(1 << 20)) for _ in range(1 << 10))
    else:
        data = packer.compress(odd[what] + member(path, good) + bytes(1024))
    data += packer.flush()
    if rng.random() < 0.2:
        data = data[:rng.randrange(len(data))]
    return deb(data, rng.choice((None,) * 6 + (0, 1 << 32)))


ATTACKS = (archives, deep, deep_blocks, wide, origin_chain, siblings, many_units, imports, abbreviations, endless_lines, many_files, many_symbols, bombs, relocations, sections, strings, forms,
           types, aranges, ranges, system_map)
