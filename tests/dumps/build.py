#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""build.py SPEC OUT-DIR [FORMAT]: a little x86-64 kernel, dead, from a text: OUT-DIR/vmcore, and console,
made and truth/ as dump-lab.sh leaves them, so check-dump.py says whether it was understood.

A dump of some 100 KiB with page tables, VMCOREINFO, kallsyms, BTF, ORC, a log, tasks with stacks and a module:
what real kernels have, also in layouts of which no kernel is at hand. OUT-DIR/fields names places in it
("task 7 tasks.next" physical-address size), for mutate.py. FORMAT instead of the SPEC's own.
"""
import os
import random
import re
import struct
import sys
import zlib

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = 4096
KMAP = 0xffffffff80000000
DIRECT = 0xffff9c4000000000
STACKS = 0xffffb1c000000000
MODULES = 0xffffffffc0400000
IMAGE_PHYS = 0x2000000
HEAP_PHYS = 0x3000000
STACK_SIZE = 4 * PAGE
ORC_HASH = {2: 'db84aed4103b31dd51e017f8f79783ca985c2c51', 3: 'fe5d32bf581bd63b2ca9a5c65ba5a625eab3fe24',
            4: '137c36ad7627c4dd55932176bb0ecdbd5041fc82'}
REGS = 'r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss'.split()


def align(n, to):
    return (n + to - 1) // to * to


class Types:
    """types.h, laid out and as BTF."""

    BASE = {'char': (1, 1), 'unsigned char': (1, 0), 'short': (2, 1), 'unsigned short': (2, 0), 'int': (4, 1),
            'unsigned int': (4, 0), 'long': (8, 1), 'unsigned long': (8, 0), 'u64': (8, 0)}
    FIXED = ('orc_entry', 'elf64_sym', 'pt_regs', 'inactive_task_frame', 'list_head', 'new_utsname', 'page', 'printk_log')

    def __init__(self, version, seed):
        self.random = random.Random(seed)
        self.structs, self.typedefs = {}, {}
        with open(os.path.join(HERE, 'types.h'), encoding='ascii') as f:
            text = re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)
        text = re.sub(r'^@(\S+)(.*)$', lambda m: m[2] if self.within(version, m[1]) else '', text, flags=re.M)
        for m in re.finditer(r'(typedef )?struct\s*(\w*)\s*\{(.*?)\}\s*(\w*);', text, re.S):
            members = []
            for d in m[3].split(';'):
                d = d.strip()
                if d:
                    n = re.match(r'(.*?)\s*(\**)(\w+)((?:\[\d+\])*)$', d)
                    members.append((n[3], n[1].strip(), len(n[2]), [int(x) for x in re.findall(r'\d+', n[4])]))
            if m[1]:
                self.typedefs[m[4]] = members
            else:
                self.structs[m[2]] = members
        self.enums = {m[1]: re.findall(r'\w+', m[2]) for m in re.finditer(r'^ *enum (\w+) \{(.*?)\};', text, re.M)}
        self.layout, self.sizes = {}, {}

    @staticmethod
    def within(version, span):
        low, high = span.split('-')
        parse = lambda t: tuple(int(x) for x in t.split('.'))
        return (not low or parse(low) <= version) and (not high or version <= parse(high))

    def size(self, base, pointers=0, dims=()):
        n = 8
        if not pointers:
            if base.startswith('struct '):
                self.lay(base[7:])
                n = self.sizes[base[7:]]
            elif base in self.typedefs:
                n = 4 if base == 'atomic_t' else 8
            else:
                n = self.BASE[base][0]
        for d in dims:
            n *= d
        return n

    def alignment(self, base, pointers):
        if pointers or base in ('atomic_long_t',):
            return 8
        if base == 'atomic_t':
            return 4
        if base.startswith('struct '):
            return max(self.alignment(b, p) for _, b, p, _ in self.structs[base[7:]])
        return self.BASE[base][0]

    def lay(self, name):
        if name in self.sizes:
            return
        members = list(self.structs[name])
        if name not in self.FIXED:
            self.random.shuffle(members)
        at, places, most = 0, {}, 1
        for member, base, pointers, dims in members:
            step = self.alignment(base, pointers)
            if name not in self.FIXED and self.random.random() < 0.3:
                at += 8 * self.random.randint(1, 4)
            at, most = align(at, step), max(most, step)
            places[member] = at
            at += self.size(base, pointers, dims)
        self.layout[name], self.sizes[name] = places, align(at, most)

    def offset(self, name, path):
        """Byte offset and size of a.b.c in struct name."""
        total = 0
        for member in path.split('.'):
            m = re.match(r'(\w+)(?:\[(\d+)\])?$', member)
            if name == 'atomic':
                continue
            self.lay(name)
            row = next(r for r in self.structs[name] if r[0] == m[1])
            total += self.layout[name][m[1]] + (int(m[2]) * self.size(row[1], row[2]) if m[2] else 0)
            size = self.size(row[1], row[2], () if m[2] else row[3])
            name = row[1][7:] if row[1].startswith('struct ') and not row[2] else 'atomic'
        return total, size

    def btf(self, percpu):
        strings, types, ids = bytearray(b'\0'), [], {}

        def text(s):
            if not s:
                return 0
            at = strings.find(b'\0' + s.encode() + b'\0')
            if at < 0:
                at = len(strings) - 1
                strings.extend(s.encode() + b'\0')
            return at + 1

        def add(key, build):
            if key not in ids:
                ids[key] = len(types) + 1
                types.append(None)
                types[ids[key] - 1] = build()
            return ids[key]

        def head(name, kind, vlen, size):
            return struct.pack('<III', text(name), kind << 24 | vlen, size)

        def ref(base, pointers=0, dims=()):
            if dims:
                return add(('a', base, pointers, tuple(dims)), lambda: head('', 3, 0, 0) + struct.pack(
                    '<III', ref(base, pointers, dims[1:]), ref('int'), dims[0]))
            if pointers:
                return add(('p', base, pointers), lambda: head('', 2, 0, 0 if base == 'void' and pointers == 1 else ref(base, pointers - 1)))
            if base.startswith('struct '):
                name = base[7:]
                return add(base, lambda: members(name, self.structs[name], self.size(base), name))
            if base in self.typedefs:
                return add(base, lambda: head(base, 8, 0, add(('s', base), lambda: members(
                    '', self.typedefs[base], self.size(base), None))))
            size, signed = self.BASE[base]
            return add(base, lambda: head(base, 1, 0, size) + struct.pack('<I', signed << 24 | size * 8))

        def members(name, rows, size, laid):
            out = head(name, 4, len(rows), size)
            rows = sorted(rows, key=lambda r: self.layout[laid][r[0]]) if laid else rows
            for member, base, pointers, dims in rows:
                out += struct.pack('<III', text(member), ref(base, pointers, dims), 8 * (self.layout[laid][member] if laid else 0))
            return out

        for name in self.structs:
            ref('struct ' + name)
        for name, values in self.enums.items():
            add('enum ' + name, lambda: head(name, 6, len(values), 4) + b''.join(struct.pack('<Ii', text(v), i) for i, v in enumerate(values)))
        secs = b''
        for name, offset, base, pointers in percpu:
            var = add(('v', name), lambda: head(name, 14, 0, ref(base, pointers)) + struct.pack('<I', 1))
            secs += struct.pack('<III', var, offset, self.size(base, pointers))
        add('sec', lambda: head('.data..percpu', 15, len(percpu), len(percpu) * 8) + secs)
        body = b''.join(types)
        return struct.pack('<HBBIIIII', 0xeb9f, 1, 0, 24, 0, len(body), len(body), len(strings)) + body + bytes(strings)


class Image:
    """Physical memory, and what is mapped where."""

    def __init__(self):
        self.pages, self.maps, self.fields = {}, [], []

    def write(self, virt, data):
        phys = self.phys(virt)
        while data:
            n = min(len(data), PAGE - phys % PAGE)
            page = self.pages.setdefault(phys // PAGE, bytearray(PAGE))
            page[phys % PAGE:phys % PAGE + n] = data[:n]
            data, virt = data[n:], virt + n
            if data:
                phys = self.phys(virt)

    def map(self, virt, phys, size):
        self.maps.append((virt, phys, size))

    def phys(self, virt):
        for at, phys, size in reversed(self.maps):
            if at <= virt < at + size:
                return virt - at + phys
        raise ValueError('nothing at %x' % virt)

    def field(self, name, virt, size=8):
        self.fields.append((name, self.phys(virt), size))

    def tables(self, root, allocate, levels):
        """Page tables for all maps, of 4 KiB pages, their pages from allocate()."""
        def entry(table, index):
            return struct.unpack_from('<Q', self.pages[table // PAGE], index * 8)[0]

        self.pages.setdefault(root // PAGE, bytearray(PAGE))
        for virt, phys, size in self.maps:
            for at in range(0, size, PAGE):
                if (phys + at) // PAGE not in self.pages:
                    continue
                table = root
                for level in range(levels - 1, 0, -1):
                    index = (virt + at) >> 12 + 9 * level & 511
                    if not entry(table, index):
                        new = allocate()
                        self.pages[new // PAGE] = bytearray(PAGE)
                        struct.pack_into('<Q', self.pages[table // PAGE], index * 8, new | 0x63)
                        self.fields.append(('page table level %d' % level, table + index * 8, 8))
                    table = entry(table, index) & ~0xfff
                struct.pack_into('<Q', self.pages[table // PAGE], ((virt + at) >> 12 & 511) * 8, phys + at | 0x63)


class Kernel:
    def __init__(self, spec):
        self.spec = spec
        self.version = tuple(int(x) for x in re.match(r'(\d+)\.(\d+)', spec['release']).groups())
        self.types = Types(self.version, spec['seed'])
        self.image = Image()
        self.kaslr = int(spec.get('kaslr', '0x1c000000'), 16)
        self.text = KMAP + 0x1000000 + self.kaslr
        self.phys_base = IMAGE_PHYS - (self.text - KMAP)
        self.image.map(self.text, IMAGE_PHYS, 0x400000)
        self.image.map(DIRECT, 0, 0x4000000)
        self.heap = HEAP_PHYS
        self.vmalloc = STACKS
        self.symbols = []       # address, type, name
        self.module_symbols = []
        self.functions = {}     # name -> (address, size, module, kind of unwinding, frame size)
        self.percpu = {}        # name -> offset
        self.cpus = int(spec.get('cpus', '2'))
        self.orc = int(spec['orc'])
        self.tasks = []
        self.build()

    # Places.

    def alloc(self, size, to=16):
        self.heap = align(self.heap, to)
        at, self.heap = self.heap, self.heap + size
        virt = DIRECT + at
        self.image.write(virt, bytes(size))
        return virt

    def object(self, name, count=1):
        return self.alloc(self.types.size('struct ' + name) * count)

    def set(self, virt, name, path, value, label=None):
        offset, size = self.types.offset(name, path)
        if isinstance(value, (bytes, str)):
            data = (value.encode() if isinstance(value, str) else value)[:size].ljust(size, b'\0')
        else:
            data = (value & (1 << 8 * size) - 1).to_bytes(size, 'little')
        self.image.write(virt + offset, data)
        if label:
            self.image.field('%s %s' % (label, path), virt + offset, size)

    def data(self, name, content, kind='d', to=16):
        self.end = align(self.end, to)
        at, self.end = self.end, self.end + max(len(content), 1)
        self.image.write(at, content)
        self.symbols.append((at, kind, name))
        self.image.field('data ' + name, at, min(len(content), 8) or 1)
        return at

    def string(self, text):
        at = self.alloc(len(text) + 1)
        self.image.write(at, text.encode() + b'\0')
        return at

    def link(self, heads, entries, label):
        """A list_head and its entries, by address."""
        ring = [heads] + entries
        for i, at in enumerate(ring):
            self.image.write(at, struct.pack('<QQ', ring[(i + 1) % len(ring)], ring[i - 1]))
            self.image.field('%s next' % label, at)
            self.image.field('%s prev' % label, at + 8)

    # Parts.

    def build(self):
        self.end = self.text + 0x200
        self.symbols += [(self.text, 'T', '_text'), (self.text, 'T', '_stext'), (self.text, 'T', 'startup_64')]
        for name, size, kind, frame in self.spec['functions']:
            self.end = align(self.end, 16)
            self.functions[name] = (self.end, size, None, kind, frame)
            self.symbols.append((self.end, 'T', name))
            self.image.write(self.end, b'\x0f\x1f\x44\0\0' + b'\x90' * (size - 5))
            self.end += size
        for i in range(int(self.spec.get('filler', '0'))):
            self.symbols.append((self.end + 16 * i, 't', '%s_%s_%d' % (('init', 'vfs', 'pci', 'tcp', 'acpi')[i % 5], ('read', 'probe', 'put', 'get_next', 'lock')[i // 5 % 5], i)))
        self.end += 16 * int(self.spec.get('filler', '0'))
        self.symbols.append((align(self.end, PAGE), 'T', '_etext'))
        self.end = align(self.end, PAGE)
        for name, text in self.spec['constants']:
            self.data(name, text.encode() + b'\0', 'r')
        self.root = align(self.end, PAGE)
        self.end = self.root + PAGE
        self.image.write(self.root, bytes(PAGE))
        self.symbols += [(self.root, 'D', 'swapper_pg_dir'), (self.root, 'D', 'init_top_pgt')]
        self.make_percpu()
        self.make_modules()
        self.make_tasks()
        self.make_log()
        self.make_rest()
        self.make_orc()
        self.make_btf()
        self.make_kallsyms()
        self.make_notes()
        levels = 5 if self.spec.get('levels') == '5' else 4
        root = self.image.phys(self.root)

        def allocate():
            self.heap = align(self.heap, PAGE)
            self.heap += PAGE
            return self.heap - PAGE
        self.image.tables(root, allocate, levels)

    def make_percpu(self):
        names = [('cpu_number', 'int', 0), ('this_cpu_off', 'unsigned long', 0)]
        if (6, 2) <= self.version <= (6, 14):
            names.append(('pcpu_hot', 'struct pcpu_hot', 0))
        else:
            names.append(('current_task', 'struct task_struct', 1))
        names.append(('runqueues', 'unsigned long', 0))
        self.percpu_start = 0 if self.version < (6, 15) else self.text + 0x300000
        at, self.percpu_vars = 0x1000, []
        for name, base, pointers in names:
            at = align(at, 64)
            self.percpu[name] = at
            self.percpu_vars.append((name, at, base, pointers))
            self.symbols.append((self.percpu_start + at, 'A' if not self.percpu_start else 'D', name))
            at += self.types.size(base, pointers)
        self.symbols += [(self.percpu_start, 'A' if not self.percpu_start else 'D', '__per_cpu_start'),
                         (self.percpu_start + align(at, PAGE), 'A' if not self.percpu_start else 'D', '__per_cpu_end')]
        self.areas = [self.alloc(align(at, PAGE), to=PAGE) for _ in range(self.cpus)]
        offsets = [(a - self.percpu_start) & (1 << 64) - 1 for a in self.areas]
        self.data('__per_cpu_offset', struct.pack('<%dQ' % self.cpus, *offsets), 'R')
        for cpu, area in enumerate(self.areas):
            self.image.write(area + self.percpu['cpu_number'], struct.pack('<I', cpu))
            self.image.write(area + self.percpu['this_cpu_off'], struct.pack('<Q', offsets[cpu]))

    def make_modules(self):
        """Each in an area of its own: code, and from a page boundary on constants and tables."""
        self.modules, self.constants, nodes = {}, {}, []
        head = self.data('modules', bytes(16), 'D')
        base = MODULES
        for name, taints, functions, constants in self.spec['modules']:
            text = 0
            for function in functions:
                text = align(text, 16) + function[1]
            text = align(text, PAGE)
            self.image.map(base, self.alloc(text + 2 * PAGE, to=PAGE) - DIRECT, text + 2 * PAGE)
            symbols, at = [(0, '?', '')], base
            for function, length, kind, frame in functions:
                at = align(at, 16)
                self.functions[function] = (at, length, name, kind, frame)
                self.image.write(at, b'\x0f\x1f\x44\0\0' + b'\x90' * (length - 5))
                symbols.append((at, 't', function))
                at += length
            at = base + text

            def put(content, label=None, at_most=8):
                nonlocal at
                place, at = align(at, 16), align(at, 16) + len(content)
                self.image.write(place, content)
                if label:
                    self.image.field('module %s %s' % (name, label), place, min(len(content), at_most) or 1)
                return place
            for constant, content in constants:
                self.constants[constant] = put(content.encode() + b'\0')
                symbols.append((self.constants[constant], 'r', constant))
            strtab, symtab = bytearray(b'\0'), b''
            for address, _, symbol in symbols:
                symtab += struct.pack('<IBBHQQ', len(strtab) if symbol else 0, 2 if symbol else 0, 0, 1 if symbol else 0, address, 16 if symbol else 0)
                strtab += symbol.encode() + b'\0' if symbol else b''
            rows = self.orc_rows([(self.functions[f[0]][0],) + self.functions[f[0]][1:2] + f[2:4] for f in functions])
            values = [('state', 0), ('name', name), ('taints', taints), ('refcnt.counter', 3), ('srcversion', self.string('0123456789ABCDEF0123456')), ('arch.num_orcs', len(rows)),
                      ('arch.orc_unwind', put(b''.join(e for _, e in rows), 'orc'))]
            ips = put(bytes(4 * len(rows)))
            self.image.write(ips, b''.join(struct.pack('<i', ip - (ips + 4 * i)) for i, (ip, _) in enumerate(rows)))
            self.image.field('module %s orc ip' % name, ips, 4)
            kallsyms = put(bytes(self.types.size('struct mod_kallsyms')))
            for field, value in (('symtab', put(symtab, 'symtab')), ('num_symtab', len(symbols)), ('strtab', put(bytes(strtab), 'strtab')),
                                 ('typetab', put(''.join(s[1] for s in symbols).encode(), 'typetab'))):
                self.set(kallsyms, 'mod_kallsyms', field, value, 'module ' + name)
            values += [('arch.orc_unwind_ip', ips), ('kallsyms', kallsyms)]
            rest = align(at - base - text, PAGE)
            if self.version >= (6, 4):
                values += [('mem[0].base', base), ('mem[0].size', text), ('mem[2].base', base + text), ('mem[2].size', rest)]
            else:
                values += [('core_layout.base', base), ('core_layout.size', text + rest), ('core_layout.text_size', text), ('core_layout.ro_size', text + rest)]
            mod = self.object('module')
            for field, value in values:
                self.set(mod, 'module', field, value, 'module ' + name)
            nodes.append(mod + self.types.offset('module', 'list')[0])
            self.modules[name] = (base, text + rest, taints)
            self.module_symbols += [(a, t, n, name) for a, t, n in symbols[1:]]
            base += text + 4 * PAGE
        self.link(head, nodes, 'modules list')
        self.link(self.data('unloaded_tainted_modules', bytes(16), 'd'), [], 'unloaded list')

    def push_stack(self, top, frames, registers):
        """Writes a stack down from its top; frames are innermost first. Returns ip and sp of frames[0].

        A function's frame lies at its sp, its return address above that; `user` and `regs` are pt_regs, which
        the entry code that comes next (unwound by `regs`) finds at its sp.
        """
        sp, ip = top, 0
        for what, offset in reversed(frames):
            if what in ('user', 'regs'):
                values = dict.fromkeys(REGS, 0)
                if what == 'user':
                    values.update(ip=0x47b567, cs=0x33, flags=0x246, sp=0x7ffe6e01f278, ss=0x2b, orig_ax=0x53, ax=-38)
                else:
                    values.update({k: v for k, v in registers.items() if k in values})
                    values.update(ip=ip, sp=sp, cs=0x10, ss=0x18, flags=0x282, orig_ax=-1)
                    self.trap = values
                sp = (sp & ~15) - 168 - (8 if what == 'regs' else 0)
                self.image.write(sp, struct.pack('<21Q', *[values[r] & (1 << 64) - 1 for r in REGS]))
                ip = 0
                continue
            address, _, _, kind, frame = self.functions[what]
            if ip:
                sp -= 8
                self.image.write(sp, struct.pack('<Q', ip))
                self.image.field('return address', sp)
                self.call(ip, address)
            ip, sp = address + offset, sp - (frame if kind != 'regs' else 0)
        return ip, sp

    def call(self, back, target):
        """The call instruction ahead of a return address."""
        self.image.write(back - 5, b'\xe8' + struct.pack('<i', (target - back + (1 << 31)) % (1 << 32) - (1 << 31)))

    def make_tasks(self):
        spec = self.spec['tasks']
        self.registers = {k: self.constants[v[1:]] if v.startswith('@') else int(v, 16) for k, v in self.spec['registers'].items()}
        init = self.data('init_task', bytes(self.types.size('struct task_struct')), 'D', 64)
        everyone = {0: init}
        rows = [dict(pid=0, tgid=0, ppid=0, state='R', comm='swapper/0', cpu=0, frames=[], flags=set())] + spec
        running = {}
        for row in rows[1:]:
            everyone[row['pid']] = self.object('task_struct')
        for cpu in range(1, self.cpus):
            row = dict(pid=-cpu, tgid=0, ppid=0, state='R', comm='swapper/%d' % cpu, cpu=cpu, frames=[], flags=set())
            rows.append(row)
            everyone[-cpu] = self.object('task_struct')
        self.crash = None
        for row in rows:
            task, label = everyone[row['pid']], 'task %d' % max(row['pid'], 0)
            stack = self.vmalloc
            self.vmalloc += STACK_SIZE + PAGE
            self.image.map(stack, self.alloc(STACK_SIZE, to=PAGE) - DIRECT, STACK_SIZE)
            self.image.write(stack, struct.pack('<Q', 0x57ac6e9d))
            idle = row['pid'] <= 0
            frames = row['frames'] or ([(f, 0x18) for f in ('default_idle', 'do_idle', 'cpu_startup_entry', 'secondary_startup_64') if idle])
            row['ip'], row['sp'] = self.push_stack(stack + STACK_SIZE - 16, frames, self.registers)
            row['stack'] = stack
            state = {'R': 0, 'S': 1, 'D': 2, 'T': 4, 'Z': 0, 'I': 0x402}[row['state']]
            on_cpu = 'crash' in row['flags'] or 'running' in row['flags'] or idle and row['cpu'] not in [r['cpu'] for r in rows[1:] if r['flags'] & {'crash', 'running'}]
            for field, value in (('pid', max(row['pid'], 0)), ('tgid', row['tgid']), ('comm', row['comm']), ('stack', stack), ('cpu', row['cpu']), ('thread_info.cpu', row['cpu']),
                                 ('__state' if self.version >= (5, 14) else 'state', state), ('exit_state', 32 if row['state'] == 'Z' else 0), ('on_cpu', int(on_cpu)), ('prio', 120),
                                 ('flags', 0x200000 if not row['frames'] or row['ppid'] in (0, 2) and row['pid'] != 1 else 0), ('start_time', row['pid'] * 1000003 & 0xffffffff)):
                self.set(task, 'task_struct', field, value, label)
            if not on_cpu and frames:
                # What __switch_to_asm left: inactive_task_frame, with the return address that is frames[0].
                frame = row['sp'] - 56
                self.image.write(frame, struct.pack('<7Q', 0, 0, 0, 0, 0, 0, row['ip']))
                self.set(task, 'task_struct', 'thread.sp', frame, label)
            if on_cpu:
                running[row['cpu']] = (task, row)
            if 'crash' in row['flags']:
                self.crash = row
            for field in ('parent', 'real_parent'):
                self.set(task, 'task_struct', field, everyone.get(row['ppid'], init), label)
            self.set(task, 'task_struct', 'group_leader', everyone.get(row['tgid'], init), label)
        place = lambda member: self.types.offset('task_struct', member)[0]
        leaders = [r for r in rows[1:] if r['pid'] > 0 and r['pid'] == r['tgid']]
        self.link(init + place('tasks'), [everyone[r['pid']] + place('tasks') for r in leaders], 'task list')
        self.link(init + place('children'), [], 'children')
        for leader in [rows[0]] + leaders:
            signal = self.object('signal_struct')
            threads = [r for r in rows if r['tgid'] == leader['tgid'] and (r['pid'] > 0 or leader is r)]
            self.set(signal, 'signal_struct', 'nr_threads', len(threads), 'signal')
            self.link(signal + self.types.offset('signal_struct', 'thread_head')[0],
                      [everyone[r['pid']] + place('thread_node') for r in threads], 'thread list')
            if self.version <= (6, 6):
                nodes = [everyone[r['pid']] + place('thread_group') for r in threads]
                self.link(nodes[0], nodes[1:], 'thread group')
            for r in threads:
                self.set(everyone[r['pid']], 'task_struct', 'signal', signal, 'task %d' % r['pid'])
                if r['ppid'] not in (0, 2) or r['pid'] == 1:
                    mm = self.object('mm_struct')
                    self.set(mm, 'mm_struct', 'total_vm', 512, 'mm')
                    for field in ('mm', 'active_mm'):
                        self.set(everyone[r['pid']], 'task_struct', field, mm, 'task %d' % r['pid'])
        for cpu, (task, _) in running.items():
            if 'pcpu_hot' in self.percpu:
                at = self.areas[cpu] + self.percpu['pcpu_hot']
                self.set(at, 'pcpu_hot', 'current_task', task, 'cpu %d' % cpu)
                self.set(at, 'pcpu_hot', 'cpu_number', cpu)
            else:
                at = self.areas[cpu] + self.percpu['current_task']
                self.image.write(at, struct.pack('<Q', task))
                self.image.field('cpu %d current_task' % cpu, at)
        self.running, self.rows = running, rows
        self.make_locks(everyone)
        self.make_machines(everyone)

    def make_locks(self, everyone):
        for name, owner, waiters in self.spec['mutexes']:
            at = self.data(name, bytes(self.types.size('struct mutex')), 'd')
            self.set(at, 'mutex', 'owner', everyone[owner] | (1 if waiters else 0), 'mutex ' + name)
            entries = []
            for pid in waiters:
                waiter = self.object('mutex_waiter')
                self.set(waiter, 'mutex_waiter', 'task', everyone[pid], 'waiter')
                entries.append(waiter + self.types.offset('mutex_waiter', 'list')[0])
                self.set(everyone[pid], 'task_struct', 'blocked_on', at)
            self.link(at + self.types.offset('mutex', 'wait_list')[0], entries, 'mutex ' + name)

    def make_machines(self, everyone):
        """KVM is built in: a list of struct kvm, and what the threads that run vCPUs leave in their tasks."""
        prefix = 'mmu_invalidate' if self.version >= (6, 1) else 'mmu_notifier'
        self.machines, nodes = [], []
        if not self.spec['vms']:
            return
        head = self.data('vm_list', bytes(16), 'd')
        for pid, seq, threads in self.spec['vms']:
            vm = self.object('kvm')
            for field, value in (('userspace_pid', pid), ('online_vcpus', len(threads)), ('created_vcpus', len(threads)),
                                 ('users_count', 1 + len(threads)), (prefix + '_seq', seq)):
                self.set(vm, 'kvm', field, value, 'vm')
            nodes.append(vm + self.types.offset('kvm', 'vm_list')[0])
            for i, thread in enumerate(threads):
                vcpu = self.object('kvm_vcpu')
                self.set(vcpu, 'kvm_vcpu', 'kvm', vm, 'vcpu')
                self.set(vcpu, 'kvm_vcpu', 'vcpu_id', i, 'vcpu')
                self.set(vcpu, 'kvm_vcpu', 'stat.pf_taken', 1000 + i, 'vcpu')
                self.set(everyone[thread], 'task_struct', 'preempt_notifiers.first',
                         vcpu + self.types.offset('kvm_vcpu', 'preempt_notifier.link')[0], 'vcpu thread')
            self.machines.append((vm, pid, len(threads), seq))
        self.link(head, nodes, 'vm list')

    def where(self, ip):
        for name, (address, size, module, _, _) in self.functions.items():
            if address <= ip < address + size:
                return '%s+0x%x/0x%x%s' % (name, ip - address, size, ' [%s]' % module if module else '')
        return '0x%x' % ip

    def log_lines(self):
        out = [(int(t * 1e6), level, text.replace('%RELEASE', self.spec['release'])) for t, level, text in self.spec['log']]
        if not self.crash:
            return out
        t = out[-1][0] + 250000 if out else 1000000
        lines = list(self.spec['oops'])
        flags = self.spec.get('tainted', 'G           OE')
        lines.append('CPU: %d PID: %d Comm: %s Kdump: loaded Tainted: %s     %s #1 Little' % (self.crash['cpu'], self.crash['pid'], self.crash['comm'], flags, self.spec['release']))
        frames = self.crash['frames']
        if ('regs', 0) in frames:
            frames = frames[frames.index(('regs', 0)) + 1:]
            name, offset = frames[0]
            address = self.functions[name][0]
            lines.append('RIP: 0010:' + self.where(address + offset))
            values = {**dict.fromkeys(REGS, 0), **self.trap}
            show = lambda *names: ' '.join('%s: %016x' % (('R' + n).upper()[:3].replace('RR', 'R').ljust(3) if not n.startswith('r') else n.upper().ljust(3), values[n] & (1 << 64) - 1) for n in names)
            lines += ['RSP: 0018:%016x EFLAGS: 00000282' % values['sp'], show('ax', 'bx', 'cx'), show('dx', 'si', 'di'),
                      show('bp') + ' R08: %016x R09: %016x' % (values['r8'], values['r9'])]
            frames = frames[1:]
        lines += ['Call Trace:', ' <TASK>']
        broken = False
        for what, offset in frames:
            if what in ('user', 'regs'):
                continue
            address = self.functions[what][0] + offset
            lines.append(' %s%s' % ('? ' if broken else '', self.where(address)))
            broken = broken or self.functions[what][3] == 'none'
        lines += [' </TASK>', 'Modules linked in: ' + ' '.join('%s(OE)' % m for m in self.modules)]
        return out + [(t + i, 1, line) for i, line in enumerate(lines)]

    def make_log(self):
        lines = self.log_lines()
        self.lines = lines
        if self.spec['logtype'] == 'records':
            body = b''
            layout = self.types
            layout.lay('printk_log')
            size = layout.size('struct printk_log')
            for t, level, text in lines:
                raw = text.encode()
                length = align(size + len(raw), 8)
                row = struct.pack('<QHHHBB', t * 1000, length, len(raw), 0, 0, level << 5) + raw
                body += row.ljust(length, b'\0')
            body = body.ljust(align(len(body) + 64, 4096), b'\0')
            buf = self.data('__log_buf', body, 'b')
            self.data('log_buf', struct.pack('<Q', buf), 'd')
            self.data('log_buf_len', struct.pack('<I', len(body)), 'd')
            self.data('log_first_idx', struct.pack('<I', 0), 'b')
            used = sum(align(size + len(x[2].encode()), 8) for x in lines)
            self.data('log_next_idx', struct.pack('<I', used), 'b')
            self.data('clear_idx', struct.pack('<I', 0), 'b')
            return
        bits = max(3, (len(lines) - 1).bit_length())
        # The oldest record is not the first of the arrays, and the text wraps.
        first = (1 << bits) - 5
        descs = self.object('prb_desc', count=1 << bits)
        infos = self.object('printk_info', count=1 << bits)
        total = sum(8 + align(len(x[2].encode()), 8) for x in lines)
        size_bits = max(12, (total + 256).bit_length())
        size = 1 << size_bits
        text = self.alloc(size)
        lpos = tail = size - 300 // 8 * 8
        for i, (t, level, line) in enumerate(lines):
            raw = line.encode()
            record = 8 + align(len(raw), 8)
            ident = first + i
            begin = lpos
            if begin % size + record > size:
                end = align(begin, size) + record
                at = 0
            else:
                end, at = begin + record, begin % size
            self.image.write(text + at, struct.pack('<Q', ident) + raw)
            lpos = end
            slot = ident % (1 << bits)
            desc = descs + slot * self.types.size('struct prb_desc')
            info = infos + slot * self.types.size('struct printk_info')
            self.set(desc, 'prb_desc', 'state_var', 2 << 62 | ident, 'log record')
            self.set(desc, 'prb_desc', 'text_blk_lpos.begin', begin, 'log record')
            self.set(desc, 'prb_desc', 'text_blk_lpos.next', end, 'log record')
            self.set(info, 'printk_info', 'seq', i)
            self.set(info, 'printk_info', 'ts_nsec', t * 1000)
            self.set(info, 'printk_info', 'text_len', len(raw), 'log record')
            self.set(info, 'printk_info', 'flags_level', level << 5)
        ring = self.data('printk_rb_static', bytes(self.types.size('struct printk_ringbuffer')), 'd')
        for field, value in (('desc_ring.count_bits', bits), ('desc_ring.descs', descs), ('desc_ring.infos', infos), ('desc_ring.head_id', first + len(lines) - 1),
                             ('desc_ring.tail_id', first), ('text_data_ring.size_bits', size_bits), ('text_data_ring.data', text),
                             ('text_data_ring.head_lpos', lpos), ('text_data_ring.tail_lpos', tail)):
            self.set(ring, 'printk_ringbuffer', field, value, 'log')
        self.data('prb', struct.pack('<Q', ring), 'd')
        self.data('clear_seq', bytes(24), 'b')

    def make_rest(self):
        uts = self.data('init_uts_ns', bytes(self.types.size('struct uts_namespace')), 'D')
        for field, value in (('sysname', 'Linux'), ('nodename', 'little'), ('release', self.spec['release']), ('version', '#1 SMP Little'), ('machine', 'x86_64'), ('domainname', '(none)')):
            self.set(uts, 'uts_namespace', 'name.' + field, value)
        self.cmdline = 'root=/dev/vda1 quiet little'
        self.data('saved_command_line', struct.pack('<Q', self.string(self.cmdline)), 'D')
        self.data('linux_banner', ('Linux version %s (lab@little) #1 SMP Little\n' % self.spec['release']).encode() + b'\0', 'R')
        self.data('panic_cpu', struct.pack('<i', self.crash['cpu'] if self.crash else -1), 'd')
        self.data('crashing_cpu', struct.pack('<i', self.crash['cpu'] if self.crash else -1), 'd')
        self.data('tainted_mask', struct.pack('<Q', 0x3000 if self.modules else 0), 'b')
        self.data('page_offset_base', struct.pack('<Q', DIRECT), 'r')
        self.data('vmalloc_base', struct.pack('<Q', STACKS & ~((1 << 40) - 1)), 'r')
        self.data('vmemmap_base', struct.pack('<Q', 0xfffff12400000000), 'r')
        self.data('phys_base', struct.pack('<q', self.phys_base), 'r')
        self.data('nr_cpu_ids', struct.pack('<I', self.cpus), 'R')
        self.data('__cpu_possible_mask', struct.pack('<Q', (1 << self.cpus) - 1), 'R')
        self.data('__cpu_online_mask', struct.pack('<Q', (1 << self.cpus) - 1), 'R')
        self.data('_totalram_pages', struct.pack('<Q', 16384), 'D')
        self.uptime = self.lines[-1][0] // 1000000
        self.data('jiffies_64', struct.pack('<Q', (1 << 32) - 300 * 250 + self.uptime * 250), 'D')
        self.symbols.append((self.symbols[-1][0], 'D', 'jiffies'))
        self.data('tick_nsec', struct.pack('<Q', 4000000), 'd')
        self.data('avenrun', struct.pack('<3Q', 3 << 11, 1 << 10, 1 << 9), 'D')

    # Unwinding.

    def orc_rows(self, functions):
        """(ip, entry) of functions: one at the start, one for the frame, and an end."""
        rows = []
        for address, size, kind, frame in functions:
            if kind == 'none':
                continue
            rows.append((address, self.orc_entry(kind, 8 if kind != 'regs' else 0)))
            if kind != 'regs' and frame:
                rows.append((address + 5, self.orc_entry(kind, frame + 8)))
            rows.append((address + size, self.orc_entry('undef', 0)))
        rows.sort(key=lambda r: r[0])
        return [r for i, r in enumerate(rows) if i + 1 == len(rows) or rows[i + 1][0] != r[0]]

    def orc_entry(self, kind, offset):
        sp = 3 if self.orc == 4 else 5
        old = self.orc <= 2
        if kind == 'undef':
            return struct.pack('<hhH', 0, 0, 0)
        value = {'call': 0 if old else 2, 'regs': 1 if old else 3, 'end': 0 if old else 1}[kind]
        bits = sp | value << 8
        if kind == 'regs':
            bits |= {1: 0, 2: 1 << 10, 3: 1 << 11, 4: 1 << 11}[self.orc]
        if kind == 'end':
            bits = {1: 1 << 10, 2: 1 << 11, 3: 1 << 8, 4: 1 << 8}[self.orc]
        return struct.pack('<hhH', offset, 0, bits)

    def make_orc(self):
        rows = self.orc_rows([(a, s, k, f) for a, s, m, k, f in self.functions.values() if not m])
        at = self.data('__start_orc_unwind_ip', b''.join(struct.pack('<i', 0) for _ in rows), 'R')
        self.image.write(at, b''.join(struct.pack('<i', ip - (at + 4 * i)) for i, (ip, _) in enumerate(rows)))
        self.symbols.append((at + 4 * len(rows), 'R', '__stop_orc_unwind_ip'))
        self.end = max(self.end, at + 4 * len(rows))
        at = self.data('__start_orc_unwind', b''.join(e for _, e in rows), 'R', 4)
        self.symbols.append((at + 6 * len(rows), 'R', '__stop_orc_unwind'))
        if self.orc >= 2 and self.spec.get('orcheader', 'yes') == 'yes':
            at = self.data('__start_orc_header', bytes.fromhex(ORC_HASH[self.orc]), 'R')
            self.symbols.append((at + 20, 'R', '__stop_orc_header'))

    def make_btf(self):
        if self.spec.get('btf') == 'no':
            return
        content = self.types.btf(self.percpu_vars)
        at = self.data('__start_BTF', content, 'R')
        for i, name in enumerate(('magic', 'version', 'hdr_len', 'type_off', 'type_len', 'str_off', 'str_len')):
            self.image.field('btf ' + name, at + max(0, 4 * i - 4), 4)
        for i in range(24, 24 + 12 * 60, 4):
            self.image.field('btf type word', at + i, 4)
        self.symbols.append((at + len(content), 'R', '__stop_BTF'))
        self.end = max(self.end, at + len(content) + 1)

    # Names.

    def make_kallsyms(self):
        encoding = self.spec['kallsyms']
        # Two-character tokens for what is common, single characters for the rest.
        names = sorted((a, i, t + n) for i, (a, t, n) in enumerate(self.symbols))
        used = sorted(set(''.join(n for _, _, n in names)) | set('0123456789'))
        tokens = {ord(c): c for c in used}
        pairs = {}
        for _, _, n in names:
            for i in range(len(n) - 1):
                pairs[n[i:i + 2]] = pairs.get(n[i:i + 2], 0) + 1
        free = [i for i in range(256) if i not in tokens]
        for pair in sorted(pairs, key=lambda p: (-pairs[p], p))[:len(free)]:
            tokens[free.pop(0)] = pair
        codes = {v: k for k, v in tokens.items()}

        def encode(name):
            out, i = bytearray(), 0
            while i < len(name):
                if name[i:i + 2] in codes and i + 1 < len(name):
                    out.append(codes[name[i:i + 2]])
                    i += 2
                else:
                    out.append(codes[name[i]])
                    i += 1
            n = len(out)
            head = bytes([n]) if n < 128 or self.version < (6, 1) else bytes([n & 0x7f | 0x80, n >> 7])
            return head + bytes(out)

        table, index = b'', []
        for i in range(256):
            index.append(len(table))
            table += tokens.get(i, '').encode() + b'\0'
        body, markers = b'', []
        for i, (_, _, name) in enumerate(names):
            if i % 256 == 0:
                markers.append(len(body))
            body += encode(name)
        self.relative_base = self.text
        base_symbols = list(self.symbols)
        parts = {}

        def put(name, content, to=8):
            at = self.data(name, content, 'R', to)
            parts[name] = at
            return at
        if encoding == 'absolute':
            put('kallsyms_addresses', b''.join(struct.pack('<Q', a) for a, _, _ in names))
        else:
            def offsets(at):
                out = b''
                for i, (a, _, _) in enumerate(names):
                    if encoding == 'base':
                        value = (a - self.relative_base) & 0xffffffff
                    elif encoding == 'percpu':
                        value = a if a < 1 << 31 else (self.relative_base - 1 - a) & 0xffffffff
                    else:
                        value = (a - (at + 4 * i)) & 0xffffffff
                    out += struct.pack('<I', value)
                return out
            at = put('kallsyms_offsets', bytes(4 * len(names)))
            self.image.write(at, offsets(at))
            if encoding != 'place':
                put('kallsyms_relative_base', struct.pack('<Q', self.relative_base))
        put('kallsyms_num_syms', struct.pack('<I', len(names)))
        put('kallsyms_names', body)
        put('kallsyms_markers', struct.pack('<%dI' % len(markers), *markers))
        put('kallsyms_token_table', table)
        put('kallsyms_token_index', struct.pack('<256H', *index))
        self.kallsyms = parts
        # They are not in their own table.
        self.symbols = base_symbols

    def make_notes(self):
        t = self.types
        place = {n: a for a, _, n in self.symbols}
        rows = ['OSRELEASE=' + self.spec['release'], 'BUILD-ID=' + '0123456789abcdef0123456789abcdef01234567', 'PAGESIZE=4096']
        if self.spec.get('garbage'):
            rows[1] = 'BUILD-ID=' + self.spec['garbage']
        rows += ['SYMBOL(%s)=%x' % (n, place[n]) for n in ('init_uts_ns', 'swapper_pg_dir', '_stext')]
        rows.append('OFFSET(uts_namespace.name)=%d' % t.offset('uts_namespace', 'name')[0])
        if self.spec['logtype'] == 'records':
            rows += ['SYMBOL(%s)=%x' % (n, place[n]) for n in ('log_buf', 'log_buf_len', 'log_first_idx', 'clear_idx', 'log_next_idx')]
            rows.append('SIZE(printk_log)=%d' % t.size('struct printk_log'))
            rows += ['OFFSET(printk_log.%s)=%d' % (m, t.offset('printk_log', m)[0]) for m in ('ts_nsec', 'len', 'text_len', 'dict_len')]
        else:
            rows += ['SYMBOL(%s)=%x' % (n, place[n]) for n in ('prb', 'printk_rb_static', 'clear_seq')]
            for name, members in (('printk_ringbuffer', 'desc_ring text_data_ring fail'), ('prb_desc_ring', 'count_bits descs infos head_id tail_id'),
                                  ('prb_desc', 'state_var text_blk_lpos'), ('prb_data_blk_lpos', 'begin next'), ('printk_info', 'seq ts_nsec text_len caller_id'),
                                  ('prb_data_ring', 'size_bits data head_lpos tail_lpos')):
                rows.append('SIZE(%s)=%d' % (name, t.size('struct ' + name)))
                rows += ['OFFSET(%s.%s)=%d' % (name, m, t.offset(name, m)[0]) for m in members.split()]
            rows += ['SIZE(atomic_long_t)=8', 'OFFSET(atomic_long_t.counter)=0']
        if self.spec.get('keys', 'yes') == 'yes':
            rows += ['SYMBOL(%s)=%x' % (n, a) for n, a in self.kallsyms.items() if n != 'kallsyms_markers']
        rows += ['NUMBER(phys_base)=%d' % self.phys_base, 'SYMBOL(init_top_pgt)=%x' % place['init_top_pgt'], 'NUMBER(pgtable_l5_enabled)=%d' % (self.spec.get('levels') == '5'),
                 'KERNELOFFSET=%x' % self.kaslr, 'NUMBER(KERNEL_IMAGE_SIZE)=1073741824', 'NUMBER(sme_mask)=0']
        if self.spec.get('crashtime', 'yes') == 'yes':
            rows.append('CRASHTIME=1700000000')
        self.vmcoreinfo = ('\n'.join(rows) + '\n').encode()
        if self.spec.get('note') == 'no':
            # Only in memory, where a scan finds it.
            page = self.alloc(PAGE, to=PAGE)
            self.image.write(page, self.vmcoreinfo)
        self.prstatus = []
        for cpu in range(self.cpus):
            task, row = self.running[cpu]
            pid = max(row['pid'], 0) if self.spec.get('crashtime', 'yes') == 'yes' else cpu + 1
            values = dict.fromkeys(REGS, 0)
            values.update(ip=row['ip'], sp=row['sp'], cs=0x10, ss=0x18, flags=0x46)
            regs = struct.pack('<21Q', *[values[r] for r in REGS]) + bytes(48)
            self.prstatus.append(bytes(32) + struct.pack('<I', pid) + bytes(76) + regs + bytes(8))

    def notes(self):
        out = b''
        for note in self.prstatus:
            out += struct.pack('<III', 5, len(note), 1) + b'CORE\0\0\0\0' + note.ljust(align(len(note), 4), b'\0')
        info = b''
        if self.spec.get('note') != 'no':
            info = struct.pack('<III', 11, len(self.vmcoreinfo), 0) + b'VMCOREINFO\0\0' + self.vmcoreinfo.ljust(align(len(self.vmcoreinfo), 4), b'\0')
        return out, info


# Files.

def elf(kernel):
    runs = []
    for pfn in sorted(kernel.image.pages):
        if runs and runs[-1][-1] + 1 == pfn:
            runs[-1].append(pfn)
        else:
            runs.append([pfn])
    notes = b''.join(kernel.notes())
    count = len(runs) + 1
    at = 64 + 56 * count
    head = b'\x7fELF\2\1\1'.ljust(16, b'\0') + struct.pack('<HHIQQQIHHHHHH', 4, 62, 1, 0, 64, 0, 0, 64, 56, count, 0, 0, 0)
    head += struct.pack('<IIQQQQQQ', 4, 0, at, 0, 0, len(notes), len(notes), 0)
    offset = align(at + len(notes), PAGE)
    body = b''
    for run in runs:
        size = len(run) * PAGE
        # QEMU knows no virtual addresses; /proc/vmcore has them, of the image too.
        virt = 0 if kernel.spec.get('crashtime') == 'no' else DIRECT + run[0] * PAGE if run[0] * PAGE >= HEAP_PHYS else run[0] * PAGE - kernel.phys_base + KMAP
        head += struct.pack('<IIQQQQQQ', 1, 7, offset + len(body), virt, run[0] * PAGE, size, size, 0)
        body += b''.join(bytes(kernel.image.pages[p]) for p in run)
    return (head + notes).ljust(offset, b'\0') + body


def kdump(kernel, how, span=None):
    release = kernel.spec['release'] if kernel.spec.get('uts', 'yes') == 'yes' else ''
    pages = sorted(kernel.image.pages)
    top = pages[-1] + 1
    notes, info = kernel.notes()
    bitmap = bytearray(align(top, 8 * PAGE) // 8)
    for pfn in pages:
        bitmap[pfn // 8] |= 1 << pfn % 8
    blocks = len(bitmap) * 2 // PAGE
    packer = codec() if how not in ('zlib', 'none') else None
    packed, flags = {}, {'zlib': 1, 'lzo': 2, 'snappy': 4, 'zstd': 32, 'none': 0}[how]
    for pfn in pages:
        if span and not span[0] <= pfn < span[1]:
            continue
        raw = bytes(kernel.image.pages[pfn])
        small = raw
        if how == 'zlib':
            small = zlib.compress(raw, 1)
        elif how != 'none':
            small = packer.pack(how, raw)
        packed[pfn] = (small, flags) if len(small) < PAGE else (raw, 0)
    fields = [('Linux' if release else '', 65), ('little' if release else '', 65), (release, 65), ('#1 SMP Little' if release else '', 65), ('x86_64' if release else '', 65), ('', 65)]
    head = b'KDUMP   ' + struct.pack('<i', 6) + b''.join(t.encode().ljust(n, b'\0') for t, n in fields)
    head = head.ljust(408, b'\0') + struct.pack('<QQ', 1700000000, 0)
    sub_blocks = align(104 + len(notes) + len(info), PAGE) // PAGE
    head += struct.pack('<IiiIIIIIii', flags, PAGE, sub_blocks, blocks, top, 0, 0, 0, 0, kernel.cpus)
    at = PAGE + 104
    sub = struct.pack('<qiiQQQQQQQQQQQ', kernel.phys_base, 31, int(bool(span)), *(span or (0, 0)), at + len(notes) if info else 0, len(info) and len(kernel.vmcoreinfo),
                      at, len(notes) + len(info), 0, 0, *(span or (0, 0)), top)
    # offset_vmcoreinfo is that of the text, not of the note.
    if info:
        sub = sub[:32] + struct.pack('<Q', at + len(notes) + 24) + sub[40:]
    sub = (sub + notes + info).ljust(sub_blocks * PAGE, b'\0')
    table = (1 + sub_blocks + blocks) * PAGE
    inside = [p for p in pages if p in packed]
    where, descs, body, start = {}, b'', b'', table + 24 * len(inside)
    for pfn in inside:
        data, flag = packed[pfn]
        if data not in where:
            where[data] = start + len(body)
            body += data
        descs += struct.pack('<QIIQ', where[data], len(data), flag, 0)
    return head.ljust(PAGE, b'\0') + sub + bytes(bitmap) * 2 + descs + body


def codec():
    sys.path.insert(0, os.path.join(HERE, '..', 'lab'))
    import recompress  # pylint: disable=import-outside-toplevel
    return recompress.Codec()


def flatten(data):
    pieces = [(0, bytes(PAGE))] + [(at, data[at:at + 65000]) for at in range(PAGE, len(data), 65000)][::-1] + [(0, data[:PAGE])]
    head = b'makedumpfile\0\0\0\0' + struct.pack('>qq', 1, 1)
    return head.ljust(PAGE, b'\0') + b''.join(struct.pack('>qq', at, len(b)) + b for at, b in pieces) + struct.pack('>qq', -1, -1)


def write_dump(kernel, form, out):
    """FORM: elf, kdump:CODEC, flat:CODEC, flat-elf, split:CODEC."""
    kind, _, how = form.partition(':')
    how = how or 'zlib'
    if kind == 'elf':
        parts = {'vmcore': elf(kernel)}
    elif kind == 'flat-elf':
        parts = {'vmcore': flatten(elf(kernel))}
    elif kind == 'split':
        pages = sorted(kernel.image.pages)
        cuts = [0, pages[len(pages) // 3], pages[2 * len(pages) // 3], pages[-1] + 1]
        parts = {'vmcore.%d' % (i + 1): kdump(kernel, how, (cuts[i], cuts[i + 1])) for i in range(3)}
    else:
        data = kdump(kernel, how)
        parts = {'vmcore': flatten(data) if kind == 'flat' else data}
    for name, data in parts.items():
        with open(os.path.join(out, name), 'wb') as f:
            f.write(data)


# Texts.

def parse(path):
    spec = {'functions': [], 'constants': [], 'modules': [], 'tasks': [], 'log': [], 'mutexes': [], 'vms': [], 'registers': {}, 'oops': [], 'seed': 1, 'logtype': 'ring',
            'kallsyms': 'percpu', 'orc': '1', 'format': 'kdump:zlib'}
    here = None
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    for number, line in enumerate(lines, 1):
        word = line.split()
        if not word or line.startswith('#'):
            continue
        try:
            key = word[0]
            if key == 'include':
                inner = parse(os.path.join(os.path.dirname(path), word[1]))
                for k, v in inner.items():
                    spec[k] = v
            elif key == 'function':         # name size kind frame
                row = (word[1], int(word[2], 16), word[3], int(word[4], 16) if len(word) > 4 else 0)
                (spec['modules'][-1][2] if line[0].isspace() else spec['functions']).append(row)
            elif key == 'constant':
                row = (word[1], line.split('"')[1])
                (spec['modules'][-1][3] if line[0].isspace() else spec['constants']).append(row)
            elif key == 'module':
                spec['modules'].append((word[1], int(word[2], 16), [], []))
            elif key == 'task':             # pid tgid ppid state cpu comm [: flags]
                comm, _, flags = ' '.join(word[6:]).partition(' : ')
                comm = comm.encode().decode('unicode_escape')
                here = dict(pid=int(word[1]), tgid=int(word[2]), ppid=int(word[3]), state=word[4], cpu=int(word[5]), comm=comm, frames=[], flags=set(flags.split()))
                spec['tasks'].append(here)
            elif key == 'stack':
                for frame in word[1:]:
                    name, _, offset = frame.partition('+')
                    here['frames'].append((name, int(offset, 16) if offset else 0))
            elif key == 'log':
                spec['log'].append((float(word[1]), int(word[2]), line.split(None, 3)[3]))
            elif key == 'mutex':
                spec['mutexes'].append((word[1], int(word[2]), [int(w) for w in word[3:]]))
            elif key == 'vm':               # pid count thread...
                spec['vms'].append((int(word[1]), int(word[2], 16), [int(w) for w in word[3:]]))
            elif key == 'register':
                spec['registers'][word[1]] = word[2]
            elif key == 'oops':
                spec['oops'].append(line.split(None, 1)[1])
            else:
                spec[key] = line.split(None, 1)[1] if len(word) > 1 else ''
        except (IndexError, ValueError, TypeError) as e:
            raise SystemExit('%s:%d: %s: %s' % (path, number, line, e)) from e
    return spec


def truth(kernel, spec, out, form):
    os.makedirs(os.path.join(out, 'truth'), exist_ok=True)

    def put(name, text):
        with open(os.path.join(out, name), 'w', encoding='utf-8', errors='surrogateescape') as f:
            f.write(text)
    every = sorted((a, t, n, '') for a, t, n in kernel.symbols) + sorted((a, t, n, '\t[%s]' % m) for a, t, n, m in kernel.module_symbols)
    put('truth/kallsyms', ''.join('%016x %s %s%s\n' % row for row in every))
    put('truth/modules', ''.join('%s %d 2 - Live 0x%016x (OE)\n' % (n, s, b) for n, (b, s, _) in kernel.modules.items()))
    put('truth/version', 'Linux version %s (lab@little) #1 SMP Little\n' % spec['release'])
    put('truth/uptime', '%d.00 1.00\n' % kernel.uptime)
    put('truth/cmdline', kernel.cmdline + '\n')
    rows = ''
    for row in spec['tasks']:
        rows += '%d %d %d %s %s\n' % (row['pid'], row['tgid'], row['ppid'], row['state'], row['comm'])
        if not row['flags'] & {'crash', 'running'}:
            for what, offset in row['frames']:
                if what not in ('user', 'regs'):
                    rows += '\t[<0>] %s\n' % kernel.where(kernel.functions[what][0] + offset)
    put('truth/tasks', rows)
    put('console', ''.join('[%5d.%06d] %s\n' % (t // 1000000, t % 1000000, text) for t, _, text in kernel.lines) +
        ''.join('odfaults: vm 0x%x pid %d vcpus %d seq 0x%x\n' % vm for vm in kernel.machines))
    put('dmesg', ''.join('[%5d.%06d] %s\n' % (t // 1000000, t % 1000000, text) for t, _, text in kernel.lines))
    checks = spec.get('checks')
    put('made', 'little %s %s %s%s\n' % (spec['release'], form, spec.get('made', ''), ' checks=' + checks if checks else ''))
    put('fields', ''.join('%x %d %s\n' % (phys, size, name) for name, phys, size in kernel.image.fields))


def main():
    spec = parse(sys.argv[1])
    out = sys.argv[2]
    form = sys.argv[3] if len(sys.argv) > 3 else spec['format']
    os.makedirs(out, exist_ok=True)
    kernel = Kernel(spec)
    for name in os.listdir(out):
        if name.startswith('vmcore'):
            os.unlink(os.path.join(out, name))
    write_dump(kernel, form, out)
    truth(kernel, spec, out, form)


if __name__ == '__main__':
    main()
