/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GPFS, now IBM Storage Scale. Its portability layer is compiled on the customer's machine, so
 * one can build it for another kernel than it runs on; then it frees what it must not.
 */
#include "gpfs.h"

#define ID_KFREE "gpfs/kfree-constant-xattr-name"
#define START_MAP 0xffffffff80000000ull

bool gpfs_owns(const struct od_plugin_frame *f)
{
	return same(f->module, "mmfs26") || same(f->module, "mmfslinux") ||
	       same(f->module, "tracedev");
}

/* Everything that the report says of the bad kfree. */
struct crash {
	struct gpfs_release rel;
	struct od_plugin_frame pc, cleanup, creator;
	struct od_plugin_register rdi, rbx, r13, rax, rdx, r11;
	bool has_pc, has_creator, has_rdi, has_rbx, has_r13, has_rax, has_rdx, has_r11;
	uint32_t cleanup_at, creator_at;
	struct od_plugin_register object; /* what was freed */
	bool has_object;
	struct od_plugin_pointer where;
	bool constant;	   /* the object is in the core image */
	bool contradicted; /* it is memory of a kind that kfree() may well take */
	bool caller_known; /* r13 is the return address into the cleanup */
	bool page_fits;	   /* r11 is the struct page of the object */
	bool flags_fit;	   /* rax, its flags word, says why kfree() gave up */
	struct od_plugin_page page;
	unsigned wrong_env;
	int score;
};

static bool is_free(const char *fn)
{
	return same(fn, "kfree") || same(fn, "free_large_kmalloc") || same(fn, "free_nonslab_page");
}

/* BUG in mm/slub.c with the pc in kfree, or the WARNING that later kernels print instead. */
static bool is_bad_kfree(const struct ctx *c, struct crash *k)
{
	struct od_plugin_record rec;

	k->has_pc = frame_at(c, 0, 0, &k->pc) && (k->pc.flags & OD_PFRAME_PC);
	if (k->has_pc && !is_free(k->pc.function))
		return false;
	if (has(c->info.bug_file, "slub.c") || has(c->info.bug_file, "slab_common.c"))
		return true;
	return k->has_pc && (find_record(c, "kernel BUG at mm/slub.c:", &rec) ||
			     find_record(c, "object pointer: 0x", &rec));
}

static bool find_cleanup(const struct ctx *c, struct crash *k)
{
	k->cleanup_at = k->has_pc;
	if (!find_caller(c, &k->cleanup_at, &k->cleanup) ||
	    !same(k->cleanup.function, "cxiInitInodeSecurityCleanup") ||
	    (k->cleanup.module && !gpfs_owns(&k->cleanup)))
		return false;
	k->creator_at = k->cleanup_at + 1;
	k->has_creator = find_caller(c, &k->creator_at, &k->creator) &&
			 same(k->creator.function, "newInodeInitLinux");
	return true;
}

static void read_registers(const struct ctx *c, struct crash *k)
{
	/* free_large_kmalloc(folio, object) has the object in rsi. */
	k->has_rdi = reg(c, k->has_pc && same(k->pc.function, "free_large_kmalloc") ? "rsi" : "rdi",
			 &k->rdi);
	k->has_rbx = reg(c, "rbx", &k->rbx);
	k->has_r13 = reg(c, "r13", &k->r13);
	k->has_rax = reg(c, "rax", &k->rax);
	k->has_rdx = reg(c, "rdx", &k->rdx);
	k->has_r11 = reg(c, "r11", &k->r11);
	/* kfree() keeps its argument in rdi and a copy in rbx; either may be overwritten. */
	k->has_object = k->has_rdi || k->has_rbx;
	k->object = k->has_rdi ? k->rdi : k->rbx;
	if (k->has_rdi && k->has_rbx && k->rdi.value != k->rbx.value &&
	    describe(c, k->rdi.value).region != OD_REGION_KERNEL_IMAGE)
		k->object = k->rbx;
	if (!k->has_object)
		return;
	k->where = describe(c, k->object.value);
	k->constant = k->where.region == OD_REGION_KERNEL_IMAGE;
	k->contradicted = k->where.region == OD_REGION_DIRECT_MAP ||
			  k->where.region == OD_REGION_VMALLOC ||
			  k->where.region == OD_REGION_STACK;
	k->caller_known = k->has_r13 && k->cleanup.address && k->r13.value == k->cleanup.address;
}

