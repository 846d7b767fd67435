/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Crashes of every architecture: what is read of them, whole, cut anywhere, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "base/alloc.h"
#include "model/line.h"
#include "text/text.h"

#define NONE UINT64_MAX

static const struct {
	const char *name, *text;
	enum od_kind kind;
	const char *subkind, *arch, *pc, *guilty;
	uint32_t frames;	/* of stacks[0] */
	const char *reg;
	uint64_t value, address, error;
	const char *access;
	uint32_t ncode;
	int32_t trap;
} cases[] = {
	{ .name = "arm64_null_deref",
	  .text =
		"Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018\n"
		"Mem abort info:\n"
		"  ESR = 0x0000000096000045\n"
		"  EC = 0x25: DABT (current EL), IL = 32 bits\n"
		"  SET = 0, FnV = 0\n"
		"  EA = 0, S1PTW = 0\n"
		"  FSC = 0x05: level 1 translation fault\n"
		"Data abort info:\n"
		"  ISV = 0, ISS = 0x00000045, ISS2 = 0x00000000\n"
		"  CM = 0, WnR = 1, TnD = 0, TagAccess = 0\n"
		"  GCS = 0, Overlay = 0, DirtyBit = 0, Xs = 0\n"
		"user pgtable: 4k pages, 48-bit VAs, pgdp=0000000043c1a000\n"
		"[0000000000000018] pgd=0800000043c1b403, p4d=0800000043c1b403, pud=0000000000000000\n"
		"Internal error: Oops: 0000000096000045 [#1] SMP\n"
		"CPU: 2 UID: 0 PID: 611 Comm: hubctl Tainted: G           OE      6.12.9-arm64 #1\n"
		"pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n"
		"pc : hub_store_rate+0x34/0x70 [sensor_hub]\n"
		"lr : hub_store_rate+0x28/0x70 [sensor_hub]\n"
		"sp : ffff800082e3bc80\n"
		"x29: ffff800082e3bc90 x28: ffff0000c3f41f80 x27: 0000000000000000\n"
		"x2 : 0000000000000064 x1 : 0000000000000000 x0 : 0000000000000000\n"
		"Call trace:\n"
		" hub_store_rate+0x34/0x70 [sensor_hub] (P)\n"
		" hub_store_rate+0x28/0x70 [sensor_hub] (L)\n"
		" __arm64_sys_write+0x24/0x40\n"
		" invoke_syscall+0x50/0x120\n"
		" el0_svc_common.constprop.0+0x48/0x100\n"
		" do_el0_svc+0x24/0x40\n"
		" el0_svc+0x34/0xe0\n"
		" el0t_64_sync_handler+0x10c/0x138\n"
		" el0t_64_sync+0x1ac/0x1b0\n"
		"Code: 97ffd5b4 35000100 b9400fe2 52800000 (b9001a62) \n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "arm64", .pc = "hub_store_rate", .guilty = "hub_store_rate",
	  .frames = 10, .reg = "x29", .value = 0xffff800082e3bc90, .address = 0x18, .error = 0x96000045,
	  .access = "write", .ncode = 20, .trap = 16 },
	{ .name = "arm64_bug_49",
	  .text =
		"------------[ cut here ]------------\n"
		"kernel BUG at fs/ext4/inode.c:2684!\n"
		"Internal error: Oops - BUG: 0 [#1] PREEMPT SMP\n"
		"CPU: 1 PID: 87 Comm: kworker/u8:2 Not tainted 4.9.80-v8+ #1\n"
		"PC is at ext4_writepages+0xa28/0xb60\n"
		"LR is at ext4_writepages+0x354/0xb60\n"
		"pc : [<ffffff8008286ad0>] lr : [<ffffff80082863fc>] pstate: 60000145\n"
		"sp : ffffffc03a1b7a10\n"
		"Process kworker/u8:2 (pid: 87, stack limit = 0xffffffc03a1b4000)\n"
		"Stack: (0xffffffc03a1b7a10 to 0xffffffc03a1b8000)\n"
		"7a00:                                   ffffffc03a1b7bb0 ffffff80081732a4\n"
		"7a20: ffffffc0371b3b90 ffffffc03a1b7d38 0000000000000000 0000000000000400\n"
		"Call trace:\n"
		"Exception stack(0xffffffc03a1b7840 to 0xffffffc03a1b7970)\n"
		"7840: 0000000000000001 0000008000000000 ffffffc03a1b7a10 ffffff8008286ad0\n"
		"[<ffffff8008286ad0>] ext4_writepages+0xa28/0xb60\n"
		"[<ffffff80081732a4>] do_writepages+0x34/0xc8\n"
		"[<ffffff80081f3a34>] wb_workfn+0x184/0x4c8\n"
		"[<ffffff80080b9c3c>] process_one_work+0x134/0x3f0\n"
		"[<ffffff80080b9f4c>] worker_thread+0x54/0x4a8\n"
		"[<ffffff80080bffb4>] kthread+0xec/0x100\n"
		"[<ffffff8008082e80>] ret_from_fork+0x10/0x50\n"
		"Code: d4210000 aa1503e0 94001c8f 17fffeb1 (d4210000) \n",
	  .kind = OD_KIND_KERNEL_BUG, .subkind = "inode", .arch = "arm64", .pc = "ext4_writepages", .guilty = "ext4_writepages",
	  .frames = 8, .reg = "pstate", .value = 0x60000145, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 20, .trap = 16 },
	{ .name = "arm_unwind",
	  .text =
		"8<--- cut here ---\n"
		"Unable to handle kernel paging request at virtual address 6b6b6b7f when read\n"
		"[6b6b6b7f] *pgd=00000000\n"
		"Internal error: Oops: 5 [#1] SMP ARM\n"
		"CPU: 1 PID: 214 Comm: gridd Tainted: G           O       6.6.31 #1\n"
		"PC is at grid_flush+0x3c/0x9c [ledgrid]\n"
		"LR is at grid_ioctl+0x78/0x110 [ledgrid]\n"
		"pc : [<bf00a1d8>]    lr : [<bf00a2b0>]    psr: 200d0013\n"
		"sp : f0b4de88  ip : 00000000  fp : bee4fb54\n"
		"r10: c3a4a900  r9 : f0b4c000  r8 : 00000003\n"
		"r7 : c3b1f000  r6 : 00004701  r5 : c3a4a900  r4 : 6b6b6b6b\n"
		"r3 : 00000000  r2 : 00000000  r1 : 00000000  r0 : c3b1f000\n"
		"Flags: nzCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment none\n"
		"Control: 10c5387d  Table: c3c1406a  DAC: 00000051\n"
		"Register r0 information: slab kmalloc-1k start c3b1f000 pointer offset 0 size 1024\n"
		"Register r1 information: NULL pointer\n"
		"Register r4 information: non-paged memory\n"
		"Process gridd (pid: 214, stack limit = 0x4f1a2e3c)\n"
		"Stack: (0xf0b4de88 to 0xf0b4e000)\n"
		"de80:                   c3b1f000 c3a4a900 00004701 bf00a2b0 c3a4a900 00004701\n"
		"dea0: bee4fb54 c0307cbc 00000000 00000000 ???????? 00000000 00000000 00000000\n"
		" grid_flush [ledgrid] from grid_ioctl+0x78/0x110 [ledgrid]\n"
		" grid_ioctl [ledgrid] from sys_ioctl+0x1a8/0xdc4\n"
		" sys_ioctl from ret_fast_syscall+0x0/0x54\n"
		"Exception stack(0xf0b4dfa8 to 0xf0b4dff0)\n"
		"dfa0:                   00000003 bee4fb54 00000003 00004701 bee4fb54 00000000\n"
		"dfc0: 00000003 bee4fb54 00010ab0 00000036 00000000 00000000 b6f9c000 00000000\n"
		"dfe0: 00021058 bee4fb3c 0001074c b6ecda1c\n"
		"Code: e5904008 e3540000 0a00000f e5973004 (e5942014) \n",
	  .kind = OD_KIND_PAGE_FAULT, .subkind = NULL, .arch = "arm", .pc = "grid_flush", .guilty = "grid_flush",
	  .frames = 4, .reg = "r4", .value = 0x6b6b6b6b, .address = 0x6b6b6b7f, .error = 0x5,
	  .access = "read", .ncode = 20, .trap = 16 },
	{ .name = "arm_frame_pointer",
	  .text =
		"Unable to handle kernel NULL pointer dereference at virtual address 00000004\n"
		"pgd = ee1ec000\n"
		"[00000004] *pgd=6e1f6831, *pte=00000000, *ppte=00000000\n"
		"Internal error: Oops: 817 [#1] PREEMPT SMP ARM\n"
		"CPU: 0 PID: 1329 Comm: iptables Tainted: G           O    4.4.120 #3\n"
		"PC is at quota_mt_check+0x5c/0xa4 [xt_quota]\n"
		"LR is at quota_mt_check+0x48/0xa4 [xt_quota]\n"
		"pc : [<bf0210b8>]    lr : [<bf0210a4>]    psr: a0070013\n"
		"sp : ee1e9cc8  ip : 00000000  fp : ee1e9cdc\n"
		"r10: f0a6e070  r9 : 00000070  r8 : ee1e9d70\n"
		"r7 : f0a6e0e0  r6 : 00000000  r5 : bf0220d4  r4 : ee1e9d50\n"
		"r3 : 00000000  r2 : 00000010  r1 : 000000d0  r0 : ee0f2ac0\n"
		"Flags: NzCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment user\n"
		"Control: 10c5387d  Table: 7e1ec04a  DAC: 00000055\n"
		"Process iptables (pid: 1329, stack limit = 0xee1e8210)\n"
		"Stack: (0xee1e9cc8 to 0xee1ea000)\n"
		"9cc0:                   00000000 bf0220d4 ee1e9d14 ee1e9ce0 bf015a3c bf021068\n"
		"Backtrace: \n"
		"[<bf02105c>] (quota_mt_check [xt_quota]) from [<bf015a3c>] (xt_check_match+0xac/0x1c8 [x_tables])\n"
		" r5:bf0220d4 r4:ee1e9d50\n"
		"[<bf015990>] (xt_check_match [x_tables]) from [<c06a24b0>] (find_check_entry.constprop.3+0x1d0/0x39c)\n"
		" r10:f0a6e070 r9:00000070 r8:f0a6e000 r7:f0a6e0e0 r6:00000000 r5:ee1e9d50\n"
		" r4:f0a6e0e0\n"
		"[<c06a22e0>] (find_check_entry.constprop.3) from [<c06a2d34>] (translate_table+0x6b8/0x8f4)\n"
		"[<c06a267c>] (translate_table) from [<c06a3f88>] (do_ipt_set_ctl+0x114/0x1d4)\n"
		"Code: e3a010d0 e3a02010 eb431a6d e5840000 (e5860004) \n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "arm", .pc = "quota_mt_check", .guilty = "quota_mt_check",
	  .frames = 5, .reg = "psr", .value = 0xa0070013, .address = 0x4, .error = 0x817,
	  .access = "write", .ncode = 20, .trap = 16 },
	{ .name = "arm_external_abort",
	  .text =
		"8<--- cut here ---\n"
		"Unhandled fault: external abort on non-linefetch (0x1028) at 0xf0a55000\n"
		"[f0a55000] *pgd=82008811, *pte=48310653, *ppte=48310453\n"
		"Internal error: : 1028 [#1] SMP ARM\n"
		"CPU: 0 PID: 78 Comm: modprobe Not tainted 5.10.168-ti #1\n"
		"PC is at omap_probe_reset+0x18/0x54 [omap_probe]\n"
		"LR is at omap_probe_probe+0x9c/0x16c [omap_probe]\n"
		"pc : [<bf0031ac>]    lr : [<bf0032d4>]    psr: 60000013\n"
		"sp : c2a0bd30  ip : 00000000  fp : bf005000\n"
		"r10: 0000001a  r9 : bf005014  r8 : 00000000\n"
		"r7 : c2861810  r6 : c2861810  r5 : c23f8e40  r4 : c23f8e40\n"
		"r3 : f0a55000  r2 : 00000001  r1 : 00000000  r0 : c23f8e40\n"
		"Flags: nZCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment none\n"
		"Control: 10c5387d  Table: 82a14019  DAC: 00000051\n"
		"Process modprobe (pid: 78, stack limit = 0x2b6b3f11)\n"
		"Stack: (0xc2a0bd30 to 0xc2a0c000)\n"
		"bd20:                                     c2861810 c23f8e40 c2861810 bf0032d4\n"
		"[<bf0031ac>] (omap_probe_reset [omap_probe]) from [<bf0032d4>] (omap_probe_probe+0x9c/0x16c [omap_probe])\n"
		"[<bf0032d4>] (omap_probe_probe [omap_probe]) from [<c06e6a4c>] (platform_drv_probe+0x48/0x98)\n"
		"[<c01c77b8>] (sys_finit_module) from [<c0100060>] (ret_fast_syscall+0x0/0x54)\n"
		"Exception stack(0xc2a0bfa8 to 0xc2a0bff0)\n"
		"bfa0:                   00000000 00000002 00000003 00456a10 00000000 00000002\n"
		"Code: e5933000 e3130001 1a000004 e3a02001 (e5832000) \n",
	  .kind = OD_KIND_TRAP, .subkind = "external-abort-on-non-linefetch", .arch = "arm", .pc = "omap_probe_reset", .guilty = "omap_probe_reset",
	  .frames = 5, .reg = "sp", .value = 0xc2a0bd30, .address = 0xf0a55000, .error = 0x1028,
	  .access = NULL, .ncode = 20, .trap = 16 },
	{ .name = "riscv_null_call",
	  .text =
		"Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000\n"
		"Oops [#1]\n"
		"CPU: 3 PID: 288 Comm: Xorg Tainted: G           O       6.1.0-9-riscv64 #1  Debian 6.1.27-1\n"
		"epc : 0x0\n"
		" ra : gl_submit_job+0x5a/0x90 [gpu_lite]\n"
		"epc : 0000000000000000 ra : ffffffff01a4c13a sp : ff200000009a3c60\n"
		" gp : ffffffff81b1d5d8 tp : ff60000082a78000 t0 : ffffffff80c00190\n"
		" t1 : 0000000000000001 t2 : 00000000000001f4 s0 : ff200000009a3ca0\n"
		" s1 : ff60000084f3a000 a0 : ff60000084f3a000 a1 : ff60000083cd1e00\n"
		" a2 : 0000000000000008 a3 : 0000000000000000 a4 : ffffffff01a4d008\n"
		" a5 : 0000000000000000 a6 : 0000000000000001 a7 : 0000000000000000\n"
		" s2 : ff60000083cd1e00 s3 : ff60000084f3a010 s4 : ffffffff01a4d100\n"
		" s5 : 00000000c0106448 s6 : 0000003fffa0a3f8 s7 : ff600000844bd000\n"
		" s8 : 0000000000000000 s9 : 0000002ad9a6c260 s10: 0000000000000000\n"
		" s11: 0000003fa2e6c8f0 t3 : 0000000000000004 t4 : 0000000000000402\n"
		" t5 : 0000000000000000 t6 : 0000000000040000\n"
		"status: 0000000200000120 badaddr: 0000000000000000 cause: 000000000000000c\n"
		"[<ffffffff01a4c2b4>] gl_ioctl_submit+0x42/0x64 [gpu_lite]\n"
		"[<ffffffff0196e92e>] drm_ioctl_kernel+0x8e/0xee [drm]\n"
		"[<ffffffff0196ec22>] drm_ioctl+0x1ee/0x3f4 [drm]\n"
		"[<ffffffff8025ca02>] sys_ioctl+0x96/0xb8\n"
		"[<ffffffff80003de8>] ret_from_syscall+0x0/0x2\n"
		"Code: Unable to access instruction at 0xffffffffffffffec.\n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "riscv", .pc = NULL, .guilty = "gl_submit_job",
	  .frames = 7, .reg = "s11", .value = 0x3fa2e6c8f0, .address = 0x0, .error = 0xc,
	  .access = "fetch", .ncode = 0, .trap = -1 },
	{ .name = "riscv_bug",
	  .text =
		"------------[ cut here ]------------\n"
		"kernel BUG at drivers/block/ublk_lite.c:218!\n"
		"Kernel BUG [#1]\n"
		"CPU: 1 UID: 0 PID: 51 Comm: kworker/1:2 Tainted: G           OE      6.11.5 #1\n"
		"epc : ublk_complete+0x6e/0x98 [ublk_lite]\n"
		" ra : ublk_flush_work+0x2c/0x54 [ublk_lite]\n"
		"epc : ffffffff0201f0ee ra : ffffffff0201f1a8 sp : ffffffc60029bd60\n"
		" gp : ffffffff8191d0a8 tp : ffffffd6012a2d00 t0 : ffffffff80063a1e\n"
		" t1 : ffffffff80a5c8d0 t2 : 0000000000000000 s0 : ffffffc60029bd90\n"
		" s1 : ffffffd603a10c00 a0 : ffffffd603a10c00 a1 : 0000000000000001\n"
		" a2 : 0000000000000000 a3 : 0000000000000000 a4 : 0000000000000001\n"
		" a5 : 0000000000000002 a6 : 0000000000000000 a7 : 0000000000000000\n"
		" s2 : ffffffd6013f8f00 s3 : ffffffd9fee25f40 s4 : ffffffd9fee2a505\n"
		" s5 : 0000000000000000 s6 : ffffffd6013f8f28 s7 : ffffffd9fee25f60\n"
		" s8 : ffffffff8191ff08 s9 : 0000000000000000 s10: 0000000000000000\n"
		" s11: 0000000000000000 t3 : ffffffff02020198 t4 : 0000000000000402\n"
		" t5 : 0000000000000008 t6 : ffffffd6012a2d88\n"
		"status: 0000000200000120 badaddr: ffffffff0201f0ee cause: 0000000000000003\n"
		"[<ffffffff0201f0ee>] ublk_complete+0x6e/0x98 [ublk_lite]\n"
		"[<ffffffff0201f1a8>] ublk_flush_work+0x2c/0x54 [ublk_lite]\n"
		"[<ffffffff8003a3b2>] process_one_work+0x152/0x374\n"
		"[<ffffffff8003ac58>] worker_thread+0x2d8/0x410\n"
		"[<ffffffff80042d5a>] kthread+0xc4/0xe4\n"
		"[<ffffffff80a66a4e>] ret_from_fork+0xe/0x18\n"
		"Code: 7402 6942 69a2 6145 8082 9002 bfd1 4785 e388 bfe1 (9002) b7e9\n",
	  .kind = OD_KIND_KERNEL_BUG, .subkind = "ublk_lite", .arch = "riscv", .pc = "ublk_complete", .guilty = "ublk_complete",
	  .frames = 7, .reg = "cause", .value = 0x3, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 24, .trap = 20 },
	{ .name = "riscv_misaligned",
	  .text =
		"Oops - load address misaligned [#1]\n"
		"CPU: 0 PID: 1 Comm: swapper/0 Not tainted 5.10.4+ #39\n"
		"epc : spi_flash_read_id+0x22/0x7e\n"
		" ra : spi_flash_probe+0x58/0x18c\n"
		"epc : ffffffe000a1b4c2 ra : ffffffe000a1b600 sp : ffffffe001633c40\n"
		" gp : ffffffe00139cf30 tp : ffffffe001628000 t0 : 0000000000000000\n"
		" t1 : 0000000000000000 t2 : 0000000000000000 s0 : ffffffe001633c80\n"
		" s1 : ffffffe0019a4001 a0 : ffffffe0019a4001 a1 : 000000000000009f\n"
		" a2 : 0000000000000003 a3 : 0000000000000000 a4 : 0000000000000000\n"
		" a5 : ffffffe0019a4003 a6 : 0000000000000001 a7 : 0000000000000000\n"
		" s2 : ffffffe0019a3000 s3 : 0000000000000000 s4 : ffffffe001381460\n"
		" s5 : 0000000000000000 s6 : ffffffe000c34a20 s7 : ffffffe001388708\n"
		" s8 : 0000000000000008 s9 : ffffffe000c22068 s10: ffffffe000c000b0\n"
		" s11: 0000000000000000 t3 : 0000000000000000 t4 : 0000000000000000\n"
		" t5 : 0000000000000000 t6 : 0000000000000000\n"
		"status: 0000000200000120 badaddr: ffffffe0019a4003 cause: 0000000000000004\n"
		"Call Trace:\n"
		"[<ffffffe000a1b4c2>] spi_flash_read_id+0x22/0x7e\n"
		"[<ffffffe000a1b600>] spi_flash_probe+0x58/0x18c\n"
		"[<ffffffe0005ae3b0>] spi_drv_probe+0x58/0x88\n"
		"[<ffffffe000530f5c>] really_probe+0xcc/0x396\n"
		"[<ffffffe0005312b6>] driver_probe_device+0x4a/0xa2\n"
		"[<ffffffe000531518>] device_driver_attach+0x60/0x6c\n"
		"[<ffffffe00000217e>] do_one_initcall+0x3e/0x178\n"
		"[<ffffffe000001fd2>] kernel_init_freeable+0x17c/0x200\n"
		"[<ffffffe0009f2a48>] kernel_init+0xc/0xf4\n"
		"[<ffffffe000003592>] ret_from_exception+0x0/0xc\n"
		"Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n",
	  .kind = OD_KIND_ALIGNMENT, .subkind = "load", .arch = "riscv", .pc = "spi_flash_read_id", .guilty = "spi_flash_read_id",
	  .frames = 11, .reg = "ra", .value = 0xffffffe000a1b600, .address = NONE, .error = 0x4,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "power_data_access",
	  .text =
		"Kernel attempted to write user page (28) - exploit attempt? (uid: 0)\n"
		"BUG: Kernel NULL pointer dereference on write at 0x00000028\n"
		"Faulting instruction address: 0xc008000001d402f4\n"
		"Oops: Kernel access of bad area, sig: 11 [#1]\n"
		"LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries\n"
		"CPU: 5 PID: 4412 Comm: cat Kdump: loaded Tainted: G           OE     5.14.0-362.8.1.el9_3.ppc64le #1\n"
		"NIP:  c008000001d402f4 LR: c008000001d402d8 CTR: c000000000a30da0\n"
		"REGS: c0000000139c7930 TRAP: 0300   Tainted: G           OE      (5.14.0-362.8.1.el9_3.ppc64le)\n"
		"MSR:  800000000280b033 <SF,VEC,VSX,EE,FP,ME,IR,DR,RI,LE>  CR: 28004222  XER: 20040000\n"
		"CFAR: c000000000a30e38 DAR: 0000000000000028 DSISR: 42000000 IRQMASK: 0 \n"
		"               GPR00: c008000001d402d8 c0000000139c7bd0 c008000001d68200 0000000000000000 \n"
		"               GPR28: c00000000b2f0000 c000000007a50400 c00000000e6a0c28 c00000000b2f0000 \n"
		"NIP [c008000001d402f4] crq_show_stats+0x5c/0xb0 [crq_stats]\n"
		"LR [c008000001d402d8] crq_show_stats+0x40/0xb0 [crq_stats]\n"
		"Call Trace:\n"
		"[c0000000139c7bd0] [c008000001d402d8] crq_show_stats+0x40/0xb0 [crq_stats] (unreliable)\n"
		"[c0000000139c7c30] [c0000000005d7be4] seq_read_iter+0x1f4/0x6c0\n"
		"[c0000000139c7d10] [c0000000006a6e10] proc_reg_read_iter+0xb0/0x130\n"
		"[c0000000139c7d40] [c00000000058fb64] vfs_read+0x224/0x2f0\n"
		"[c0000000139c7d90] [c000000000590634] ksys_read+0x84/0x140\n"
		"[c0000000139c7de0] [c000000000031340] system_call_exception+0x160/0x300\n"
		"[c0000000139c7e50] [c00000000000c65c] system_call_vectored_common+0x15c/0x2ec\n"
		"--- interrupt: 3000 at 0x7fff8f3f1d34\n"
		"NIP:  00007fff8f3f1d34 LR: 0000000000000000 CTR: 0000000000000000\n"
		"REGS: c0000000139c7e80 TRAP: 3000   Tainted: G           OE      (5.14.0-362.8.1.el9_3.ppc64le)\n"
		"MSR:  800000000280f033 <SF,VEC,VSX,EE,PR,FP,ME,IR,DR,RI,LE>  CR: 48002224  XER: 00000000\n"
		"IRQMASK: 0 \n"
		"               GPR00: 0000000000000003 00007ffff2ab7810 00007fff8f4e7100 0000000000000003 \n"
		"               GPR28: 00007fff8f5b0000 0000000000020000 0000000000000003 0000000000020000 \n"
		"NIP [00007fff8f3f1d34] 0x7fff8f3f1d34\n"
		"LR [0000000000000000] 0x0\n"
		"--- interrupt: 3000\n"
		"Instruction dump:\n"
		"48000261 e8410018 2c230000 41820050 38600001 39200000 7c7f1b78 60000000 \n"
		"60420000 e93e0000 39490001 f95e0000 <f8690028> 7fe3fb78 38210060 e8010010 \n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "powerpc", .pc = "crq_show_stats", .guilty = "crq_show_stats",
	  .frames = 8, .reg = "r1", .value = 0xc0000000139c7bd0, .address = 0x28, .error = 0x42000000,
	  .access = "write", .ncode = 64, .trap = 48 },
	{ .name = "power_dot",
	  .text =
		"kernel BUG at fs/jbd/transaction.c:1147!\n"
		"Oops: Exception in kernel mode, sig: 5 [#1]\n"
		"SMP NR_CPUS=1024 NUMA pSeries\n"
		"last sysfs file: /sys/devices/system/cpu/cpu7/cache/index1/shared_cpu_map\n"
		"NIP: d000000002f01b54 LR: d000000002f01b20 CTR: c0000000001d8a30\n"
		"REGS: c00000007a1ab5c0 TRAP: 0700   Not tainted  (2.6.32-71.el6.ppc64)\n"
		"MSR: 8000000000029032 <EE,ME,CE,IR,DR>  CR: 28002424  XER: 20000001\n"
		"TASK = c00000007b4e3b00[1201] 'kjournald' THREAD: c00000007a1a8000 CPU: 3\n"
		"GPR00: 0000000000000001 c00000007a1ab840 d000000002f1a4c0 0000000000000001 \n"
		"GPR28: c000000079d80d20 c00000007a2f0c00 d000000002f19c50 c000000079be0a80 \n"
		"NIP [d000000002f01b54] .journal_dirty_metadata+0x164/0x2a0 [jbd]\n"
		"LR [d000000002f01b20] .journal_dirty_metadata+0x130/0x2a0 [jbd]\n"
		"Call Trace:\n"
		"[c00000007a1ab840] [d000000002f01b20] .journal_dirty_metadata+0x130/0x2a0 [jbd] (unreliable)\n"
		"[c00000007a1ab8e0] [d000000003a4f9e8] .__ext3_journal_dirty_metadata+0x48/0xb0 [ext3]\n"
		"[c00000007a1ab980] [d000000003a39f58] .ext3_free_blocks_sb+0x4a8/0x5b0 [ext3]\n"
		"[c00000007a1abaa0] [d000000003a3a0c4] .ext3_free_blocks+0x64/0x130 [ext3]\n"
		"--- Exception: 901 at .ext3_clear_blocks+0x190/0x1e0 [ext3]\n"
		"    LR = .ext3_free_data+0x104/0x1c0 [ext3]\n"
		"[c00000007a1abc10] [d000000003a442ec] .ext3_truncate+0x56c/0x8d0 [ext3] (unreliable)\n"
		"[c00000007a1abd70] [c0000000001b82b8] .generic_delete_inode+0xd8/0x210\n"
		"[c00000007a1abe30] [c0000000000085b4] syscall_exit+0x0/0x40\n"
		"Instruction dump:\n"
		"2fa00000 419e00a0 e93f0028 7fa9e800 409e0014 e93f0030 7fa9e800 40beffec \n"
		"0b000000 e93f0028 7d29ea78 7d290074 <0b090000> e81f0030 2fa00000 419e0064 \n",
	  .kind = OD_KIND_KERNEL_BUG, .subkind = "transaction", .arch = "powerpc", .pc = ".journal_dirty_metadata", .guilty = "journal_dirty_metadata",
	  .frames = 9, .reg = "cr", .value = 0x28002424, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 64, .trap = 48 },
	{ .name = "s390_pointer",
	  .text =
		"Unable to handle kernel pointer dereference in virtual kernel address space\n"
		"Failing address: 0000000000000000 TEID: 0000000000000483\n"
		"Fault in home space mode while using kernel ASCE.\n"
		"AS:0000000001e94007 R3:0000000000000024 \n"
		"Oops: 0004 ilc:3 [#1] SMP \n"
		"CPU: 2 PID: 1877 Comm: zqctl Tainted: G           OE      6.1.0-18-s390x #1  Debian 6.1.76-1\n"
		"Krnl PSW : 0704e00180000000 000003ff8019a1f2 (zq_reset+0x3a/0x78 [zq_dev])\n"
		"           R:0 T:1 IO:0 EX:0 Key:0 M:1 W:0 P:0 AS:3 CC:2 PM:0 RI:0 EA:3\n"
		"Krnl GPRS: 0000000000000000 0000000000000000 0000000084c3a400 000003ff8019a1b8\n"
		"           000003ff8019a2a6 0000000000000000 0000000080f9c000 000003ffd1a7e6f0\n"
		"           0000000000000001 00000000a2b7d100 0000000000007a01 0000000084c3a400\n"
		"           0000000086f48000 000003ff8019b0e8 000003ff8019a2a6 0000038000c1fb90\n"
		"Krnl Code: 000003ff8019a1e2: e310b0100004\tlg\t%r1,16(%r11)\n"
		"           000003ff8019a1e8: a7290000\t\tlghi\t%r2,0\n"
		"          #000003ff8019a1ec: e310b0180004\tlg\t%r1,24(%r11)\n"
		"          >000003ff8019a1f2: 50201008\t\tst\t%r2,8(%r1)\n"
		"           000003ff8019a1f6: ebbff0a00004\tlmg\t%r11,%r15,160(%r15)\n"
		"           000003ff8019a1fc: c0f4c02e1a36\tbrcl\t15,00000380c075d668\n"
		"Call Trace:\n"
		" [<000003ff8019a1f2>] zq_reset+0x3a/0x78 [zq_dev] \n"
		"([<000003ff8019a2a6>] zq_ioctl+0x6e/0x128 [zq_dev])\n"
		" [<00000000b2a5c8d2>] __s390x_sys_ioctl+0xb2/0x110 \n"
		" [<00000000b2f6d074>] __do_syscall+0x1d4/0x200 \n"
		" [<00000000b2f7ddb2>] system_call+0x82/0xb0 \n"
		"Last Breaking-Event-Address:\n"
		" [<00000000b2f63ca0>] __s390_indirect_jump_r14+0x0/0x10\n"
		"Kernel panic - not syncing: Fatal exception: panic_on_oops\n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "s390", .pc = "zq_reset", .guilty = "zq_reset",
	  .frames = 6, .reg = "r15", .value = 0x38000c1fb90, .address = 0x0, .error = 0x483,
	  .access = "write", .ncode = 32, .trap = 16 },
	{ .name = "s390_monitor",
	  .text =
		"------------[ cut here ]------------\n"
		"kernel BUG at drivers/s390/block/tape_lite.c:301!\n"
		"monitor event: 0040 ilc:2 [#1] PREEMPT SMP \n"
		"CPU: 0 PID: 9 Comm: kworker/u4:0 Tainted: G           O       5.15.0 #4\n"
		"Krnl PSW : 0704c00180000000 000003ff7ffd10ce (tl_finish+0x96/0xa0 [tape_lite])\n"
		"           R:0 T:1 IO:0 EX:0 Key:0 M:1 W:0 P:0 AS:3 CC:0 PM:0 RI:0 EA:3\n"
		"Krnl GPRS: 0000000000000001 000003ff7ffd2008 0000000000000000 0000000000000000\n"
		"           000003ff7ffd1082 0000000000000000 0000000000000000 0000000081007405\n"
		"           0000000081007400 00000000801fdb00 000000008021a480 0000000082a4c0c8\n"
		"           00000000802aa200 0000000000000000 000003ff7ffd1082 00000380000efc90\n"
		"Krnl Code: 000003ff7ffd10c0: c0e5000000a1\tbrasl\t%r14,000003ff7ffd1200\n"
		"           000003ff7ffd10c6: a7f4ffd1\t\tbrc\t15,000003ff7ffd1066\n"
		"          #000003ff7ffd10ca: af000000\t\tmc\t0,0\n"
		"          >000003ff7ffd10ce: a7f4ffdf\t\tbrc\t15,000003ff7ffd108c\n"
		"Call Trace:\n"
		" [<000003ff7ffd10ce>] tl_finish+0x96/0xa0 [tape_lite] \n"
		" [<000003ff7ffd1168>] tl_work+0x58/0x80 [tape_lite] \n"
		" [<0000000000164b0a>] process_one_work+0x1fa/0x478 \n"
		" [<00000000001652ac>] worker_thread+0x64/0x498 \n"
		" [<000000000016dd3c>] kthread+0x14c/0x158 \n"
		" [<00000000001032dc>] __ret_from_fork+0x3c/0x58 \n"
		" [<0000000000cbdd8a>] ret_from_fork+0xa/0x40 \n"
		"Last Breaking-Event-Address:\n"
		" [<000003ff7ffd1062>] tl_finish+0x2a/0xa0 [tape_lite]\n",
	  .kind = OD_KIND_KERNEL_BUG, .subkind = "tape_lite", .arch = "s390", .pc = "tl_finish", .guilty = "tl_finish",
	  .frames = 8, .reg = "psw_addr", .value = 0x3ff7ffd10ce, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 18, .trap = 14 },
	{ .name = "mips_paging",
	  .text =
		"CPU 1 Unable to handle kernel paging request at virtual address 0000001c, epc == 8f2a41d8, ra == 8f2a41c0\n"
		"Oops[#1]:\n"
		"CPU: 1 PID: 1655 Comm: hostapd Not tainted 5.4.188 #0\n"
		"$ 0   : 00000000 00000001 00000000 00000000\n"
		"$ 4   : 8eb38600 8e5f1a98 00000006 00000000\n"
		"$ 8   : 00000000 00000000 00000020 00000001\n"
		"$12   : 00000000 77e7bfd8 00000000 00000000\n"
		"$16   : 8eb38600 8e2a04c0 00000000 8e5f1a98\n"
		"$20   : 8e8b9400 00000001 8e5f1b54 80680000\n"
		"$24   : 00000000 8f2a4198\n"
		"$28   : 8e5f0000 8e5f1a68 7fb3f8b0 8f2a41c0\n"
		"Hi    : 00000000\n"
		"Lo    : 0000000a\n"
		"epc   : 8f2a41d8 sta_stats_fill+0x40/0x110 [rt_wlan]\n"
		"ra    : 8f2a41c0 sta_stats_fill+0x28/0x110 [rt_wlan]\n"
		"Status: 11007c03\tKERNEL EXL IE \n"
		"Cause : 40800008 (ExcCode 02)\n"
		"BadVA : 0000001c\n"
		"PrId  : 0001992f (MIPS 1004Kc)\n"
		"Process hostapd (pid: 1655, threadinfo=5fe2ac80, task=8d6f2f04, tls=77e85df4)\n"
		"Stack : 8eb38600 8e5f1a98 00000006 8f2a6b30 00000000 8e5f1ab8 8e8b9400 8e2a0000\n"
		"        8e5f1b54 8f1c2df4 00000000 00000000 8e5f1aa8 80680000 8e5f1b54 8e8b9400\n"
		"        ...\n"
		"Call Trace:\n"
		"[<8f2a41d8>] sta_stats_fill+0x40/0x110 [rt_wlan]\n"
		"[<8f2a6b30>] rt_get_station+0x5c/0x9c [rt_wlan]\n"
		"[<8f1c2df4>] nl80211_dump_station+0x194/0x240 [cfg80211]\n"
		"[<80427d84>] genl_lock_dumpit+0x38/0x60\n"
		"[<80423c90>] netlink_dump+0x1a4/0x350\n"
		"[<80424bb8>] netlink_recvmsg+0x2f0/0x480\n"
		"[<803b0d5c>] ___sys_recvmsg+0xa4/0x160\n"
		"[<803b3358>] __sys_recvmsg+0x58/0xa4\n"
		"[<80014f38>] syscall_common+0x34/0x58\n"
		"Code: 00808021  00a09825  8e320024 <8e43001c> 02602825  0c0a9081  ae630000  8e640000  10400004 \n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "mips", .pc = "sta_stats_fill", .guilty = "sta_stats_fill",
	  .frames = 10, .reg = "r29", .value = 0x8e5f1a68, .address = 0x1c, .error = 0x2,
	  .access = "read", .ncode = 36, .trap = 12 },
	{ .name = "mips_bug",
	  .text =
		"Kernel bug detected[#1]:\n"
		"CPU: 5 PID: 2210 Comm: kworker/5:1 Tainted: G           O      4.14.180 #1\n"
		"$ 0   : 0000000000000000 ffffffff80a51c18 0000000000000001 0000000000000001\n"
		"$ 4   : 80000000b5e13f00 0000000000000800 0000000000000000 0000000000000000\n"
		"$ 8   : 0000000000000003 0000000000000000 000000000000000a 0000000000000001\n"
		"$12   : 000000001400cce0 000000001000001e ffffffff80c60000 0000000000000000\n"
		"$16   : 80000000b5e13f00 0000000000000000 80000000b60b2000 0000000000000040\n"
		"$20   : 80000000b60b2110 0000000000000000 0000000000000001 80000000bfb5e380\n"
		"$24   : 0000000000000001 ffffffff8024bb40                                  \n"
		"$28   : 80000000b6410000 80000000b6413cb0 0000000000000000 ffffffffc0a5a13c\n"
		"Hi    : 00000000000000c0\n"
		"Lo    : 0000000000000040\n"
		"epc   : ffffffffc0a5a148 oct_alloc_skb+0x50/0xb8 [octnet]\n"
		"ra    : ffffffffc0a5a13c oct_alloc_skb+0x44/0xb8 [octnet]\n"
		"Status: 1400cce3\tKX SX UX KERNEL EXL IE \n"
		"Cause : 00800034 (ExcCode 0d)\n"
		"PrId  : 000d9602 (Cavium Octeon III)\n"
		"Process kworker/5:1 (pid: 2210, threadinfo=80000000b6410000, task=80000000b7a40000, tls=0000000000000000)\n"
		"Stack : 80000000b60b2000 0000000000000040 80000000b60b2110 ffffffffc0a5a2f8\n"
		"        80000000b7b2d880 80000000b60b2110 80000000bfb5a2c0 ffffffff8014c2d0\n"
		"        ...\n"
		"Call Trace:\n"
		"[<ffffffffc0a5a148>] oct_alloc_skb+0x50/0xb8 [octnet]\n"
		"[<ffffffffc0a5a2f8>] oct_rx_refill+0x78/0xf0 [octnet]\n"
		"[<ffffffff8014c2d0>] process_one_work+0x1a8/0x428\n"
		"[<ffffffff8014c6a0>] worker_thread+0x150/0x5d8\n"
		"[<ffffffff80152f60>] kthread+0x148/0x150\n"
		"[<ffffffff80107b58>] ret_from_kernel_thread+0x14/0x1c\n"
		"Code: 0040802d  de020000  0002102b <00020336> de030008  dc620010  0040f809  00000000  0200102d \n"
		"Kernel panic - not syncing: Fatal exception\n",
	  .kind = OD_KIND_KERNEL_BUG, .subkind = NULL, .arch = "mips", .pc = "oct_alloc_skb", .guilty = "oct_alloc_skb",
	  .frames = 7, .reg = "r31", .value = 0xffffffffc0a5a13c, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 36, .trap = 12 },
	{ .name = "mips_unaligned",
	  .text =
		"Unhandled kernel unaligned access[#1]:\n"
		"Cpu 0\n"
		"$ 0   : 00000000 1100ff00 6b6b6b6b 00000001\n"
		"$ 4   : 81d90ec0 81d90ec0 00000020 00000000\n"
		"$ 8   : 00000000 0000fffc 80420000 00000000\n"
		"$12   : 00000002 ffffffff 00000000 00000000\n"
		"$16   : 81d90ec0 81eb2000 6b6b6b6b 81c5d800\n"
		"$20   : 00000001 00000000 803e0000 80420000\n"
		"$24   : 00000000 8017a3f0                  \n"
		"$28   : 803ac000 803adcf8 803e37e0 801d14bc\n"
		"Hi    : 00000000\n"
		"Lo    : 00000000\n"
		"epc   : 801d1480 usb_hcd_giveback_urb+0x2c/0xe4\n"
		"    Tainted: P           \n"
		"ra    : 801d14bc usb_hcd_giveback_urb+0x68/0xe4\n"
		"Status: 1100ff02    KERNEL EXL \n"
		"Cause : 00800010\n"
		"BadVA : 6b6b6b8f\n"
		"PrId  : 0000cd54 (Ingenic JZRISC)\n"
		"Process swapper (pid: 0, threadinfo=803ac000, task=803ae000, tls=00000000)\n"
		"Stack : 00000000 81eb2000 81d90ec0 81c5d800 00000001 801e0f2c 81eb2000 81eb20a8\n"
		"        ...\n"
		"Call Trace:\n"
		"[<801d1480>] usb_hcd_giveback_urb+0x2c/0xe4\n"
		"[<801e0f2c>] jz_hcd_complete+0x1a4/0x2d0\n"
		"[<80032ad8>] tasklet_action+0x98/0x124\n"
		"[<80032f30>] __do_softirq+0x90/0x12c\n"
		"[<8003302c>] do_softirq+0x60/0x68\n"
		"[<80020c84>] ret_from_irq+0x0/0x4\n"
		"[<80020e80>] cpu_idle+0x38/0x58\n"
		"Code: afb20018  afb10014  8c920008 <8e420024> 00a08821  2442ffff  ae420024  8c830050  8c650010 \n"
		"Disabling lock debugging due to kernel taint\n"
		"Kernel panic - not syncing: Fatal exception in interrupt\n",
	  .kind = OD_KIND_ALIGNMENT, .subkind = NULL, .arch = "mips", .pc = "usb_hcd_giveback_urb", .guilty = "usb_hcd_giveback_urb",
	  .frames = 8, .reg = "badva", .value = 0x6b6b6b8f, .address = 0x6b6b6b8f, .error = 0x4,
	  .access = NULL, .ncode = 36, .trap = 12 },
	{ .name = "loongarch_paging",
	  .text =
		"CPU 2 Unable to handle kernel paging request at virtual address 0000000000000030, era == ffff800002064154, ra == ffff800002064148\n"
		"Oops[#1]:\n"
		"CPU: 2 PID: 933 Comm: fanctl Tainted: G           OE      6.6.30-la64 #1\n"
		"pc ffff800002064154 ra ffff800002064148 tp 900000010bb24000 sp 900000010bb27cb0\n"
		"a0 0000000000000000 a1 900000010a3f2000 a2 0000000000000002 a3 900000010bb27d10\n"
		"a4 0000000000000000 a5 0000000000000000 a6 0000000000000000 a7 0000000000000000\n"
		"t0 0000000000000064 t1 0000000000000000 t2 0000000000000000 t3 0000000000000001\n"
		"t4 0000000000000000 t5 0000000000000000 t6 0000000000000000 t7 0000000000000000\n"
		"t8 0000000000000000 u0 ffff800002066000 s9 00007ffffbb5a3e0 s0 9000000100b1f400\n"
		"s1 0000000000000002 s2 900000010a3f2000 s3 900000010bb27e10 s4 9000000106ab4c00\n"
		"s5 9000000106ab4c10 s6 0000000000000000 s7 0000000120014040 s8 0000000000000002\n"
		"   ra: ffff800002064148 fan_pwm_store+0x38/0xb8 [ec_fan]\n"
		"  ERA: ffff800002064154 fan_pwm_store+0x44/0xb8 [ec_fan]\n"
		" CRMD: 000000b0 (PLV0 -IE -DA +PG DACF=CC DACM=CC -WE)\n"
		" PRMD: 00000004 (PPLV0 +PIE -PWE)\n"
		" EUEN: 00000000 (-FPE -SXE -ASXE -BTE)\n"
		" ECFG: 00071c1d (LIE=0,2-4,10-12 VS=7)\n"
		"ESTAT: 00020000 [PIS] (IS= ECode=2 EsubCode=0)\n"
		" BADV: 0000000000000030\n"
		" PRID: 0014c011 (Loongson-64bit, Loongson-3A5000)\n"
		"Process fanctl (pid: 933, threadinfo=00000000c94d2e3a, task=0000000041d5e5b0)\n"
		"Stack : 0000000000000002 9000000106ab4c00 0000000000000002 90000000033a2af8\n"
		"        900000010bb27e10 9000000003039f4c 9000000106ab4c10 0000000000000002\n"
		"        ...\n"
		"Call Trace:\n"
		"[<ffff800002064154>] fan_pwm_store+0x44/0xb8 [ec_fan]\n"
		"[<90000000033a2af8>] dev_attr_store+0x20/0x40\n"
		"[<9000000003039f4c>] kernfs_fop_write_iter+0x114/0x1b0\n"
		"[<9000000002f3d9d0>] vfs_write+0x1f8/0x400\n"
		"[<9000000002f3dd98>] ksys_write+0x78/0x128\n"
		"[<90000000037c28d8>] do_syscall+0x78/0xa0\n"
		"[<9000000002b217d8>] handle_syscall+0xb8/0x158\n"
		"Code: 0010dc05  57fdd3ff  28c10284 <29804099> 03400000  2980c0ac  28c02061  28c00076  0012909c \n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "loongarch", .pc = "fan_pwm_store", .guilty = "fan_pwm_store",
	  .frames = 8, .reg = "s8", .value = 0x2, .address = 0x30, .error = 0x2,
	  .access = "write", .ncode = 36, .trap = 12 },
	{ .name = "loongarch_61",
	  .text =
		"Oops - BUG[#1]:\n"
		"CPU: 0 PID: 411 Comm: systemd-udevd Not tainted 6.1.0-rc4 #12\n"
		"$ 0   : 0000000000000000 9000000000c8e53c 9000000105db0000 9000000105db3a60\n"
		"$ 4   : 0000000000000001 0000000000000002 0000000000000000 0000000000000000\n"
		"$ 8   : 0000000000000000 0000000000000000 0000000000000001 0000000000000000\n"
		"$12   : 00000000000000b4 0000000000000000 0000000000000000 0000000000000000\n"
		"$16   : 0000000000000000 0000000000000000 0000000000000000 0000000000000000\n"
		"$20   : 0000000000000000 0000000000000000 9000000105db3a90 90000001040d4000\n"
		"$24   : 0000000000000000 90000001040d4010 0000000000000000 0000000000000000\n"
		"$28   : 0000000000000000 0000000000000000 0000000000000000 0000000000000000\n"
		"era   : 9000000000c8e550 ls7a_spi_setup+0x70/0xd0\n"
		"ra    : 9000000000c8e53c ls7a_spi_setup+0x5c/0xd0\n"
		"CSR crmd: 000000b0\t\n"
		"CSR prmd: 00000004\t\n"
		"CSR euen: 00000000\t\n"
		"CSR ecfg: 00071c1c\t\n"
		"CSR estat: 000c0000\t\n"
		"ExcCode : c (SubCode 0)\n"
		"PrId  : 0014c010 (Loongson-64bit)\n"
		"Process systemd-udevd (pid: 411, threadinfo=0000000012a4b6fc, task=00000000e3b7d32a)\n"
		"Stack : 9000000105db3ab0 90000001040d4000 0000000000000000 9000000000c8e7d4\n"
		"        ...\n"
		"Call Trace:\n"
		"[<9000000000c8e550>] ls7a_spi_setup+0x70/0xd0\n"
		"[<9000000000c8e7d4>] ls7a_spi_probe+0x154/0x2c0\n"
		"[<9000000000b7b0d8>] platform_probe+0x58/0xc0\n"
		"[<9000000000b784d4>] really_probe+0xb4/0x3a0\n"
		"[<9000000000b78c20>] __driver_attach+0xb8/0x1c0\n"
		"[<9000000000240b40>] do_one_initcall+0x60/0x230\n"
		"Code: 02810063  4c000020  002a0001 <002a0001> 02bffc06  53ffb3ff  002a0001  02810063  4c000020 \n",
	  .kind = OD_KIND_KERNEL_BUG, .subkind = NULL, .arch = "loongarch", .pc = "ls7a_spi_setup", .guilty = "ls7a_spi_setup",
	  .frames = 7, .reg = "ecfg", .value = 0x71c1c, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 36, .trap = 12 },
	{ .name = "loongarch_ale",
	  .text =
		"Kernel ale access[#1]:\n"
		"CPU: 7 UID: 0 PID: 1208 Comm: modprobe Tainted: G           O       6.12.21 #3\n"
		"pc ffff800002a980a4 ra ffff800002a98088 tp 900000012d3a8000 sp 900000012d3abb10\n"
		"a0 900000011ec33001 a1 0000000000000000 a2 0000000000000100 a3 0000000000000000\n"
		"a4 0000000000000000 a5 0000000000000000 a6 0000000000000000 a7 0000000000000000\n"
		"t0 0000000000000010 t1 0000000000000000 t2 0000000000000000 t3 0000000000000000\n"
		"t4 0000000000000000 t5 0000000000000000 t6 0000000000000000 t7 0000000000000000\n"
		"t8 0000000000000000 u0 0000000000000000 s9 0000000000000000 s0 900000011ec33001\n"
		"s1 ffff800002a9a000 s2 0000000000000000 s3 0000000000000000 s4 0000000000000000\n"
		"s5 0000000000000000 s6 0000000000000000 s7 0000000000000000 s8 0000000000000000\n"
		"   ra: ffff800002a98088 hdr_parse+0x40/0xc0 [fwimg]\n"
		"  ERA: ffff800002a980a4 hdr_parse+0x5c/0xc0 [fwimg]\n"
		" CRMD: 000000b0 (PLV0 -IE -DA +PG DACF=CC DACM=CC -WE)\n"
		" PRMD: 00000004 (PPLV0 +PIE -PWE)\n"
		" EUEN: 00000000 (-FPE -SXE -ASXE -BTE)\n"
		" ECFG: 00071c1d (LIE=0,2-4,10-12 VS=7)\n"
		"ESTAT: 00090000 [ALE] (IS= ECode=9 EsubCode=0)\n"
		" BADV: 900000011ec33005\n"
		" PRID: 0014d010 (Loongson-64bit, Loongson-3C6000/D)\n"
		"Process modprobe (pid: 1208, threadinfo=000000004d1e8f7e, task=00000000c0ffee42)\n"
		"Stack : ffff800002a9a000 900000011ec33001 0000000000000000 ffff800002a98140\n"
		"        ...\n"
		"Call Trace:\n"
		"[<ffff800002a980a4>] hdr_parse+0x5c/0xc0 [fwimg]\n"
		"[<ffff800002a98140>] fwimg_init+0x38/0x1000 [fwimg]\n"
		"[<9000000003801ca4>] do_one_initcall+0x74/0x1f0\n"
		"[<9000000004b3d0e0>] do_syscall+0x78/0xa0\n"
		"[<9000000003801718>] handle_syscall+0xb8/0x158\n"
		"Code: 28c00077  00150017  02c02063 <28c012ec> 0010b18c  29c002ec  28c02061  28c00076  02c04063 \n",
	  .kind = OD_KIND_ALIGNMENT, .subkind = NULL, .arch = "loongarch", .pc = "hdr_parse", .guilty = "hdr_parse",
	  .frames = 6, .reg = "u0", .value = 0x0, .address = 0x900000011ec33005, .error = 0x9,
	  .access = NULL, .ncode = 36, .trap = 12 },
	{ .name = "i386_6x",
	  .text =
		"BUG: kernel NULL pointer dereference, address: 00000014\n"
		"#PF: supervisor read access in kernel mode\n"
		"#PF: error_code(0x0000) - not-present page\n"
		"*pdpt = 0000000003e0c001 *pde = 0000000000000000 \n"
		"Oops: 0000 [#1] PREEMPT SMP\n"
		"CPU: 0 PID: 402 Comm: modprobe Tainted: G           OE      6.1.0-18-686-pae #1  Debian 6.1.76-1\n"
		"EIP: rtc_cfg_read+0x1b/0x60 [rtcx]\n"
		"Code: 00 00 90 3e 8d 74 26 00 55 89 e5 57 56 53 83 ec 08 89 45 f0 8b 5a 04 8b 43 10 <8b> 70 14 89 75 ec 85 f6 74 1b 8b 45 f0 e8 11 2c 3a\n"
		"EAX: 00000000 EBX: c3d0aa80 ECX: 00000001 EDX: c3e15ec4\n"
		"ESI: f7d5b014 EDI: c3e15ec4 EBP: c3e15e9c ESP: c3e15e88\n"
		"DS: 007b ES: 007b FS: 00d8 GS: 0000 SS: 0068 EFLAGS: 00010246\n"
		"CR0: 80050033 CR2: 00000014 CR3: 03e10000 CR4: 000006f0\n"
		"Call Trace:\n"
		" ? __die_body.cold+0x14/0x1b\n"
		" ? page_fault_oops+0x6b/0x130\n"
		" ? kernelmode_fixup_or_oops.constprop.0+0x83/0xe0\n"
		" ? exc_page_fault+0x6b/0x190\n"
		" ? handle_exception+0x133/0x133\n"
		" ? rtc_cfg_read+0x1b/0x60 [rtcx]\n"
		" rtcx_probe+0x64/0x180 [rtcx]\n"
		" platform_probe+0x3e/0x90\n"
		" do_one_initcall+0x43/0x210\n"
		" __ia32_sys_finit_module+0x9c/0xd0\n"
		" do_int80_syscall_32+0x35/0x80\n"
		" entry_INT80_32+0xf0/0xf0\n"
		"EIP: 0xb7ee1092\n"
		"Code: Unable to access opcode bytes at 0xb7ee1068.\n"
		"EAX: ffffffda EBX: 00000003 ECX: 0047d4a8 EDX: 00000000\n"
		"ESI: 01b5e520 EDI: 01b5e3d0 EBP: 00000000 ESP: bfd3a63c\n"
		"DS: 007b ES: 007b FS: 0000 GS: 0033 SS: 007b EFLAGS: 00000292\n"
		"CR2: 0000000000000014\n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "i386", .pc = "rtc_cfg_read", .guilty = "rtc_cfg_read",
	  .frames = 13, .reg = "esp", .value = 0xc3e15e88, .address = 0x14, .error = 0x0,
	  .access = "read", .ncode = 43, .trap = 26 },
	{ .name = "i386_2632",
	  .text =
		"BUG: unable to handle kernel paging request at 6e657474\n"
		"IP: [<f8a2d1f6>] usbx_disconnect+0x46/0xb0 [usbx]\n"
		"*pde = 00000000 \n"
		"Oops: 0002 [#1] SMP \n"
		"last sysfs file: /sys/devices/pci0000:00/0000:00:1d.1/usb3/3-1/idVendor\n"
		"Pid: 132, comm: khubd Tainted: P           (2.6.32-5-686 #1) OptiPlex GX270\n"
		"EIP: 0060:[<f8a2d1f6>] EFLAGS: 00010202 CPU: 0\n"
		"EIP is at usbx_disconnect+0x46/0xb0 [usbx]\n"
		"EAX: 6e657474 EBX: f5d2c000 ECX: 00000000 EDX: 00000001\n"
		"ESI: f5d2c01c EDI: f8a2f0e0 EBP: f6dd9e44 ESP: f6dd9e34\n"
		" DS: 007b ES: 007b FS: 00d8 GS: 0000 SS: 0068\n"
		"Process khubd (pid: 132, ti=f6dd8000 task=f6c9d0c0 task.ti=f6dd8000)\n"
		"Stack:\n"
		" f5d2c01c f5d2c000 f8a2f110 f5d2c000 f6dd9e60 f8034a1d f5d2c000 f8a2f110\n"
		"<0> f5d2c01c f5d2c06c f5d2c01c f6dd9e70 c120a4b6 f5d2c01c f5d2c01c f6dd9e80\n"
		"Call Trace:\n"
		" [<f8034a1d>] ? usb_unbind_interface+0x3b/0xa3 [usbcore]\n"
		" [<c120a4b6>] ? __device_release_driver+0x59/0x9d\n"
		" [<c120a589>] ? device_release_driver+0x15/0x1e\n"
		" [<c1209bd2>] ? bus_remove_device+0x6e/0x7f\n"
		" [<c12085de>] ? device_del+0xe7/0x13c\n"
		" [<f803283f>] ? usb_disable_device+0x5f/0xb7 [usbcore]\n"
		" [<f802e1b2>] ? usb_disconnect+0x7d/0xdd [usbcore]\n"
		" [<f802f2f1>] ? hub_thread+0x4d7/0xd4a [usbcore]\n"
		" [<c104c46d>] ? kthread+0x61/0x66\n"
		" [<c1003d47>] ? kernel_thread_helper+0x7/0x10\n"
		"Code: 83 ec 04 89 c3 8b 80 8c 00 00 00 85 c0 74 3d 8d 73 1c 89 f0 e8 55 60 7d c8 8b 83 90 00 00 00 <c7> 00 00 00 00 00 89 d8 e8 6e fe ff ff 31 d2 \n"
		"EIP: [<f8a2d1f6>] usbx_disconnect+0x46/0xb0 [usbx] SS:ESP 0068:f6dd9e34\n"
		"CR2: 000000006e657474\n",
	  .kind = OD_KIND_PAGE_FAULT, .subkind = NULL, .arch = "i386", .pc = "usbx_disconnect", .guilty = "usbx_disconnect",
	  .frames = 11, .reg = "ss", .value = 0x68, .address = 0x6e657474, .error = 0x2,
	  .access = "write", .ncode = 46, .trap = 31 },
	{ .name = "i386_2618",
	  .text =
		"BUG: unable to handle kernel NULL pointer dereference at virtual address 0000005c\n"
		" printing eip:\n"
		"c02b41d3\n"
		"*pde = 00000000\n"
		"Oops: 0000 [#1]\n"
		"SMP \n"
		"CPU:    0\n"
		"EIP:    0060:[<c02b41d3>]    Not tainted VLI\n"
		"EFLAGS: 00010286   (2.6.18-6-686 #1) \n"
		"EIP is at ip_conntrack_put+0x13/0x60\n"
		"eax: 00000000   ebx: d7a31b80   ecx: 00000000   edx: d7a31b80\n"
		"esi: 0000005c   edi: c03d1f18   ebp: c03d1f10   esp: c03d1ef4\n"
		"ds: 007b   es: 007b   ss: 0068\n"
		"Process swapper (pid: 0, ti=c03d0000 task=c0391580 task.ti=c03d0000)\n"
		"Stack: d7a31b80 c0272a31 d7a31b80 00000000 c0273b19 d7a31b80 00000000 c0422a80 \n"
		"       00000001 c03ce080 0000000a c0126e75 c03ce088 00000046 00000000 00000001 \n"
		"Call Trace:\n"
		" [<c0272a31>] __kfree_skb+0xa1/0x100\n"
		" [<c0273b19>] net_tx_action+0x49/0x110\n"
		" [<c0126e75>] __do_softirq+0x55/0xb0\n"
		" [<c0126f0b>] do_softirq+0x3b/0x42\n"
		" [<c0105a4e>] do_IRQ+0x1e/0x30\n"
		" [<c0103eba>] common_interrupt+0x1a/0x20\n"
		" [<c0101d69>] default_idle+0x59/0x60\n"
		" [<c0101e1f>] cpu_idle+0x9f/0xb9\n"
		" [<c03d2790>] start_kernel+0x320/0x3b0\n"
		"Code: 90 90 90 90 90 90 90 90 90 90 90 90 90 56 53 89 c3 8b 40 04 <8b> 70 5c f0 ff 0b 0f 94 c0 84 c0 75 08 5b 5e c3 \n"
		"EIP: [<c02b41d3>] ip_conntrack_put+0x13/0x60 SS:ESP 0068:c03d1ef4\n"
		" <0>Kernel panic - not syncing: Fatal exception in interrupt\n",
	  .kind = OD_KIND_NULL_DEREF, .subkind = NULL, .arch = "i386", .pc = "ip_conntrack_put", .guilty = "ip_conntrack_put",
	  .frames = 10, .reg = "eflags", .value = 0x10286, .address = 0x5c, .error = 0x0,
	  .access = "read", .ncode = 36, .trap = 20 },
	{ .name = "arm64_head_lost",
	  .text =
		"Internal error: Oops: 96000045 [#1] PREEMPT SMP\n"
		"pc : f1+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f1+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_PAGE_FAULT, .subkind = NULL, .arch = "arm64", .pc = "f1", .guilty = "f1",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = 0x96000045,
	  .access = "write", .ncode = 0, .trap = -1 },
	{ .name = "arm64_ubsan",
	  .text =
		"Internal error: UBSAN: array index out of bounds: 00000000f2005512 [#1] PREEMPT SMP\n"
		"pc : f2+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f2+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_UBSAN, .subkind = "array-index-out-of-bounds", .arch = "arm64", .pc = "f2", .guilty = "f2",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_bti",
	  .text =
		"Internal error: Oops - BTI: 0000000034000002 [#1] PREEMPT SMP\n"
		"pc : f3+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f3+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_CFI, .subkind = "bti", .arch = "arm64", .pc = "f3", .guilty = "f3",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_cfi",
	  .text =
		"CFI failure at f4+0x10/0x20 [foo] (target: g+0x0/0x10; expected type: 0x12345678)\n"
		"Internal error: Oops - CFI: 00000000f2008228 [#1] PREEMPT SMP\n"
		"pc : f4+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f4+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_CFI, .subkind = NULL, .arch = "arm64", .pc = "f4", .guilty = "f4",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_kasan",
	  .text =
		"Internal error: Oops - KASAN: 00000000f2000920 [#1] SMP\n"
		"pc : f5+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f5+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_KASAN, .subkind = "tag-fault", .arch = "arm64", .pc = "f5", .guilty = "f5",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_undefined",
	  .text =
		"Internal error: Oops - Undefined instruction: 0000000002000000 [#1] SMP\n"
		"pc : f6+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f6+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_TRAP, .subkind = "undefined-instruction", .arch = "arm64", .pc = "f6", .guilty = "f6",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = 0x2000000,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_external_abort",
	  .text =
		"Internal error: synchronous external abort: 0000000096000210 [#1] SMP\n"
		"pc : f7+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f7+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_TRAP, .subkind = "synchronous-external-abort", .arch = "arm64", .pc = "f7", .guilty = "f7",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = 0x96000210,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_bad_mode",
	  .text =
		"Bad mode in Error handler detected on CPU2, code 0xbf000000 -- SError\n"
		"Internal error: Oops - bad mode: 0 [#1] PREEMPT SMP\n"
		"pc : f8+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f8+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n",
	  .kind = OD_KIND_TRAP, .subkind = "bad-mode", .arch = "arm64", .pc = "f8", .guilty = "f8",
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = 0xbf000000,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_serror",
	  .text =
		"SError Interrupt on CPU0, code 0x00000000be000411 -- SError\n"
		"pc : f9+0x10/0x20 [foo]\n"
		"lr : caller+0x30/0x40 [foo]\n"
		"Call trace:\n"
		" f9+0x10/0x20 [foo]\n"
		" caller+0x30/0x40 [foo]\n"
		"Kernel panic - not syncing: Asynchronous SError Interrupt\n",
	  .kind = OD_KIND_MACHINE_CHECK, .subkind = "serror", .arch = "arm64", .pc = "f9", .guilty = NULL,
	  .frames = 3, .reg = NULL, .value = 0x0, .address = NONE, .error = 0xbe000411,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_stack",
	  .text =
		"Insufficient stack space to handle exception!\n"
		"ESR: 0x0000000096000047 -- DABT (current EL)\n"
		"FAR: 0xffff80000b23fff0\n"
		"Task stack:     [0xffff80000b240000..0xffff80000b244000]\n"
		"pc : recurse+0x4/0x50 [deep]\n"
		"lr : recurse+0x2c/0x50 [deep]\n"
		"Kernel panic - not syncing: kernel stack overflow\n"
		"Call trace:\n"
		" dump_backtrace+0xe4/0xf0\n"
		" panic+0x184/0x360\n"
		" handle_bad_stack+0x34/0x60\n"
		" recurse+0x4/0x50 [deep]\n",
	  .kind = OD_KIND_STACK_GUARD, .subkind = NULL, .arch = "arm64", .pc = "recurse", .guilty = "recurse",
	  .frames = 5, .reg = NULL, .value = 0x0, .address = 0xffff80000b23fff0, .error = 0x96000047,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "arm64_execute",
	  .text =
		"Unable to handle kernel execute from non-executable memory at virtual address ffff000012345678\n"
		"Internal error: Oops: 8600000e [#2] PREEMPT SMP\n"
		"pc : 0xffff000012345678\n"
		"lr : jumper+0x10/0x20 [foo]\n"
		"Call trace:\n"
		" 0xffff000012345678\n"
		" upper+0x10/0x20 [foo]\n",
	  .kind = OD_KIND_PAGE_FAULT, .subkind = NULL, .arch = "arm64", .pc = NULL, .guilty = "jumper",
	  .frames = 4, .reg = NULL, .value = 0x0, .address = 0xffff000012345678, .error = 0x8600000e,
	  .access = "fetch", .ncode = 0, .trap = -1 },
	{ .name = "power_stack",
	  .text =
		"Oops: Kernel stack overflow, sig: 6 [#1]\n"
		"LE PAGE_SIZE=64K MMU=Hash SMP NR_CPUS=2048 NUMA pSeries\n"
		"NIP [c000000000a1b2c4] deep+0x14/0x80\n"
		"Call Trace:\n"
		"[c00000000f003fa0] [c000000000a1b310] deep+0x60/0x80\n",
	  .kind = OD_KIND_STACK_GUARD, .subkind = NULL, .arch = "powerpc", .pc = "deep", .guilty = "deep",
	  .frames = 2, .reg = NULL, .value = 0x0, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "s390_illegal",
	  .text =
		"illegal operation: 0001 ilc:1 [#1] PREEMPT SMP \n"
		"Krnl PSW : 0704e00180000000 0000000000000002 (0x2)\n"
		"Krnl GPRS: 0000000000000000 0000000000000001 0000000000000002 0000000000000003\n"
		"Call Trace:\n"
		"([<000000000010a2ca>] jumper+0x12/0x34)\n"
		" [<000000000010b2ca>] upper+0x12/0x34\n",
	  .kind = OD_KIND_TRAP, .subkind = "illegal-operation", .arch = "s390", .pc = NULL, .guilty = "upper",
	  .frames = 3, .reg = "r3", .value = 0x3, .address = NONE, .error = 0x1,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "mips_break",
	  .text =
		"Break instruction in kernel code[#3]:\n"
		"epc   : 80123456 f10+0x16/0x40\n"
		"Call Trace:\n"
		"[<80123456>] f10+0x16/0x40\n",
	  .kind = OD_KIND_TRAP, .subkind = "break-instruction-in-kernel-code", .arch = "mips", .pc = "f10", .guilty = "f10",
	  .frames = 2, .reg = NULL, .value = 0x0, .address = NONE, .error = NONE,
	  .access = NULL, .ncode = 0, .trap = -1 },
	{ .name = "riscv_illegal",
	  .text =
		"Oops - illegal instruction [#1]\n"
		"epc : f11+0x16/0x40\n"
		" ra : f12+0x6/0x40\n"
		"epc : ffffffff80123456 ra : ffffffff80123000 sp : ff20000000000000\n"
		"status: 0000000200000120 badaddr: 0000000000000000 cause: 0000000000000002\n"
		"[<ffffffff80123456>] f11+0x16/0x40\n",
	  .kind = OD_KIND_TRAP, .subkind = "illegal-instruction", .arch = "riscv", .pc = "f11", .guilty = "f11",
	  .frames = 2, .reg = NULL, .value = 0x0, .address = NONE, .error = 0x2,
	  .access = NULL, .ncode = 0, .trap = -1 },
};
enum { NCASES = sizeof(cases) / sizeof(*cases) };

