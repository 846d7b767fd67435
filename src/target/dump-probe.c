/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the first bytes of a file are, as far as dumps go: magic numbers are rows. */
#include "config.h"
#include "target/dump-internal.h"

enum { RAM_VECTORS = 32, SWAP_SIGNATURE = 4086 };

#define MAGIC(s) s, sizeof(s) - 1

/* Formats that libkdumpfile 0.5.1 reads (its lkcd.c, s390dump.c, sadump.c, diskdump.c). */
#ifdef KDUMPFILE_SONAME
static const struct {
	const char *magic;
	size_t len;
	const char *name;
} foreign[] = {
	{ MAGIC("\xed\x23\x8f\x61\x73\x01\x19\xa8"), "LKCD dump" },
	{ MAGIC("\xa8\x19\x01\x73\x61\x8f\x23\xed"), "LKCD dump" },
	{ MAGIC("\xa8\x19\x01\x73\x61\x8f\x23\xfd"), "s390 stand-alone dump" },
	{ MAGIC("sadump\0\0"), "sadump" },
	{ MAGIC("DISKDUMP"), "diskdump" },
};
#endif

#define VMWARE                                                                                     \
	"a VMware snapshot or suspended machine; convert it together with its .vmem file: "        \
	"vmss2core -N6 NAME.vmss NAME.vmem writes vmss.core"
#define SAVED                                                                                      \
	"the saved state of a virtual machine, not a dump of its memory: let it run and take one with " \
	"virsh dump --memory-only --format=kdump-zlib DOMAIN FILE"
#define HIBERNATED                                                                                 \
	"a swap area with a hibernation image: it is memory, but no dump; boot from it to resume, then echo c " \
	"> /proc/sysrq-trigger with kdump set up, or take a dump with the hypervisor"
#define WINDOWS "a memory dump of Windows: there is no Linux kernel in it; WinDbg reads it"

static const struct {
	uint32_t at;
	const char *magic;
	size_t len;
	const char *advice;
} advices[] = {
	{ 0, MAGIC("\xd0\xbe\xd0\xbe"), VMWARE }, /* as crash's vmware_vmss.h lists them */
	{ 0, MAGIC("\xd2\xbe\xd2\xbe"), VMWARE },
	{ 0, MAGIC("\xd3\xbe\xd3\xbe"), VMWARE },
	{ 0, MAGIC("\xd0\xbe\xd2\xbe"), VMWARE }, /* as Workstation writes them */
	{ 0, MAGIC("\xd1\xba\xd1\xba"), VMWARE },
	{ 0, MAGIC("\xd2\xba\xd2\xba"), VMWARE },
	{ 0, MAGIC("\177VirtualBox SavedState"),
	  "a saved state of VirtualBox; let the machine run and take a dump: "
	  "VBoxManage debugvm NAME dumpvmcore --filename=FILE" },
	{ 0, MAGIC("LibvirtQemudSave"), SAVED },
	{ 0, MAGIC("LibvirtQemudPart"), SAVED },
	{ 0, MAGIC("QEVM"), SAVED },
	{ 0, MAGIC("LinuxGuestRecord"),
	  "the saved state of a Xen domain, not a dump of its memory: take one with xl dump-core DOMAIN FILE" },
	{ 0, MAGIC("EMiL"),
	  "memory taken by LiME; make raw memory of it, or take a dump with kdump or the hypervisor: "
	  "this format tells nothing of the kernel" },
	{ 0, MAGIC("AVML"),
	  "memory taken by AVML; avml-convert --source-format lime_compressed --format raw makes raw memory of it, "
	  "but a dump by kdump or the hypervisor is needed here" },
	{ SWAP_SIGNATURE, MAGIC("S1SUSPEND"), HIBERNATED },
	{ SWAP_SIGNATURE, MAGIC("S2SUSPEND"), HIBERNATED },
	{ SWAP_SIGNATURE, MAGIC("ULSUSPEND"), HIBERNATED },
	{ SWAP_SIGNATURE, MAGIC("LINHIB0001"), HIBERNATED },
	{ 0, MAGIC("PAGEDUMP"), WINDOWS },
	{ 0, MAGIC("PAGEDU64"), WINDOWS },
	{ 0, MAGIC("MDMP"), WINDOWS },
	{ 0, MAGIC("hibr"), WINDOWS },
	{ 0, MAGIC("HIBR"), WINDOWS },
};

const char *od_dump_probe(const void *head, size_t len)
{
	if (od_flat_is(head, len))
		return "flattened dump";
	if (od_dump_is_kdump(head, len))
		return "kdump-compressed";
	if (od_dump_is_elf(head, len))
		return "ELF core";
#ifdef KDUMPFILE_SONAME
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (len >= foreign[i].len && !memcmp(head, foreign[i].magic, foreign[i].len))
			return foreign[i].name;
#endif
	return NULL;
}

/*
 * Memory of a PC from address 0 on begins with the interrupt vectors of its firmware: most point into the
 * BIOS, segment f000 (or c000, that of the graphics card).
 */
static bool is_ram(const uint8_t *p, size_t len)
{
	unsigned bios = 0, all = 0;

	if (len < RAM_VECTORS * 4)
		return false;
	for (unsigned i = 0; i < RAM_VECTORS; i++) {
		uint64_t segment = od_get(p + 4 * i + 2, 2, false);

		bios += segment == 0xf000;
		all += segment == 0xf000 || segment == 0xc000;
	}
	return bios >= RAM_VECTORS / 2 && all >= RAM_VECTORS - 4;
}

const char *od_dump_advice(const void *head, size_t len)
{
	const char *p = head;

	if (od_dump_probe(head, len))
		return NULL;
	for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		if (len >= advices[i].at + advices[i].len &&
		    !memcmp(p + advices[i].at, advices[i].magic, advices[i].len))
			return advices[i].advice;
	if (is_ram(head, len))
		return "raw memory of a machine (a .vmem of VMware, a .bin of Hyper-V, pmemsave of QEMU), which "
		       "does not say what is where: VMware: vmss2core -N6 NAME.vmss NAME.vmem; Hyper-V: vm2core of "
		       "the whole saved state; QEMU: dump-guest-memory FILE in its place";
	return NULL;
}