/* Index of a page within the 2 MiB that a struct page and an address of it must agree on. */
static unsigned index_of_page(uint64_t page)
{
	return (unsigned)((page & 0x3fffffff) / 64 & 0x1ff);
}

static unsigned index_of_address(uint64_t address)
{
	return (unsigned)(address >> 12 & 0x1ff);
}

/*
 * What rax, rdx and r11 hold there was read from the code of EL7: another kernel may keep anything
 * in them.
 */
static void read_page(const struct ctx *c, struct crash *k)
{
	if (!k->has_object || !k->rel.is_el || k->rel.major != 3)
		return;
	k->page_fits = k->has_r11 && k->r11.value >> 47 == 0x1ffff && k->r11.value % 64 == 0 &&
		       index_of_page(k->r11.value) == index_of_address(k->object.value);
	k->page = (struct od_plugin_page)OD_PLUGIN_INIT(k->page);
	if (!k->has_rax || c->host->page_flags(c->rep, k->rax.value, &k->page) != OD_PLUGIN_OK)
		return;
	k->flags_fit = (k->page.flags & OD_PAGE_KNOWN) &&
		       !(k->page.flags & (OD_PAGE_SLAB | OD_PAGE_HEAD | OD_PAGE_TAIL)) &&
		       (k->page_fits ||
			(k->has_rdx && k->rdx.value == (k->rax.value & ~0x7f00ull)));
}

static void weigh(const struct ctx *c, struct crash *k)
{
	const int constant_name = gpfs_constant_xattr_name(&k->rel);

	k->wrong_env = gpfs_count_wrong_env(c, &k->rel);
	k->score = 55;
	k->score += k->has_pc ? 8 : 0;
	k->score += k->cleanup.module ? 2 : 0;
	k->score += k->constant ? 15 : k->contradicted ? -30 : 0;
	k->score += k->has_creator ? 4 : 0;
	k->score += k->caller_known || k->flags_fit || k->page_fits ? 4 : 0;
	k->score += constant_name == 1 ? 5 : constant_name == 0 ? -20 : 0;
	k->score += k->wrong_env ? 4 : 0;
}

static void say_identity(const struct ctx *c, const struct crash *k)
{
	struct where w = { .stack = 0, .frame = k->has_pc ? 0 : -1 };
	struct od_plugin_record rec;

	if (find_record(c, "kernel BUG at mm/slub.c:", &rec) ||
	    find_record(c, "object pointer: 0x", &rec))
		w.lines[0] = rec.line;
	if (k->has_pc)
		w.lines[w.lines[0] ? 1 : 0] = k->pc.line;
	evidence(c, k->has_pc ? "strong" : "medium", w,
		 "%s%s: its only BUG_ON is the one for memory that is no slab page and no large "
		 "allocation (the line number is not needed for this)",
		 k->has_pc ? "stopped in " : "stopped in mm/slub.c",
		 k->has_pc ? k->pc.function : "");
	w = (struct where){ { k->cleanup.line }, 0, (int32_t)k->cleanup_at, k->cleanup.address };
	evidence(c, "strong", w, "first reliable frame: %s [%s], which frees what the security "
		 "module gave for a new inode", k->cleanup.function,
		 k->cleanup.module ? k->cleanup.module : "module not printed");
	if (k->has_creator) {
		w = (struct where){ { k->creator.line }, 0, (int32_t)k->creator_at,
				    k->creator.address };
		evidence(c, "medium", w, "called by newInodeInitLinux: a file, directory or "
			 "symbolic link was being created; how it came to that does not matter");
	}
}