struct got {
	struct od_report *reports[8];
	unsigned n;
};

static void on_record(void *ctx, const struct od_record *rec, bool part)
{
	(void)ctx;
	(void)rec;
	(void)part;
}

static void on_report(void *ctx, struct od_report *rep)
{
	struct got *got = ctx;

	assert_true(got->n < 8);
	od_analyze_report(rep, NULL);
	got->reports[got->n++] = rep;
}

static void on_note(void *ctx, uint32_t lineno, const char *text)
{
	(void)ctx;
	(void)lineno;
	(void)text;
}

/* Each line in memory of its own, so that reading past its end is seen. */
static void feed(struct got *got, const char *text, size_t len)
{
	const struct od_text_ops ops = { on_record, on_report, on_note, got };
	struct od_text *t = od_text_create(&ops);
	uint32_t lineno = 0;

	got->n = 0;
	for (const char *end = text + len, *nl; text < end; text = nl + 1) {
		struct od_line line = { .lineno = ++lineno };
		char *copy;

		nl = memchr(text, '\n', (size_t)(end - text));
		if (!nl)
			nl = end;
		line.len = (uint32_t)(nl - text);
		copy = od_malloc(line.len);
		memcpy(copy, text, line.len);
		line.text = copy;
		od_text_line(t, &line);
		free(copy);
	}
	od_text_finish(t);
	od_text_destroy(t);
}

