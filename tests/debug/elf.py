# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the numbers of an ELF file and of its DWARF are, for mutate.py: enough of both formats to aim at what a reader
believes. Little endian, 64 bits. What it cannot read it leaves out: the bytes are then changed at random."""
import collections
import struct
import zlib

# name: what it is, for choosing a value; at, size: in data; uleb: how it is written
Field = collections.namedtuple('Field', 'name at size uleb')

EHDR = (('type', 16, 2), ('machine', 18, 2), ('version', 20, 4), ('phoff', 32, 8), ('shoff', 40, 8), ('flags', 48, 4), ('ehsize', 52, 2),
        ('phentsize', 54, 2), ('phnum', 56, 2), ('shentsize', 58, 2), ('shnum', 60, 2), ('shstrndx', 62, 2), ('class', 4, 1), ('data', 5, 1))
SHDR = (('name', 0, 4), ('type', 4, 4), ('flags', 8, 8), ('addr', 16, 8), ('offset', 24, 8), ('size', 32, 8), ('link', 40, 4), ('info', 44, 4),
        ('align', 48, 8), ('entsize', 56, 8))
SYM = (('name', 0, 4), ('info', 4, 1), ('shndx', 6, 2), ('value', 8, 8), ('size', 16, 8))
RELA = (('offset', 0, 8), ('type', 8, 4), ('symbol', 12, 4), ('addend', 16, 8))
CHDR = (('type', 0, 4), ('size', 8, 8), ('align', 16, 8))
COMPRESSED = 0x800

# Form: size of its value in bytes, or how to find it.
SIZES = {0x01: 8, 0x05: 2, 0x06: 4, 0x07: 8, 0x0b: 1, 0x0c: 1, 0x0e: 4, 0x10: 4, 0x11: 1, 0x12: 2, 0x13: 4, 0x14: 8, 0x17: 4, 0x19: 0, 0x1c: 4, 0x1d: 4,
         0x1e: 16, 0x1f: 4, 0x20: 8, 0x21: 0, 0x24: 8, 0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4, 0x29: 1, 0x2a: 2, 0x2b: 3, 0x2c: 4, 0x1f20: 4, 0x1f21: 4}
ULEBS = (0x0d, 0x0f, 0x15, 0x1a, 0x1b, 0x22, 0x23)
BLOCKS = {0x03: 2, 0x04: 4, 0x09: 0, 0x0a: 1, 0x18: 0}
ATTRIBUTES = {0x01: 'sibling', 0x10: 'stmt_list', 0x11: 'low_pc', 0x12: 'high_pc', 0x18: 'import', 0x31: 'origin', 0x47: 'specification', 0x49: 'type',
              0x52: 'entry_pc', 0x55: 'ranges', 0x57: 'call_column', 0x58: 'call_file', 0x59: 'call_line', 0x3a: 'decl_file', 0x3b: 'decl_line',
              0x02: 'location', 0x40: 'frame_base', 0x72: 'str_offsets_base', 0x73: 'addr_base', 0x74: 'rnglists_base', 0x8c: 'loclists_base',
              0x03: 'name', 0x1b: 'comp_dir', 0x6e: 'linkage_name', 0x76: 'dwo_name'}
REFERENCES = ('sibling', 'origin', 'specification', 'type', 'import')


def uleb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def put_uleb(value, size):
    """In exactly size bytes, with zeros that count nothing."""
    value &= (1 << 7 * size) - 1
    return bytes((value >> 7 * i & 0x7f) | (0x80 if i < size - 1 else 0) for i in range(size))


class Elf:
    def __init__(self, data):
        self.fields = []
        self.sections = {}
        self.dies = []  # offsets in .debug_info
        self.data = bytearray(data)
        try:
            self.read_headers()
            self.read_debug()
        except (IndexError, struct.error, KeyError, zlib.error):
            pass

    def add(self, group, table, base):
        self.fields += [Field('%s %s' % (group, name), base + at, size, False) for name, at, size in table]

    def number(self, at, size):
        return int.from_bytes(self.data[at:at + size], 'little')

    def read_headers(self):
        if self.data[:4] != b'\x7fELF':
            return
        self.add('ehdr', EHDR, 0)
        shoff, num, strndx = self.number(40, 8), self.number(60, 2), self.number(62, 2)
        names = self.number(shoff + 64 * strndx + 24, 8)
        for i in range(num):
            at = shoff + 64 * i
            name = self.data[names + self.number(at, 4):]
            name = name[:name.index(b'\0')].decode()
            kind, flags, offset, size = self.number(at + 4, 4), self.number(at + 8, 8), self.number(at + 24, 8), self.number(at + 32, 8)
            self.add('shdr' + name, SHDR, at)
            if kind == 8 or not size:
                continue
            self.sections[name] = (offset, size)
            if flags & COMPRESSED:
                self.add('chdr' + name, CHDR, offset)
                del self.sections[name]
            elif kind == 2:
                for k in range(24, size, 24):
                    self.add('symbol', SYM, offset + k)
            elif kind == 4:
                for k in range(0, size, 24):
                    self.add(name, RELA, offset + k)
                self.apply(name[5:], offset, size)
            elif kind == 7:
                self.add('note', (('namesz', 0, 4), ('descsz', 4, 4), ('type', 8, 4)), offset)

    def apply(self, target, offset, size):
        """To read the section by: in a module every reference to another section is 0."""
        base, end = self.sections.get(target, (0, 0))
        for k in range(offset, offset + size, 24):
            where, width = self.number(k, 8), {1: 8, 10: 4}.get(self.number(k + 8, 4), 0)
            if width and where + width <= end:
                self.data[base + where:base + where + width] = (self.number(k + 16, 8) & (1 << 8 * width) - 1).to_bytes(width, 'little')

    def read_debug(self):
        # A .dwo has the same sections under names of its own.
        for name in list(self.sections):
            if name.endswith('.dwo'):
                self.sections[name[:-4]] = self.sections[name]
        for name, header in (('.debug_rnglists', 20), ('.debug_loclists', 20), ('.debug_addr', 8), ('.debug_str_offsets', 8), ('.debug_aranges', 16),
                             ('.debug_frame', 16)):
            if name in self.sections:
                self.headers(name, header)
        self.headers('.debug_line', 48)
        offset, size = self.sections['.debug_info']
        at = offset
        while at < offset + size:
            at = self.unit(offset, at)

    def headers(self, name, n):
        """Of each unit the bytes of its header; each is a field of its own, but for the lengths."""
        if name not in self.sections:
            return
        at, size = self.sections[name]
        end = at + size
        while at + 4 < end:
            self.fields.append(Field(name + ' length', at, 4, False))
            self.fields += [Field(name + ' header', at + k, 1, False) for k in range(4, min(n, end - at))]
            at += 4 + self.number(at, 4)

    def abbreviations(self, at):
        out = {}
        while True:
            start = at
            code, at = uleb(self.data, at)
            if not code:
                return out
            tag_at = at
            tag, at = uleb(self.data, at)
            self.fields += [Field('abbrev code', start, tag_at - start, True), Field('abbrev tag', tag_at, at - tag_at, True), Field('abbrev children', at, 1, False)]
            children, at, pairs = self.data[at], at + 1, []
            while True:
                k = at
                attribute, form_at = uleb(self.data, at)
                form, at = uleb(self.data, form_at)
                constant = None
                if form == 0x21:
                    constant, at = uleb(self.data, at)
                self.fields += [Field('abbrev attribute', k, form_at - k, True), Field('abbrev form', form_at, 1, True)]
                if not attribute and not form:
                    break
                pairs.append((attribute, form, constant))
            out[code] = (tag, children, pairs)

    def unit(self, base, at):
        length, version = self.number(at, 4), self.number(at + 4, 2)
        end = at + 4 + length
        self.fields += [Field('unit length', at, 4, False), Field('unit version', at + 4, 2, False)]
        if version >= 5:
            kind, abbrev_at = self.data[at + 6], at + 8
            self.fields += [Field('unit type', at + 6, 1, False), Field('unit address size', at + 7, 1, False)]
            here = at + 12 + (8 if kind in (4, 5) else 0)
        else:
            abbrev_at, here = at + 6, at + 11
        self.fields.append(Field('unit abbrev', abbrev_at, 4, False))
        table = self.abbreviations(self.sections['.debug_abbrev'][0] + self.number(abbrev_at, 4))
        while here < end:
            start = here
            code, here = uleb(self.data, here)
            self.fields.append(Field('die code', start, here - start, True))
            if not code:
                continue
            self.dies.append(start - at)
            for attribute, form, _ in table[code][2]:
                name = 'die ' + ATTRIBUTES.get(attribute, 'other')
                start, here = here, self.skip(form, here)
                if form in BLOCKS or form == 0x08 or here == start:
                    self.fields += [Field(name + ' byte', k, 1, False) for k in range(start, min(here, start + 4))]
                else:
                    self.fields.append(Field(name, start, here - start, form in ULEBS))
        return end

    def skip(self, form, at):
        if form in SIZES:
            return at + SIZES[form]
        if form in ULEBS:
            return uleb(self.data, at)[1]
        if form == 0x08:
            return self.data.index(b'\0', at) + 1
        n, size = BLOCKS[form], 0
        if n:
            return at + n + self.number(at, n)
        size, at = uleb(self.data, at)
        return at + size
