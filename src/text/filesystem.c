/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * File systems that find themselves damaged. Sources: fs/ext4/super.c (ext4_error and its like),
 * fs/xfs/xfs_error.c, fs/xfs/xfs_fsops.c (shutdown), fs/btrfs/{super,messages,disk-io,tree-checker}.c,
 * fs/f2fs/, fs/dcache.c, fs/super.c; 2.6.32 to 6.17. Who found it is told as the caller's frame, so
 * that errors found at different places have different signatures.
 */
#include <string.h>

#include "text/families.h"

static bool has_any(const struct od_record *rec, const char *const *words)
{
	for (; *words; words++)
		if (od_find(rec->text, rec->len, *words))
			return true;
	return false;
}

/* The function that found the error, as the log names it: without offset. */
static void found_by(struct od_incident *inc, const struct od_record *rec, const char *s, size_t len)
{
	struct od_frame frame = { .symbol = od_arena_strndup(&inc->rep->arena, s, len) };

	od_detail_str(inc->rep, "function", s, len);
	od_section_open(inc, "caller", true);
	od_stack_push(inc, rec, &frame);
	od_section_close(inc);
}

/* Behind "(": "sda1)", "sda1: state EA)", "device dm-0)". The cursor ends behind ')'. */
static bool device(struct od_incident *inc, struct od_cursor *c)
{
	const char *s = c->p, *colon;
	size_t len;

	while (!od_cur_end(c) && *c->p != ')')
		c->p++;
	len = (size_t)(c->p - s);
	colon = memchr(s, ':', len);
	od_detail_str(inc->rep, "device", s, colon ? (size_t)(colon - s) : len);
	return od_cur_char(c, ')');
}

/*
 * "EXT4-fs error (device sda1): ext4_lookup:1601: inode #2: comm ls: deleted inode referenced: 12",
 * "EXT4-fs error (device sda1) in ext4_writepages:2870: IO failure", "BTRFS critical (device sda1:
 * state A): corrupt leaf: ..", "BTRFS: error (device sda1) in f:12: errno=-5 IO failure"
 */
static void ext_error(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s, *end;

	od_subject(inc, rec);
	if (!device(inc, &c) || !(od_cur_lit(&c, ": ") || od_cur_lit(&c, " in ")))
		return;
	s = c.p;
	while (od_is_alnum(od_cur_peek(&c)) || od_cur_peek(&c) == '_')
		c.p++;
	/* A function, not the word that a sentence begins with: "corrupt leaf: ..", "group 0, ..". */
	if (c.p > s && od_cur_peek(&c) == ':' && memchr(s, '_', (size_t)(c.p - s)))
		found_by(inc, rec, s, (size_t)(c.p - s));
	else
		c.p = s;
	s = od_find(c.p, od_cur_left(&c), "comm ");
	end = s ? od_find(s, (size_t)(c.end - s), ": ") : NULL;
	if (end) {
		if (!inc->rep->comm)
			inc->rep->comm = od_arena_strndup(&inc->rep->arena, s + 5, (size_t)(end - s - 5));
		c.p = end;
	} else {
		uint64_t line;

		if (od_cur_char(&c, ':'))
			od_cur_dec(&c, &line);
	}
	while (od_cur_char(&c, ':') || od_cur_char(&c, ' '))
		;
	od_detail_str(inc->rep, "reason", c.p, od_cur_left(&c));
}

/* What an error leads to; alone, when the first lines are lost, it is told as well. */
static bool check_ext_after(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { ") in ", "Detected aborted journal", "Remounting filesystem", NULL };

	(void)c;
	return has_any(rec, words);
}

/* --- XFS --------------------------------------------------------------------------------- */

static bool check_xfs(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { "): Internal error ", "): Metadata corruption detected",
					     "): Metadata CRC error detected", NULL };

	(void)c;
	return has_any(rec, words);
}

static bool check_xfs_after(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { "): Corruption of ", "): Corruption detected", "I/O Error (0x",
					     "I/O Error Detected", "): metadata I/O error", "shutdown(0x",
					     "recovery failed: error", NULL };

	(void)c;
	return has_any(rec, words);
}

/* "sda1): Internal error XFS_WANT_CORRUPTED_GOTO at line 1 of file f.c.  Caller f+0x1/0x2 [xfs]",
 * "sda1): Corruption of in-memory data (0x8) detected at f+0x1/0x2 [xfs] (f.c:587).  Shutting down",
 * "sda1): metadata I/O error in \"f+0x1/0x2 [xfs]\" at daddr 0x1 len 1 error 74" */