static void release(struct got *got)
{
	for (unsigned i = 0; i < got->n; i++)
		od_report_destroy(got->reports[i]);
	got->n = 0;
}

static void assert_same(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void test_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < NCASES; i++) {
		const struct od_report *rep;
		const struct od_register *reg;
		struct got got;

		print_message("%s\n", cases[i].name);
		feed(&got, cases[i].text, strlen(cases[i].text));
		assert_int_equal(got.n, 1);
		rep = got.reports[0];
		assert_string_equal(od_kind_name(rep->kind), od_kind_name(cases[i].kind));
		assert_same(rep->subkind, cases[i].subkind);
		assert_same(rep->arch, cases[i].arch);
		assert_non_null(od_report_pc(rep));
		assert_same(od_report_pc(rep)->symbol, cases[i].pc);
		assert_same(rep->guilty_function, cases[i].guilty);
		assert_int_equal(rep->nstacks, 1);
		assert_int_equal(rep->stacks[0].nframes, cases[i].frames);
		if (cases[i].reg) {
			reg = od_report_register(rep, cases[i].reg);
			assert_non_null(reg);
			assert_true(reg->value == cases[i].value);
		}
		assert_int_equal(rep->has_fault_address, cases[i].address != NONE);
		assert_true(cases[i].address == NONE || rep->fault_address == cases[i].address);
		assert_int_equal(rep->has_error_code, cases[i].error != NONE);
		assert_true(cases[i].error == NONE || rep->error_code == cases[i].error);
		assert_same(rep->fault_access, cases[i].access);
		assert_int_equal(rep->ncode, cases[i].ncode);
		if (rep->ncode)
			assert_int_equal(rep->code_trap, cases[i].trap);
		release(&got);
	}
}

