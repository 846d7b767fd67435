#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of file systems in the middle of a long log that has nothing else but mounts: the prefilter lets
the mount lines pass and must not let the errors pass with them."""
import unittest

import cli

MOUNTS = [b"XFS (dm-%d): Mounting V5 Filesystem", b"XFS (dm-%d): Ending clean mount",
          b"XFS (dm-%d): Unmounting Filesystem",
          b"EXT4-fs (dm-%d): mounted filesystem with ordered data mode. Quota mode: none.",
          b"EXT4-fs (dm-%d): unmounting filesystem.", b"BTRFS info (device dm-%d): using free space tree",
          b"BTRFS info (device dm-%d): first mount of filesystem 8aa1227a-f85f-49c1-8536-a2a4abf81c2d",
          b"veth%d: renamed from eth0"]

# line, subkind, guilty function
ERRORS = [
    (b"XFS (sda1): Internal error i != 1 at line 497 of file fs/xfs/libxfs/xfs_alloc.c.  Caller "
     b"xfs_alloc_fixup_trees+0x333/0x3b0 [xfs]", "xfs", "xfs_alloc_fixup_trees"),
    (b"XFS (sda1): Corruption detected. Unmount and run xfs_repair", "xfs", None),
    (b"XFS (sda1): Metadata corruption detected at xfs_inode_buf_verify+0x8d/0x1b0 [xfs], xfs_inode block "
     b"0x40 xfs_inode_buf_verify", "xfs", "xfs_inode_buf_verify"),
    (b"XFS (sda1): Metadata CRC error detected at xfs_agf_read_verify+0xd9/0x110 [xfs], xfs_agf block 0x1",
     "xfs", "xfs_agf_read_verify"),
    (b"XFS (sda1): Corruption of in-memory data (0x8) detected at xfs_defer_finish_noroll+0x3b/0x560 [xfs] "
     b"(fs/xfs/libxfs/xfs_defer.c:573).  Shutting down filesystem.", "xfs", "xfs_defer_finish_noroll"),
    (b"XFS (sda1): Corruption of on-disk metadata (0x10) detected at xfs_fs_reserve_ag_blocks+0xb2/0xe0 [xfs]",
     "xfs", "xfs_fs_reserve_ag_blocks"),
    (b"XFS (sda1): Log I/O Error (0x2) detected at xlog_ioend_work+0x61/0x90 [xfs] (fs/xfs/xfs_log.c:1378).  "
     b"Shutting down filesystem.", "xfs", "xlog_ioend_work"),
    (b"XFS (sda1): xfs_do_force_shutdown(0x8) called from line 1342 of file fs/xfs/xfs_buf.c. Return address "
     b"= ffffffffc05a8a3b", "xfs", None),
    (b"XFS (sda1): metadata I/O error in \"xfs_buf_ioend_handle_error+0x11/0x20 [xfs]\" at daddr 0x2 len 1 "
     b"error 5", "xfs", "xfs_buf_ioend_handle_error"),
    (b"XFS (sda1): log mount/recovery failed: error -117", "xfs", None),
    (b"Filesystem \"dm-2\": XFS internal error xfs_da_do_buf(2) at line 2085 of file fs/xfs/xfs_da_btree.c.  "
     b"Caller 0xffffffffa02b", "xfs", None),
    (b"EXT4-fs error (device sda1): ext4_lookup:1858: inode #15: comm ls: iget: bogus i_mode (70644)", "ext4",
     "ext4_lookup"),
    (b"EXT4-fs error (device sda1) in ext4_writepages:2870: IO failure", "ext4", "ext4_writepages"),
    (b"EXT4-fs error (device sda1): ext4_journal_check_start:83: comm dd: Detected aborted journal", "ext4",
     "ext4_journal_check_start"),
    (b"EXT3-fs error (device sda1): ext3_lookup: unlinked inode 5 in dir #2", "ext3", "ext3_lookup"),
    (b"BTRFS critical (device sda1): corrupt leaf: root=5 block=30457856 slot=2 ino=257, unexpected item end",
     "btrfs", None),
    (b"BTRFS error (device sda1: state A): parent transid verify failed on logical 5292032 mirror 1 wanted 8 "
     b"found 7", "btrfs", None),
    (b"BTRFS error (device sda1): open_ctree failed", "btrfs", None),
    (b"BTRFS warning (device sda1): csum failed root 5 ino 257 off 0 csum 0x98f94189 expected csum 0x0 mirror 1",
     "btrfs", None),
    (b"BTRFS: error (device sda1: state A) in btrfs_run_delayed_refs:2150: errno=-5 IO failure", "btrfs",
     "btrfs_run_delayed_refs"),
    (b"F2FS-fs (sda1): inconsistent node block, nid:5, node_footer[nid:119,ino:5,ofs:0,cpver:3,blkaddr:0]",
     "f2fs", None),
    (b"F2FS-fs (sda1): sanity_check_inode: inode (ino=5) is with extra_attr, but extra_attr feature is off, "
     b"run fsck to fix.", "f2fs", "sanity_check_inode"),
]


def mounts(count, at=0):
    return b"".join(b"[%5d.%06d] " % (at + n, n % 1000000) + MOUNTS[n % len(MOUNTS)] % (n % 90) + b"\n"
                    for n in range(count))


class Filesystem(unittest.TestCase):
    def test_quiet(self):
        more = b"[30000.000000] F2FS-fs (dm-1): Mounted with checkpoint version = 306467521\n"
        result = cli.run("--json", stdin=mounts(20000) + more)
        self.assertEqual((result.returncode, cli.document(result)["reports"]), (1, []))

    def test_errors(self):
        before, after = mounts(4000), mounts(4000, 5000)
        for line, subkind, function in ERRORS:
            with self.subTest(line=line):
                result = cli.run("--json", stdin=before + b"[ 4500.000000] " + line + b"\n" + after)
                found = [(r["kind"], r["subkind"], r["guilty"]["function"], r["details"]["device"]
                          if b"sda1" in line else None, r["lines"]) for r in cli.document(result)["reports"]]
                self.assertEqual(found, [("fs-error", subkind, function, "sda1" if b"sda1" in line else None,
                                          [4001, 4001])])


if __name__ == "__main__":
    unittest.main()
