// SPDX-License-Identifier: GPL-3.0-or-later
// C++: names with many parts, declarations that stand elsewhere (DW_AT_specification), templates, lambdas.
#include "little.h"

namespace little {
namespace {

template <typename T, int N> class Ring {
public:
	OD_LEVEL T sum(const T *from) const;
	inline __attribute__((always_inline)) T at(const T *from, int i) const { return from[i % N]; }
};

template <typename T, int N> OD_LEVEL T Ring<T, N>::sum(const T *from) const
{
	T total = 0;

	for (int i = 0; i < N; i++)
		total += at(from, i * 3) ^ at(from, i);
	return total;
}

} // namespace

class Tree {
public:
	struct Walker {
		OD_LEVEL int visit(const od_item &item, int depth) const;
		int seen;
	};
	OD_LEVEL int erase(od_item *item, unsigned long generation) noexcept;
private:
	Walker walker = { 0 };
	unsigned long ids[8] = {};
};

OD_LEVEL int Tree::Walker::visit(const od_item &item, int depth) const
{
	auto each = [this, &item](int i) __attribute__((noinline)) {
		return static_cast<int>(od_next_id(&item)) + i + seen;
	};

	return depth > 0 ? each(depth) + visit(*item.next, depth - 1) + 1 : 0;
}

OD_LEVEL int Tree::erase(od_item *item, unsigned long generation) noexcept
{
	ids[generation % 8] = od_id_of(item);
	return walker.visit(*item, 3) + static_cast<int>(Ring<unsigned long, 8>().sum(ids)) + 1;
}

} // namespace little

extern "C" OD_LEVEL int od_little_meta(struct od_item *item, int n)
{
	little::Tree tree;

	return tree.erase(item, static_cast<unsigned long>(n)) + 1;
}