/* Every prefix: nothing is read beyond its end, and there is one incident at most. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < NCASES; i++) {
		for (size_t n = 0; n < strlen(cases[i].text); n++) {
			struct got got;

			feed(&got, cases[i].text, n);
			assert_true(got.n <= 1);
			release(&got);
		}
	}
}

/* Faults of user space, and lines that only look like those of a crash. */
static void test_none(void **state)
{
	static const char *const texts[] = {
		"8<--- cut here ---\nUnhandled fault: alignment exception (0x001) at 0xb6f5a001\n",
		"Unhandled fault: alignment exception (0x001) at 0xb6f5a001\n",
		"test[123]: unhandled exception: DABT (lower EL), ESR 0x92000006, level 2 translation fault\n"
		"pstate: 60001000 (nZCv daif -PAN -UAO -TCO -DIT +SSBS BTYPE=--)\n"
		"pc : 0000aaaac1d20750\nlr : 0000ffff9b1a0e18\nsp : 0000ffffe5f0f7c0\n",
		"User process fault: interruption code 003b ilc:3 in test[aa3b400000+1000]\n"
		"Failing address: 0000000000000000 TEID: 0000000000000800\n"
		"User PSW : 0705000180000000 000002aa3b4006a2\n",
		"usb 1-1: Unable to handle kernel driver\n",
		"foo: Internal error: 5 [#1]\n",
		"module: array[#2]: bad\n",
		"pc : the program counter\nsp : the stack\nra : nothing\nNIP: no\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct got got;

		print_message("%s", texts[i]);
		feed(&got, texts[i], strlen(texts[i]));
		assert_int_equal(got.n, 0);
	}
}

/* Interrupted code inside of a trace, and frames of a WARNING without a heading. */
static void test_warning(void **state)
{
	static const char text[] =
		"WARNING: CPU: 1 PID: 55 at drivers/gpu/x.c:12 x_warn+0x24/0x40 [xgpu]\n"
		"CPU: 1 PID: 55 Comm: t Not tainted 6.1.0 #1\n"
		" unwind_backtrace from show_stack+0x10/0x14\n"
		" show_stack from __warn+0x7c/0x178\n"
		" __warn from warn_slowpath_fmt+0xd8/0x178\n"
		" warn_slowpath_fmt from x_warn+0x24/0x40 [xgpu]\n"
		" x_warn [xgpu] from x_probe+0x80/0x100 [xgpu]\n"
		"---[ end trace 0000000000000000 ]---\n";
	struct got got;

	(void)state;
	feed(&got, text, strlen(text));
	assert_int_equal(got.n, 1);
	assert_string_equal(got.reports[0]->guilty_function, "x_warn");
	assert_string_equal(got.reports[0]->arch, "arm");
	assert_int_equal(got.reports[0]->stacks[0].nframes, 7);
	release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
