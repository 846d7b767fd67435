/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: dump-check [-o] FILE...    What the reader makes of a dump, and that it is right: VMCOREINFO's
 * kernel is found at its address. -o: every page, and virtual addresses, must be as libkdumpfile reads
 * them (of formats that it reads).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "symbols/vmcoreinfo.h"
#include "target/dump.h"

#ifdef KDUMPFILE_SONAME
#include <libkdumpfile/kdumpfile.h>
#endif

static unsigned failures;

#define EXPECT(cond, ...)                                                                          \
	do {                                                                                       \
		if (!(cond) && failures++ < 20) {                                                  \
			printf("  not ok: " __VA_ARGS__);                                          \
			putchar('\n');                                                             \
		}                                                                                  \
	} while (0)

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void print_facts(struct od_dump *d)
{
	const struct od_dump_facts *f = od_dump_facts(d);

	printf("  %s, %s%s%s%s%s, %s, release %s, max pfn %llx, %llu pages, level %d, %u CPUs\n", f->format,
	       f->compression ? f->compression : "?", f->flattened ? ", flattened" : "",
	       f->split ? ", split" : "", f->incomplete ? ", incomplete" : "",
	       f->truncated ? ", truncated" : "", f->arch ? f->arch : "?", f->release ? f->release : "?",
	       (unsigned long long)f->max_pfn, (unsigned long long)f->pages, f->dump_level, f->nprstatus);
	for (size_t i = 0; od_dump_note(d, i); i++)
		printf("  note: %s\n", od_dump_note(d, i));
}

/* The kernel's release stands where VMCOREINFO says. */
static void check_uts(struct od_dump *d, const struct od_vmcoreinfo *info)
{
	const char *release = od_vmcoreinfo_release(info);
	char text[65] = "";
	uint64_t uts = 0, name = 4; /* behind a struct kref; told since 5.11 */
	enum od_mem_status st;

	EXPECT(od_vmcoreinfo_symbol(info, "init_uts_ns", &uts), "no init_uts_ns");
	(void)od_vmcoreinfo_offset(info, "uts_namespace.name", &name);
	st = od_mem_string(od_dump_memory(d), uts + name + 2 * 65, text, sizeof(text));
	if (st == OD_MEM_TRUNCATED && (od_dump_facts(d)->truncated || od_dump_facts(d)->incomplete))
		return;
	EXPECT(st == OD_MEM_OK && release && !strcmp(text, release), "init_uts_ns: %s, \"%s\"",
	       od_mem_status_text(st), text);
}

static void every_page(struct od_dump *d)
{
	struct od_memory *mem = od_dump_memory(d);
	uint64_t counts[OD_MEM_UNMAPPED + 1] = { 0 }, max = od_dump_facts(d)->max_pfn;
	uint8_t *page = malloc(mem->page_size);
	double start = now();

	for (uint64_t pfn = 0; pfn < max; pfn++)
		counts[od_mem_phys(mem, pfn * mem->page_size, page, mem->page_size)]++;
	start = now() - start;
	printf("  all pages in %.1f ms (%.0f pages/s):", start, (double)counts[OD_MEM_OK] / start * 1e3);
	for (unsigned i = 0; i <= OD_MEM_UNMAPPED; i++)
		if (counts[i])
			printf(" %llu %s;", (unsigned long long)counts[i], od_mem_status_text(i));
	putchar('\n');
	free(page);
}

#ifdef KDUMPFILE_SONAME
static kdump_ctx_t *open_oracle(struct od_dump *d, const int *fds, unsigned n)
{
	kdump_ctx_t *ctx = kdump_new();

	kdump_set_number_attr(ctx, "file.mmap_policy", KDUMP_MMAP_NEVER);
	/* Of QEMU, without utsname; in an ELF dump 0.5.1 dies of this. */
	if (od_dump_facts(d)->release && !*od_dump_facts(d)->release && od_dump_facts(d)->arch)
		kdump_set_string_attr(ctx, "arch.name", od_dump_facts(d)->arch);
	if (kdump_open_fdset(ctx, n, fds) != KDUMP_OK) {
		printf("  libkdumpfile: %s\n", kdump_get_err(ctx));
		return NULL;
	}
	kdump_set_string_attr(ctx, KDUMP_ATTR_OSTYPE, "linux");
	return ctx;
}

/*
 * A frame that only the library reads: it fills up with zeros what a segment has not of its first and
 * last page, and the page before a segment. All that we read of it must be the same, the rest zeros.
 */
static bool only_filled_up(struct od_memory *mem, uint64_t pfn, const uint8_t *theirs)
{
	uint8_t byte;

	for (uint32_t i = 0; i < mem->page_size; i++) {
		if (od_mem_phys(mem, pfn * mem->page_size + i, &byte, 1) != OD_MEM_OK)
			byte = 0;
		if (byte != theirs[i])
			return false;
	}
	return true;
}