static void say_pointer(const struct ctx *c, const struct crash *k)
{
	const unsigned long long value = k->object.value;
	const bool both = k->has_rdi && k->has_rbx && k->rdi.value == k->rbx.value;
	struct where w = NOWHERE;

	if (!k->has_object)
		return;
	w.lines[0] = k->object.line;
	w.address = value;
	if (k->constant && (k->where.flags & OD_POINTER_LINK))
		evidence(c, "strong", w, "the freed pointer (%s) 0x%llx lies in the core kernel "
			 "image, link address 0x%llx: a constant, never allocated",
			 both ? "rdi, rbx" : k->object.name, value,
			 (unsigned long long)k->where.link_address);
	else if (k->constant)
		evidence(c, "strong", w, "the freed pointer (%s) 0x%llx lies in the core kernel "
			 "image: a constant, never allocated (no KASLR offset is printed, so no "
			 "link address)", both ? "rdi, rbx" : k->object.name, value);
	else
		evidence(c, "weak", w, "%s 0x%llx, perhaps the freed pointer, is %s: %s",
			 k->object.name, value,
			 k->where.text ? k->where.text : "of unknown kind",
			 k->contradicted ? "that speaks against a constant" :
					   "neither for nor against a constant");
	say_string(c, w, k->object.value, NULL);
	if (k->constant && value % 8)
		evidence(c, "medium", w, "0x%llx is no multiple of 8: kmalloc() never returns such "
			 "an address; a string in the middle of others does have one", value);
	if (k->caller_known) {
		w = (struct where){ { k->r13.line, k->cleanup.line }, 0, (int32_t)k->cleanup_at,
				    k->r13.value };
		evidence(c, "medium", w, "r13 0x%llx, the return address that kfree keeps for its "
			 "tracepoint, is the first frame of the trace: %s is the caller",
			 (unsigned long long)k->r13.value, k->cleanup.function);
	}
}

static void say_page(const struct ctx *c, const struct crash *k)
{
	const uint64_t pfn = (k->r11.value & 0x3fffffff) / 64;
	struct where w = NOWHERE;
	char frame[256] = "";

	if (k->flags_fit) {
		w.lines[0] = k->rax.line;
		evidence(c, "strong", w, "rax 0x%llx is the flags word of its page (%s): neither "
			 "slab nor compound, which is what kfree stops for%s",
			 (unsigned long long)k->rax.value, or_unknown(k->page.text),
			 k->page.flags & OD_PAGE_RESERVED ?
				 "; reserved, as pages of the kernel image are" : "");
	}
	if (k->flags_fit && k->has_rdx && k->rdx.value == (k->rax.value & ~0x7f00ull)) {
		w.lines[0] = k->rdx.line;
		evidence(c, "weak", w, "rdx 0x%llx is the same word after the test for PG_tail",
			 (unsigned long long)k->rdx.value);
	}
	if (!k->page_fits)
		return;
	if (k->constant && (k->object.value - START_MAP) < (pfn << 12) + 4096)
		snprintf(frame, sizeof(frame), "; it implies page frame 0x%llx, physical 0x%llx%s, "
			 "phys_base 0x%llx", (unsigned long long)pfn,
			 (unsigned long long)(pfn << 12),
			 pfn < 0x100000 && (k->page.flags & OD_PAGE_LOCATION) && k->page.zone == 1 ?
				 " (below 4 GiB, as zone DMA32 says)" : "",
			 (unsigned long long)((pfn << 12) + (k->object.value & 0xfff) -
					      (k->object.value - START_MAP)));
	w.lines[0] = k->r11.line;
	w.lines[1] = k->object.line;
	w.address = k->r11.value;
	evidence(c, "medium", w, "r11 0x%llx is the struct page of that pointer: "
		 "((r11 & 0x3fffffff) / 64) & 0x1ff = 0x%x and (pointer >> 12) & 0x1ff = 0x%x%s",
		 (unsigned long long)k->r11.value, index_of_page(k->r11.value),
		 index_of_address(k->object.value), frame);
}

static void say_kernel(const struct ctx *c, const struct crash *k)
{
	const int constant_name = gpfs_constant_xattr_name(&k->rel);

	if (constant_name == 1)
		evidence(c, "medium", NOWHERE, "kernel %s hands out the attribute name as a "
			 "constant (upstream since 3.12; 3.10.0-1017 and 3.10.0-957.19.1 of RHEL 7)",
			 c->info.release);
	else if (constant_name == 0)
		evidence(c, "weak", NOWHERE, "kernel %s still allocates the attribute name for its "
			 "caller to free: this speaks against the cause", c->info.release);
}

