#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""build.py DIR: the little debug files, made by the compiler at hand from the sources here, and a log that names their
functions. DIR/NAME/ has debug (or debug.gz, a module, ...) and log and
log-id (with build ids) each; mutate.py changes them."""
import gzip
import lzma
import os
import platform
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = '6.1.0-little'
KERNEL, MODULE = ('little-kernel.c', 'little-walk.c', 'little-other.c', 'little-meta.cc'), ('little-walk.c', 'little-other.c', 'little-meta.cc')
FLAGS = ['-O2', '-ffreestanding', '-fno-pic', '-fno-asynchronous-unwind-tables', '-fno-stack-protector', '-ffile-prefix-map=%s=/build/little' % HERE]
X86 = ['-mcmodel=kernel', '-mno-red-zone', '-mno-sse', '-fcf-protection=none']
CXX = ['-std=c++17', '-fno-exceptions', '-fno-rtti']
BASE = '0xffffffff81000000'
MODINFO = '__attribute__((section(".modinfo"), used)) static const char %s[] = "%s=%s";\n'

# name: sources, how they are compiled, what is made of them, and what it is packed with
FORMS = {
    'kernel': (KERNEL, ['-gdwarf-5'], 'kernel', None),
    'kernel-dwarf4': (KERNEL, ['-gdwarf-4'], 'kernel', None),
    'kernel-zlib': (KERNEL, ['-gdwarf-5'], 'kernel', 'zlib'),
    'kernel-dwz': (KERNEL, ['-gdwarf-4'], 'kernel', 'dwz'),
    'kernel-gz': (KERNEL, ['-gdwarf-5'], 'kernel', 'gz'),
    'kernel-xz': (KERNEL, ['-gdwarf-5'], 'kernel', 'xz'),
    'kernel-names': (KERNEL, ['-g0'], 'kernel', None),
    'kernel-map': (KERNEL, ['-g0'], 'kernel', 'map'),
    'module': (MODULE, ['-gdwarf-5'], 'module', None),
    'module-dwarf4': (MODULE, ['-gdwarf-4'], 'module', None),
    'module-xz': (MODULE, ['-gdwarf-5'], 'module', 'xz'),
    'split': (KERNEL, ['-gdwarf-5', '-gsplit-dwarf'], 'kernel', None),
}


def run(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout


def compile_all(sources, flags, place):
    arch = X86 if platform.machine() == 'x86_64' else []
    objects = []
    for source in sources:
        objects.append(os.path.splitext(source)[0] + '.o')
        cxx = source.endswith('.cc')
        run(os.environ.get('CXX', 'g++') if cxx else os.environ.get('CC', 'gcc'), *(CXX if cxx else ['-std=gnu11']), *FLAGS, *arch, *flags, '-c',
            os.path.join(HERE, source), '-o', objects[-1], cwd=place)
    return objects


def make(name, place):
    """The files of a form: a dict of names to bytes, and the log without and with build ids."""
    sources, flags, kind, packed = FORMS[name]
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    objects = compile_all(sources, flags, place)
    if kind == 'module':
        out = 'little.ko'
        with open(os.path.join(place, 'mod.c'), 'w', encoding='ascii') as f:
            f.write(MODINFO % ('name', 'name', 'little') + MODINFO % ('magic', 'vermagic', RELEASE + ' SMP mod_unload'))
            f.write('__attribute__((section(".gnu.linkonce.this_module"))) char __this_module[896] = "\\0\\0\\0little";\n')
        run(os.environ.get('CC', 'gcc'), '-c', 'mod.c', cwd=place)
        run('ld', '-r', '--build-id', '-o', out, 'mod.o', *objects, cwd=place)
    else:
        out = 'vmlinux-' + RELEASE
        run('ld', '--build-id', '-static', '-e', 'start_kernel', '-Ttext-segment', BASE, '--defsym', '_stext=start_kernel', '-o', out, *objects, cwd=place)
    parts = [out] + sorted(n for n in os.listdir(place) if n.endswith('.dwo'))
    logs = [make_log(os.path.join(place, out), kind == 'module', with_id) for with_id in (False, True)]
    if packed == 'dwz':
        run('dwz', out, cwd=place)
    elif packed == 'zlib':
        run('objcopy', '--compress-debug-sections=zlib', out, cwd=place)
    files = {}
    for part in parts:
        with open(os.path.join(place, part), 'rb') as f:
            files[part] = f.read()
    if packed == 'gz':
        files = {out + '.gz': gzip.compress(files[out], mtime=0)}
    elif packed == 'xz':
        files = {out + '.xz': lzma.compress(files[out], check=lzma.CHECK_CRC32)}
    elif packed == 'map':
        files = {'System.map-' + RELEASE: run('nm', '-n', os.path.join(place, out)).encode()}
    return files, logs


def functions(path):
    """(name, address, size) of each function, in order of address; the size is that to the next symbol, as kernels print it."""
    rows = {}
    for line in run('readelf', '-sW', path).splitlines():
        w = line.split()
        if len(w) == 8 and w[3] in ('FUNC', 'NOTYPE', 'OBJECT') and w[6].isdigit():
            rows.setdefault((int(w[6]), int(w[1], 16)), (w[7], int(w[2], 0), w[3] == 'FUNC'))
    out, order = [], sorted(rows)
    for here, after in zip(order, order[1:] + [(0, 0)]):
        name, size, function = rows[here]
        if function:
            out.append((name, here[1], after[1] - here[1] if after[0] == here[0] else size))
    return out


def make_log(path, module, with_id):
    """A crash in the one function, called by all others; with build ids if there is one."""
    rows = functions(path)
    build_id = re.search('Build ID: ([0-9a-f]+)', run('readelf', '-nW', path)) if with_id else None
    where = '' if not module else ' [little %s]' % build_id[1] if build_id else ' [little]'
    lines = ['Linux version %s (tests@oopsdiag) #1 SMP' % RELEASE, 'BUG: kernel NULL pointer dereference, address: 0000000000000008',
             '#PF: supervisor read access in kernel mode', '#PF: error_code(0x0000) - not-present page', 'Oops: 0000 [#1] PREEMPT SMP',
             'CPU: 0 PID: 118 Comm: mkdir Not tainted %s #1%s' % (RELEASE, '' if module or not build_id else ' ' + build_id[1])]
    name, _, size = next(r for r in rows if r[0] == 'od_little_walk')
    lines.append('RIP: 0010:%s+0x%x/0x%x%s' % (name, size // 3, size, where))
    lines.append('Code: 48 89 e5 41 54 53 48 89 fb 48 8b 07 <48> 8b 50 08 48 85 d2 74 0a 5b 41 5c 5d c3 0f 0b e8 00 00 00 00')
    lines += ['RSP: 0018:ffffc90000147d80 EFLAGS: 00010246', 'RAX: 0000000000000000 RBX: ffff888003a4f000 RCX: 0000000000000000',
              'RDX: 0000000000000001 RSI: 0000000000000003 RDI: ffff888003a4f000', 'CR2: 0000000000000008 CR3: 0000000003b2e000 CR4: 00000000000006f0', 'Call Trace:', ' <TASK>']
    for n, (name, _, size) in enumerate(rows):
        if size > 4:
            lines.append(' %s%s+0x%x/0x%x%s' % ('? ' if n % 4 == 3 else '', name, max(1, size * (n % 5 + 1) // 6), size, where))
    lines += [' ret_from_fork+0x22/0x30', ' </TASK>', 'Modules linked in: little(OE)', 'CR2: 0000000000000008', '---[ end trace 0000000000000000 ]---']
    return ''.join('[   12.%06d] %s\n' % (n, line) for n, line in enumerate(lines)).encode()


def available(name):
    return FORMS[name][3] != 'dwz' or shutil.which('dwz')


def main():
    for name in filter(available, FORMS):
        place = os.path.join(sys.argv[1], name)
        files, logs = make(name, os.path.join(place, 'objects'))
        for n, data in [*files.items(), ('log', logs[0]), ('log-id', logs[1])]:
            with open(os.path.join(place, n), 'wb') as f:
                f.write(data)
        shutil.rmtree(os.path.join(place, 'objects'))


if __name__ == '__main__':
    main()
