#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for the bench, the same for the same arguments: as many as asked, mixed as real ones are.

usage: make-rules.py NUMBER > RULES.yaml

Six of ten want functions (one of two in a module, one of eight with a wildcard), three a line of text, one a
module or a register with a kind. Outer frames are those that every trace has.
"""
import random
import sys

rng = random.Random(7)
SUBSYSTEMS = "ext4 xfs btrfs nfs nfsd ceph tcp udp sctp bond vxlan mlx5e ice ixgbe nvme scsi dm md blk drm amdgpu i915 usb xhci " \
    "uvc snd kvm vhost virtio xen hv acpi cpufreq bpf perf ftrace cgroup memcg slab page rcu futex ipc fuse overlay".split()
VERBS = "alloc free get put init exit submit complete queue start stop update insert remove lookup map unmap reset flush commit".split()
NOUNS = "entry work request buffer inode extent ring node page table timer channel port queue frame packet group state link".split()
OUTER = ["process_one_work", "worker_thread", "kthread", "vfs_read", "vfs_write", "do_syscall_64", "ret_from_fork"]
WORDS = "timeout aborted failed invalid unexpected state descriptor firmware controller device reset link transaction checksum " \
    "corrupt negative overflow stalled missing refused".split()
KINDS = ["page-fault", "null-deref", "gpf", "kernel-bug", "warning", "kasan", "soft-lockup", "hung-task", "list-corruption"]


def name():
    s = rng.choice(SUBSYSTEMS)
    return s, "%s_%s_%s%s" % (s, rng.choice(VERBS), rng.choice(NOUNS), rng.choice(["", "_locked", "_one", "_%d" % rng.randrange(9)]))


def functions():
    s, f = name()
    module = " [%s]" % s if rng.randrange(2) else ""
    if not rng.randrange(8):
        f = f.rsplit("_", 1)[0] + "_*"
    conds = ["kind: [%s]" % ", ".join(rng.sample(KINDS, rng.randrange(1, 4)))]
    conds.append(rng.choice(["pc: '%s%s'", "guilty: '%s%s'", "frames: ['%s%s', '" + rng.choice(OUTER) + "']"]) % (f, module))
    if not rng.randrange(3):
        conds.append("text: '%s.*(?<what>\\S+)'" % " ".join(rng.sample(WORDS, 2)))
    return conds


def text():
    s = rng.choice(SUBSYSTEMS)
    return ["kind: [%s]" % ", ".join(rng.sample(KINDS, 2)),
            "text: '%s(?<dev>\\S*): %s'" % (s, " ".join(rng.sample(WORDS, 3)))]


def other():
    s = rng.choice(SUBSYSTEMS)
    return [rng.choice(["module: %s_core" % s, "register: {name: [rax, rdi], value: '0x%x'}" % rng.getrandbits(48)]),
            "kind: %s" % rng.choice(KINDS)]


print("rules:")
for i in range(int(sys.argv[1])):
    conds = rng.choices([functions, text, other], [6, 3, 1])[0]()
    print("- id: bench/rule-%d\n  title: 'Rule %d'\n  severity: high\n  confidence: 80\n  when:" % (i, i))
    for c in conds:
        print("  - " + c)
    print("  affected: {since: '5.%d', fixed: '6.%d', stable: ['5.10.%d']}" % (i % 15, i % 9, i))
    print("  cause: 'A cause.'\n  advice: ['Update.']\n  fix: {commit: '%012x', subject: 's'}" % rng.getrandbits(48))
    print("  samples:\n    match:\n    - {from: bench, text: 'none'}")