static void compare_pages(struct od_dump *d, kdump_ctx_t *ctx)
{
	struct od_memory *mem = od_dump_memory(d);
	uint64_t same = 0, neither = 0, only_theirs = 0, only_ours = 0, filled_up = 0;
	uint8_t *ours = malloc(mem->page_size), *theirs = malloc(mem->page_size);

	for (uint64_t pfn = 0; pfn < od_dump_facts(d)->max_pfn; pfn++) {
		size_t n = mem->page_size;
		bool a = od_mem_phys(mem, pfn * n, ours, n) == OD_MEM_OK;
		bool b = kdump_read(ctx, KDUMP_MACHPHYSADDR, pfn * mem->page_size, theirs, &n) == KDUMP_OK;

		if (a && b) {
			EXPECT(!memcmp(ours, theirs, mem->page_size), "frame %llx differs",
			       (unsigned long long)pfn);
			same++;
		} else if (a) {
			only_ours++;
		} else if (b) {
			if (only_filled_up(mem, pfn, theirs))
				filled_up++;
			else
				only_theirs++;
		} else {
			neither++;
		}
	}
	printf("  oracle: %llu frames alike, %llu in neither, %llu only by us, %llu only by libkdumpfile, "
	       "%llu filled up by it\n",
	       (unsigned long long)same, (unsigned long long)neither, (unsigned long long)only_ours,
	       (unsigned long long)only_theirs, (unsigned long long)filled_up);
	if (!od_dump_facts(d)->truncated && !od_dump_facts(d)->incomplete)
		EXPECT(!only_theirs, "%llu frames only libkdumpfile reads", (unsigned long long)only_theirs);
	free(ours);
	free(theirs);
}

/* A page in each 2 MB of where kernels have something, and all of the image. */
static void compare_virtual(struct od_dump *d, kdump_ctx_t *ctx, const struct od_vmcoreinfo *info)
{
	struct od_memory *mem = od_dump_memory(d);
	uint64_t stext = 0, counts[4] = { 0 };
	uint8_t ours[64], theirs[64];

	(void)od_vmcoreinfo_symbol(info, "_stext", &stext);
	for (unsigned i = 0; i < 40000; i++) {
		uint64_t at = i < 16384 ? stext + i * 4096ull :
			      0xffff800000000000ull + (uint64_t)(i - 16384) * 0x7fffffffffull / 2;
		size_t n = sizeof(theirs);
		bool a = od_mem_read(mem, at & ~63ull, ours, sizeof(ours)) == OD_MEM_OK;
		bool b = kdump_read(ctx, KDUMP_KVADDR, at & ~63ull, theirs, &n) == KDUMP_OK;

		counts[a * 2 + b]++;
		if (a && b)
			EXPECT(!memcmp(ours, theirs, sizeof(ours)), "address %llx differs",
			       (unsigned long long)at);
	}
	printf("  oracle: %llu addresses alike, %llu in neither, %llu only by us, %llu only by libkdumpfile\n",
	       (unsigned long long)counts[3], (unsigned long long)counts[0], (unsigned long long)counts[2],
	       (unsigned long long)counts[1]);
}

static void oracle(struct od_dump *d, const int *fds, unsigned n, const struct od_vmcoreinfo *info)
{
	kdump_ctx_t *ctx = open_oracle(d, fds, n);

	if (!ctx)
		return;
	compare_pages(d, ctx);
	if (info)
		compare_virtual(d, ctx, info);
	/* kdump_free() of 0.5.1 uses freed memory. */
}
#else
static void oracle(struct od_dump *d, const int *fds, unsigned n, const struct od_vmcoreinfo *info)
{
	(void)d, (void)fds, (void)n, (void)info;
	puts("  built without libkdumpfile: nothing to compare with");
}
#endif

int main(int argc, char **argv)
{
	bool compare = argc > 1 && !strcmp(argv[1], "-o"), scanned;
	int fds[64];
	unsigned n = 0;
	struct od_vmcoreinfo *info = NULL;
	struct od_dump *d;
	struct od_error *err;
	const char *note;
	double start = now(), opened;
	size_t len;

	for (int i = 1 + compare; i < argc && n < 64; i++)
		if ((fds[n++] = open(argv[i], O_RDONLY)) < 0)
			return 99;
	err = od_dump_open(fds, n, &d);
	if (err) {
		printf("  cannot open: %s\n", err->message);
		od_error_free(err);
		return 1;
	}
	note = od_dump_vmcoreinfo(d, &len, &scanned);
	opened = now() - start;
	print_facts(d);
	if (note) {
		info = od_vmcoreinfo_create(note, len);
		err = od_dump_translate(d, info);
		EXPECT(!err, "%s", err->message);
		if (!err)
			check_uts(d, info);
		od_error_free(err);
	}
	printf("  open and VMCOREINFO%s %.2f ms: %zu bytes\n", scanned ? " (scanned)" : "", opened, len);
	every_page(d);
	if (compare)
		oracle(d, fds, n, info);
	od_vmcoreinfo_destroy(info);
	od_dump_destroy(d);
	printf("  %u failures\n", failures);
	return failures != 0;
}