static void give_advice(const struct ctx *c, const struct crash *k)
{
	const struct gpfs_release *r = &k->rel;

	advice(c, "Rebuild the portability layer on a machine that runs %s: "
	       "/usr/lpp/mmfs/bin/mmbuildgpl (or make Autoconfig; make World; make InstallImages "
	       "in /usr/lpp/mmfs/src), then unload and reload the modules (mmshutdown; mmstartup).",
	       c->info.release ? c->info.release : "the kernel that crashed");
	if (r->valid && r->is_el)
		advice(c, "Never write /usr/lpp/mmfs/src/config/env.mcr by hand. For %s it must "
		       "hold LINUX_KERNEL_VERSION %llu and LINUX_KERNEL_VERSION_VERBOSE %llu (as "
		       "make Autoconfig of GPFS 5.0.4.1 and later writes them%s).",
		       c->info.release, (unsigned long long)gpfs_version(r),
		       (unsigned long long)gpfs_verbose(r),
		       r->has_r2 ? "" : "; missing parts of the release count as 0, an assumption");
	else
		advice(c, "Never write /usr/lpp/mmfs/src/config/env.mcr by hand; which values it "
		       "must hold for this release is not known here.");
	if (k->has_object)
		advice(c, "To verify with a dump: crash> rd -a 0x%llx prints the freed string, "
		       "expected \"selinux\" or another attribute name; crash> dis "
		       "cxiInitInodeSecurityCleanup shows the kfree() that must not be there.",
		       (unsigned long long)k->object.value);
	else
		advice(c, "To verify with a dump: crash> dis cxiInitInodeSecurityCleanup shows the "
		       "kfree() that must not be there; crash> rd -a on its argument prints the "
		       "attribute name.");
	advice(c, "Do not trust the name of a gpfs.gplbin package: it looks right even if the build "
	       "was for the wrong kernel. Rebuild and reinstall it everywhere.");
}

static void kfree_of_constant(const struct ctx *c)
{
	static const char cause[] =
		"The GPFS portability layer was built with a wrong LINUX_KERNEL_VERSION_VERBOSE (or "
		"for another kernel), so the variant of the inode security hook from before the "
		"attribute name became a constant was compiled in: cxiInitInodeSecurityCleanup() "
		"passes the name that the security module handed out, a string in the kernel's "
		"read-only data, to kfree().";
	struct crash k = { 0 };

	gpfs_parse_release(c->info.release, &k.rel);
	if (!is_bad_kfree(c, &k) || !find_cleanup(c, &k))
		return;
	read_registers(c, &k);
	read_page(c, &k);
	weigh(c, &k);
	if (!finding(c, ID_KFREE, "critical", k.score,
		     "GPFS frees a constant string: its portability layer was built for another "
		     "kernel", cause))
		return;
	say_identity(c, &k);
	say_pointer(c, &k);
	say_page(c, &k);
	say_kernel(c, &k);
	gpfs_judge_env(c, &k.rel);
	give_advice(c, &k);
	c->host->reference(c->rep, "Linux commit 9548906b2bb7 (xattr: Constify ->name member of "
				   "struct xattr), v3.12; in RHEL 7 since 3.10.0-1017");
	c->host->reference(c->rep, "https://www.ibm.com/support/pages/ibm-spectrum-scale-gpfs-"
				   "releases-42313-or-later-and-5022-or-later-have-issues-where-"
				   "kernel-crashes-rhel76-0");
	c->host->reference(c->rep, "gpfsug-discuss, January 2020: Kernel BUG/panic in "
				   "mm/slub.c:3772 on Spectrum Scale Data Access Edition");
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct ctx c;

	if (!ctx_init(&c, host, rep))
		return OD_PLUGIN_INVALID;
	kfree_of_constant(&c);
	gpfs_other_families(&c);
	return OD_PLUGIN_OK;
}

static const char *const interest[] = {
	"LINUX_KERNEL_VERSION",
	"mmfslinux: disagrees about",
	"mmfs26: disagrees about",
	"tracedev: disagrees about",
	"mmfslinux: version magic",
	"mmfs26: version magic",
	"tracedev: version magic",
	NULL,
};

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = "gpfs",
	.version = "1",
	.summary = "GPFS / IBM Storage Scale: bad frees of the portability layer, lockups, asserts",
	.interest = interest,
	.analyze = analyze,
};

PLUGIN_EXPORT const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	(void)host;
	return &plugin;
}
