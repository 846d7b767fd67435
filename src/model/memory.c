/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/memory.h"

#include <string.h>

const char *od_mem_status_text(enum od_mem_status status)
{
	static const char *const texts[] = {
		[OD_MEM_OK] = "readable",
		[OD_MEM_EXCLUDED] = "excluded from the dump",
		[OD_MEM_TRUNCATED] = "beyond the end of the dump",
		[OD_MEM_DAMAGED] = "damaged in the dump",
		[OD_MEM_ABSENT] = "not in the dump",
		[OD_MEM_UNMAPPED] = "not mapped",
	};

	return (unsigned)status < sizeof(texts) / sizeof(*texts) ? texts[status] : "unknown";
}

enum od_mem_status od_mem_read(struct od_memory *mem, uint64_t addr, void *buf, size_t len)
{
	size_t got;

	return mem->read(mem, OD_VIRT, addr, buf, len, &got);
}

enum od_mem_status od_mem_phys(struct od_memory *mem, uint64_t addr, void *buf, size_t len)
{
	size_t got;

	return mem->read(mem, OD_PHYS, addr, buf, len, &got);
}

uint64_t od_mem_number(const struct od_memory *mem, const void *p, size_t size)
{
	const unsigned char *b = p;
	uint64_t ret = 0;

	for (size_t i = 0; i < size; i++)
		ret = ret << 8 | b[mem->big_endian ? i : size - 1 - i];
	return ret;
}

static enum od_mem_status number(struct od_memory *mem, uint64_t addr, size_t size, uint64_t *ret)
{
	unsigned char bytes[8];
	enum od_mem_status status = od_mem_read(mem, addr, bytes, size);

	*ret = status == OD_MEM_OK ? od_mem_number(mem, bytes, size) : 0;
	return status;
}

enum od_mem_status od_mem_u8(struct od_memory *mem, uint64_t addr, uint8_t *ret)
{
	uint64_t n;
	enum od_mem_status status = number(mem, addr, 1, &n);

	*ret = (uint8_t)n;
	return status;
}

enum od_mem_status od_mem_u16(struct od_memory *mem, uint64_t addr, uint16_t *ret)
{
	uint64_t n;
	enum od_mem_status status = number(mem, addr, 2, &n);

	*ret = (uint16_t)n;
	return status;
}

enum od_mem_status od_mem_u32(struct od_memory *mem, uint64_t addr, uint32_t *ret)
{
	uint64_t n;
	enum od_mem_status status = number(mem, addr, 4, &n);

	*ret = (uint32_t)n;
	return status;
}

enum od_mem_status od_mem_u64(struct od_memory *mem, uint64_t addr, uint64_t *ret)
{
	return number(mem, addr, 8, ret);
}

enum od_mem_status od_mem_pointer(struct od_memory *mem, uint64_t addr, uint64_t *ret)
{
	return number(mem, addr, mem->pointer_size == 4 ? 4 : 8, ret);
}

enum od_mem_status od_mem_string(struct od_memory *mem, uint64_t addr, char *buf, size_t size)
{
	enum { STEP = 256 };
	size_t len = 0;

	*buf = '\0';
	while (len + 1 < size) {
		size_t n = STEP - (size_t)((addr + len) % STEP), got;
		enum od_mem_status status;
		char *nul;

		if (n > size - 1 - len)
			n = size - 1 - len;
		status = mem->read(mem, OD_VIRT, addr + len, buf + len, n, &got);
		nul = memchr(buf + len, '\0', got);
		if (nul)
			return OD_MEM_OK;
		len += got;
		buf[len] = '\0';
		if (status != OD_MEM_OK)
			return status;
	}
	return OD_MEM_OK;
}