static void xfs(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const char *const before_caller[] = { "Caller ", "detected at ", "error in \"" };
	struct od_report *rep = inc->rep;
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	struct od_frame frame;
	uint64_t line;

	od_subject(inc, rec);
	if (*rec->text == 'X' && od_cur_lit(&t, "XFS ("))
		device(inc, &t);
	t = c;
	if (od_cur_past(&t, "nternal error ")) {
		const char *s = t.p, *end = od_find(s, od_cur_left(&t), " at line ");

		if (end)
			od_detail_str(rep, "condition", s, (size_t)(end - s));
	}
	if (od_past_dec(&t, " at line ", &line) && od_cur_lit(&t, " of file ") && line <= UINT32_MAX) {
		const char *s = t.p;

		while (!od_cur_end(&t) && !od_is_blank(*t.p))
			t.p++;
		while (t.p > s && t.p[-1] == '.')
			t.p--;
		rep->bug_file = od_arena_strndup(&rep->arena, s, (size_t)(t.p - s));
		rep->bug_line = (uint32_t)line;
	}
	for (size_t i = 0; i < sizeof(before_caller) / sizeof(*before_caller); i++) {
		t = c;
		if (!od_cur_past(&t, before_caller[i]) || !od_frame_location(rep, &t, &frame) || !frame.symbol)
			continue;
		od_detail_str(rep, "function", frame.symbol, strlen(frame.symbol));
		od_section_open(inc, "caller", true);
		od_stack_push(inc, rec, &frame);
		od_section_close(inc);
		return;
	}
}

/* --- btrfs, f2fs ------------------------------------------------------------------------- */

/* Of what btrfs says at level error: damage, not devices and options. */
static bool check_btrfs(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { "transid verify failed", "level verify failed", "bad tree block", "corrupt",
					     "checksum ", "csum failed", "open_ctree failed", "key mismatch",
					     "failed to read ", "failed to load root", "bad fsid", "owner mismatch",
					     "bad key order", "bad generation", "while writing", "fixup error",
					     "uncorrectable", "fatal errors", "dev extent", NULL };

	(void)c;
	return has_any(rec, words);
}

/* "BTRFS warning (device sda): checksum verify failed on ..", "csum failed root 5 ino 257 ..": bad blocks */
static bool check_btrfs_warning(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { "): checksum verify failed", "): csum failed ", NULL };

	(void)c;
	return has_any(rec, words);
}

static bool check_btrfs_after(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { "failed to read ", "open_ctree failed", "failed to load root",
					     "): failed to ", NULL };

	(void)c;
	return has_any(rec, words);
}

static bool check_f2fs(const struct od_record *rec, struct od_cursor c)
{
	static const char *const words[] = { "nconsistent ", "corrupt", "run fsck", "stop checkpoint", "invalid blkaddr",
					     "incorrect node", "invalid crc", "Failed to get valid F2FS checkpoint",
					     "Failed to initialize F2FS", "Failed to read root inode", NULL };

	(void)c;
	return has_any(rec, words) && !od_find(rec->text, rec->len, "find valid F2FS filesystem");
}

/* "FAT-fs (sdb1): error, fat_get_cluster: invalid cluster chain (i_pos 0)", exFAT alike */
static bool check_fat(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_cur_past(&c, "): ") && od_cur_lit(&c, "error, ");
}

static void fat_error(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (*rec->text == 'e')
		inc->rep->subkind = "exfat";
	od_subject(inc, rec);
	if (device(inc, &c) && od_cur_lit(&c, ": error, "))
		od_detail_str(inc->rep, "reason", c.p, od_cur_left(&c));
}

/* Whoever looks for a file system reads where none is. */
static bool check_squashfs(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return !od_find(c.p, od_cur_left(&c), "superblock");
}

/* "GFS2: fsid=c:fs.0: fatal: filesystem consistency error" */
static bool check_gfs2(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_cur_past(&c, ": fatal: ");
}

/* "assertion failed: expr, in fs/btrfs/ctree.c:123", "XFS: Assertion failed: expr, file: f.c, line: 1" */
static void assertion(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_subject(inc, rec);
	od_detail_str(inc->rep, "condition", c.p, od_cur_left(&c));
}

