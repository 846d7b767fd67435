/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System.map as a debug file: a small ELF image with its symbols is made in memory, so that all that
 * looks symbols up finds them in the one form it knows. There are no lines, and a symbol ends where
 * the next begins.
 */
#include "symbols/debug-map.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cursor.h"

enum { MAX_MAP = 64 << 20, MAX_SYMBOLS = 1 << 20 };
enum { TEXT = 1, DATA, SYMTAB, STRTAB, SHSTRTAB, SECTIONS };

struct map {
	Elf64_Sym *syms; /* the first is empty, as ELF has it */
	size_t n, cap;
	struct od_buf names;
	uint64_t text, end_text, last; /* _text (or _stext), _etext, the last address */
};

static bool is_name(const struct od_cursor *c, const char *name)
{
	return od_cur_left(c) == strlen(name) && !memcmp(c->p, name, strlen(name));
}

static void add(struct map *m, uint64_t addr, char letter, const struct od_cursor *c)
{
	const bool function = strchr("TtWw", letter) != NULL;
	const bool global = letter >= 'A' && letter <= 'Z';
	Elf64_Sym *sym;

	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 4096;
		m->syms = od_realloc(m->syms, m->cap * sizeof(*m->syms));
	}
	sym = &m->syms[m->n++];
	*sym = (Elf64_Sym){ .st_name = (Elf64_Word)m->names.len, .st_value = addr,
			    .st_info = ELF64_ST_INFO(global ? STB_GLOBAL : STB_LOCAL,
						     function ? STT_FUNC : STT_OBJECT),
			    .st_shndx = SHN_ABS };
	/* Numbers that are no addresses (per-cpu offsets, absolute ones) stand below the image. */
	if (!m->text && (is_name(c, "_text") || is_name(c, "_stext")))
		m->text = addr;
	if (is_name(c, "_etext"))
		m->end_text = addr;
	if (letter == 'A' || letter == 'a')
		sym->st_name = 0;
	else if (addr > m->last)
		m->last = addr;
	od_buf_add(&m->names, c->p, od_cur_left(c));
	od_buf_addch(&m->names, '\0');
}

/* "ffffffff81000000 T _text": what is no such line is passed over. */
static void parse(struct map *m, const char *s, size_t len)
{
	const char *end = s + len, *next;

	m->syms = od_calloc(m->cap = 4096, sizeof(*m->syms));
	m->n = 1;
	od_buf_addch(&m->names, '\0');
	for (; s < end && m->n < MAX_SYMBOLS; s = next) {
		struct od_cursor c = { s, memchr(s, '\n', (size_t)(end - s)) };
		uint64_t addr;
		char letter;

		if (!c.end)
			c.end = end;
		next = c.end + 1;
		if (!od_cur_hex(&c, &addr, NULL) || !od_cur_char(&c, ' ') || !od_is_alpha(od_cur_peek(&c)))
			continue;
		letter = *c.p++;
		if (od_cur_char(&c, ' ') && !od_cur_end(&c) && !memchr(c.p, ' ', od_cur_left(&c)) &&
		    !memchr(c.p, '\0', od_cur_left(&c)))
			add(m, addr, letter, &c);
	}
}

/* Which of the two sections each symbol lies in. */
static void place(struct map *m)
{
	if (m->end_text <= m->text)
		m->end_text = m->last;
	for (size_t i = 1; i < m->n; i++)
		if (m->syms[i].st_value >= m->text && m->syms[i].st_value <= m->last)
			m->syms[i].st_shndx = m->syms[i].st_value < m->end_text ? TEXT : DATA;
}

static size_t put(uint8_t *image, size_t at, const void *data, size_t len)
{
	memcpy(image + at, data, len);
	return (at + len + 7) & ~(size_t)7;
}

static uint8_t *make(const struct map *m, size_t *size)
{
	static const char names[] = "\0.text\0.data\0.symtab\0.strtab\0.shstrtab";
	const size_t syms_len = m->n * sizeof(*m->syms), head_len = sizeof(Elf64_Ehdr);
	Elf64_Shdr sections[SECTIONS] = {
		[TEXT] = { .sh_name = 1, .sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
			   .sh_addr = m->text, .sh_size = m->end_text - m->text },
		[DATA] = { .sh_name = 7, .sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC,
			   .sh_addr = m->end_text, .sh_size = m->last - m->end_text + 1 },
		[SYMTAB] = { .sh_name = 13, .sh_type = SHT_SYMTAB, .sh_size = syms_len, .sh_link = STRTAB,
			     .sh_entsize = sizeof(Elf64_Sym) },
		[STRTAB] = { .sh_name = 21, .sh_type = SHT_STRTAB, .sh_size = m->names.len },
		[SHSTRTAB] = { .sh_name = 29, .sh_type = SHT_STRTAB, .sh_size = sizeof(names) },
	};
	Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
					 __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? ELFDATA2MSB : ELFDATA2LSB,
					 EV_CURRENT },
			    .e_type = ET_EXEC, .e_version = EV_CURRENT, .e_ehsize = sizeof(head),
			    .e_shentsize = sizeof(sections[0]), .e_shnum = SECTIONS, .e_shstrndx = SHSTRTAB };
	size_t at = head_len;
	uint8_t *image;

	*size = head_len + syms_len + m->names.len + sizeof(names) + sizeof(sections) + 32;
	image = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (image == MAP_FAILED)
		od_out_of_memory();
	sections[SYMTAB].sh_offset = at;
	at = put(image, at, m->syms, syms_len);
	sections[STRTAB].sh_offset = at;
	at = put(image, at, m->names.data, m->names.len);
	sections[SHSTRTAB].sh_offset = at;
	at = put(image, at, names, sizeof(names));
	head.e_shoff = at;
	put(image, at, sections, sizeof(sections));
	memcpy(image, &head, sizeof(head));
	return image;
}

bool od_debug_is_map(const void *data, size_t len)
{
	struct od_cursor c = od_cursor_init(data, len < 64 ? len : 64);
	uint64_t addr;
	unsigned digits;

	/* 8 or 16 digits, nm's letter, a name. */
	return od_cur_hex(&c, &addr, &digits) && (digits == 8 || digits == 16) && od_cur_char(&c, ' ') &&
	       od_cur_left(&c) > 2 && od_is_alpha(c.p[0]) && c.p[1] == ' ' &&
	       (od_is_alpha(c.p[2]) || c.p[2] == '_' || c.p[2] == '.' || c.p[2] == '$');
}

bool od_debug_map_image(const uint8_t *data, size_t len, const uint8_t **ret, size_t *size)
{
	struct map m = { 0 };
	bool ok = false;

	if (od_debug_is_map(data, len)) {
		parse(&m, (const char *)data, len < MAX_MAP ? len : MAX_MAP);
		ok = m.text && m.last > m.text;
	}
	if (ok) {
		place(&m);
		*ret = make(&m, size);
	}
	free(m.syms);
	od_buf_deinit(&m.names);
	return ok;
}
