/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vector stage of the prefilter. Each byte of a block is looked up by both nibbles in tables of
 * 16 bytes, which a shuffle does for the whole block at once; what is left after the four places of
 * a window are put together is looked at more closely by the caller. With shuffles of 16 bytes
 * (SSSE3) this is no faster than the portable look-up of pairs, so there is no such level.
 */
#include <string.h>

#include "input/prefilter-internal.h"

#if defined(__x86_64__) || defined(__i386__)
#define X86 1
#include <immintrin.h>
#else
#define X86 0
#endif

enum od_scan_level od_scan_best(void)
{
#if X86
	if (__builtin_cpu_supports("avx2"))
		return OD_SCAN_AVX2;
#endif
	return OD_SCAN_PORTABLE;
}

#if X86
enum { REST = OD_WINDOW - 1 }; /* bytes read after a block */

/* Move *p to the first of the places whose bits are set that also has the right bytes. */
static inline bool one_of(const struct od_prefilter *pf, uint32_t places, const char **p)
{
	for (; places; places &= places - 1) {
		const char *q = *p + __builtin_ctz(places);

		if (od_may_start(pf, q)) {
			*p = q;
			return true;
		}
	}
	return false;
}

__attribute__((target("avx2"))) static bool find_avx2(const struct od_prefilter *pf,
						      const char **at, const char *stop)
{
	const struct od_scan_masks *m = &pf->masks;
	const char *p = *at;
	const __m256i nibble = _mm256_set1_epi8(0x0f);
	__m256i lo[2][OD_WINDOW], hi[2][OD_WINDOW];

	for (unsigned h = 0; h < 2; h++) {
		for (unsigned k = 0; k < OD_WINDOW; k++) {
			lo[h][k] = _mm256_broadcastsi128_si256(
				_mm_loadu_si128((const __m128i *)m->lo[h][k]));
			hi[h][k] = _mm256_broadcastsi128_si256(
				_mm_loadu_si128((const __m128i *)m->hi[h][k]));
		}
	}
	for (; stop - p >= 32 + REST; p += 32) {
		__m256i a = _mm256_set1_epi8(-1), b = a;
		uint32_t none;

		for (unsigned k = 0; k < OD_WINDOW; k++) {
			__m256i x = _mm256_loadu_si256((const __m256i *)(p + k));
			__m256i l = _mm256_and_si256(x, nibble);
			__m256i g = _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);

			a = _mm256_and_si256(a, _mm256_and_si256(_mm256_shuffle_epi8(lo[0][k], l),
								 _mm256_shuffle_epi8(hi[0][k], g)));
			b = _mm256_and_si256(b, _mm256_and_si256(_mm256_shuffle_epi8(lo[1][k], l),
								 _mm256_shuffle_epi8(hi[1][k], g)));
		}
		none = (uint32_t)_mm256_movemask_epi8(
			_mm256_cmpeq_epi8(_mm256_or_si256(a, b), _mm256_setzero_si256()));
		if (none != UINT32_MAX && one_of(pf, ~none, &p)) {
			*at = p;
			return true;
		}
	}
	*at = p;
	return false;
}

__attribute__((target("avx2"))) static size_t newlines_avx2(const char *s, size_t len)
{
	const __m256i newline = _mm256_set1_epi8('\n');
	size_t n = 0, i = 0;

	while (len - i >= 64) {
		__m256i a = _mm256_setzero_si256(), b = a;
		uint64_t sum[4];

		/* A lane counts to 255 at most before it is summed up. */
		for (unsigned k = 0; k < 127 && len - i >= 64; k++, i += 64) {
			const __m256i *v = (const __m256i *)(s + i);

			a = _mm256_sub_epi8(a, _mm256_cmpeq_epi8(_mm256_loadu_si256(v), newline));
			b = _mm256_sub_epi8(b,
					    _mm256_cmpeq_epi8(_mm256_loadu_si256(v + 1), newline));
		}
		a = _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
		_mm256_storeu_si256((__m256i *)sum, a);
		n += sum[0] + sum[1] + sum[2] + sum[3];
	}
	for (; i < len; i++)
		n += s[i] == '\n';
	return n;
}
#endif

bool od_scan_find(const struct od_prefilter *pf, const char **p, const char *stop)
{
#if X86
	if (pf->level == OD_SCAN_AVX2)
		return find_avx2(pf, p, stop);
#endif
	(void)pf, (void)p, (void)stop;
	return false;
}

size_t od_scan_newlines(enum od_scan_level level, const char *s, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), low = ~(ones << 7);
	size_t n = 0, i = 0;

#if X86
	if (level == OD_SCAN_AVX2)
		return newlines_avx2(s, len);
#endif
	(void)level;
	while (len - i >= 8) {
		uint64_t lanes = 0;

		for (unsigned k = 0; k < 255 && len - i >= 8; k++, i += 8) {
			uint64_t v;

			memcpy(&v, s + i, sizeof(v));
			v ^= ones * '\n';
			/* The high bit of each byte of v that is not 0; then 1 for each that is. */
			v = ((v & low) + low) | v;
			lanes += ~v >> 7 & ones;
		}
		/* Two sums of bytes each, in 16 bits: the whole may need more than 8. */
		lanes = (lanes & UINT64_C(0x00ff00ff00ff00ff)) +
			(lanes >> 8 & UINT64_C(0x00ff00ff00ff00ff));
		n += (lanes * UINT64_C(0x0001000100010001)) >> 48;
	}
	for (; i < len; i++)
		n += s[i] == '\n';
	return n;
}