/* What else a file system says while its error is open. */
static bool fs_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const char *const worth[] = { "Remounting", "hutting down", "shutdown", "bort", "nmount and run",
					     "failed", "error", "Error", "umount", NULL };
	const struct od_report *rep = inc->rep;

	if (!od_kind_is(inc, OD_KIND_FS_ERROR))
		return false;
	if (!has_any(rec, worth))
		return true;
	for (uint32_t i = rep->nchain; i-- && i + 4 >= rep->nchain;) /* the same again and again */
		if (strlen(rep->chain[i].text) == rec->len && !memcmp(rep->chain[i].text, rec->text, rec->len))
			return true;
	return od_rule_link(inc, rec, c);
}

/* "00000000: 58 41 47 46 00 00 00 01 ..": the damaged buffer */
static bool hex_dump(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	unsigned digits = 0;

	c = od_cursor_init(rec->text, rec->len);
	while (od_is_hex(od_cur_peek(&c)) && digits < 17) {
		c.p++;
		digits++;
	}
	return od_kind_is(inc, OD_KIND_FS_ERROR) && digits >= 8 && od_cur_lit(&c, ": ");
}

const struct od_trigger od_filesystem_triggers[] = {
	{ "EXT4-fs error (device ", OD_ROLE_DETECT, OD_INSIDE, OD_KIND_FS_ERROR, "ext4", check_ext_after, ext_error },
	{ "EXT4-fs error (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "ext4", NULL, ext_error },
	{ "EXT3-fs error (device ", OD_ROLE_DETECT, OD_INSIDE, OD_KIND_FS_ERROR, "ext3", check_ext_after, ext_error },
	{ "EXT3-fs error (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "ext3", NULL, ext_error },
	{ "EXT2-fs error (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "ext2", NULL, ext_error },
	{ "XFS (", OD_ROLE_DETECT, OD_COMMON, OD_KIND_FS_ERROR, "xfs", check_xfs, xfs },
	{ "XFS (", OD_ROLE_DETECT, OD_COMMON | OD_INSIDE, OD_KIND_FS_ERROR, "xfs", check_xfs_after, xfs },
	{ "XFS internal error ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_FS_ERROR, "xfs", NULL, xfs },
	{ "XFS: Assertion failed: ", OD_ROLE_MESSAGE, 0, OD_KIND_FS_ERROR, "xfs-assertion", NULL, assertion },
	{ "BTRFS critical (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "btrfs", NULL, ext_error },
	{ "BTRFS: error (device ", OD_ROLE_DETECT, OD_INSIDE, OD_KIND_FS_ERROR, "btrfs", NULL, ext_error },
	{ "BTRFS error (device ", OD_ROLE_DETECT, OD_INSIDE, OD_KIND_FS_ERROR, "btrfs", check_btrfs_after, ext_error },
	{ "BTRFS error (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "btrfs", check_btrfs, ext_error },
	{ "BTRFS warning (device ", OD_ROLE_DETECT, OD_COMMON, OD_KIND_FS_ERROR, "btrfs", check_btrfs_warning, ext_error },
	{ "BTRFS: Transaction aborted (error ", OD_ROLE_MESSAGE, 0, OD_KIND_FS_ERROR, "btrfs-aborted", NULL, od_parse_subject },
	{ "F2FS-fs (", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "f2fs", check_f2fs, ext_error },
	{ "VFS: Busy inodes after unmount of ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "busy-inodes", NULL, od_parse_subject },
	{ "VFS: Close: file count is 0", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "file-count", NULL, od_parse_subject },
	{ "UBIFS error (", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "ubifs", NULL, ext_error },
	{ "FAT-fs (", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_FS_ERROR, "fat", check_fat, fat_error },
	{ "SQUASHFS error: ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "squashfs", check_squashfs, od_parse_subject },
	{ "REISERFS error (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "reiserfs", NULL, ext_error },
	{ "NILFS error (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "nilfs2", NULL, ext_error },
	{ "OCFS2: ERROR (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "ocfs2", NULL, ext_error },
	{ "ERROR: (device ", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "jfs", NULL, ext_error },
	{ "GFS2: fsid=", OD_ROLE_DETECT, 0, OD_KIND_FS_ERROR, "gfs2", check_gfs2, od_parse_subject },
	{ "BUG: Dentry ", OD_ROLE_MESSAGE, 0, OD_KIND_FS_ERROR, "dentry-in-use", NULL, od_parse_subject },
	{ 0 },
};

const struct od_rule od_filesystem_rules[] = {
	{ "EXT4-fs ", fs_line },
	{ "EXT3-fs ", fs_line },
	{ "XFS (", fs_line },
	{ "BTRFS", fs_line },
	{ "F2FS-fs ", fs_line },
	{ "Aborting journal on device ", fs_line },
	{ "JBD2: ", fs_line },
	{ "0", hex_dump },
	{ NULL, NULL },
};
