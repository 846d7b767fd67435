// SPDX-License-Identifier: GPL-3.0-or-later
// More freestanding C++, for more kinds of mangled names: virtual functions, templates with values,
// lambdas, operators, constructors and destructors, anonymous namespaces.
#include "odfaults.h"

#define OD_LEVEL __attribute__((noinline, noclone))

inline void *operator new(decltype(sizeof(0)), void *place) { return place; }

extern "C" void __cxa_pure_virtual()
{
	od_log("pure virtual call");
}

namespace labfs {
namespace meta {

struct Entry {
	void *node;
	unsigned long generation;

	explicit Entry(void *n) : node(n), generation(1) {}
	OD_LEVEL ~Entry();
};

OD_LEVEL Entry::~Entry()
{
	od_node_unlink(node); /* VIA: cxx_destructor */
	generation = 0;
	asm volatile("" ::: "memory");
}

class Visitor {
public:
	virtual int enter(Entry &entry, unsigned depth) = 0;
	virtual int leave(Entry &entry, unsigned depth) = 0;
	unsigned long seen = 0;
};

class Counting final : public Visitor {
public:
	OD_LEVEL int enter(Entry &entry, unsigned depth) override;
	OD_LEVEL int leave(Entry &entry, unsigned depth) override;
};

OD_LEVEL int Counting::enter(Entry &entry, unsigned depth)
{
	seen += entry.generation;
	return static_cast<int>(depth) + 1;
}

OD_LEVEL int Counting::leave(Entry &entry, unsigned depth)
{
	seen -= entry.generation;
	return static_cast<int>(depth);
}

template <typename T> class Walker {
public:
	explicit Walker(Visitor *v) : visitor(v) {}
	OD_LEVEL int visit(T &item, unsigned depth) const;
private:
	Visitor *visitor;
};

template <typename T> OD_LEVEL int Walker<T>::visit(T &item, unsigned depth) const
{
	int n = visitor->enter(item, depth); /* FAULT: cxx_virtual */

	asm volatile("" ::: "memory");
	return n + visitor->leave(item, depth) + 1;
}

class Cursor {
public:
	OD_LEVEL int advance(unsigned long steps);
	OD_LEVEL bool valid() const noexcept;
private:
	char pad[72];
	unsigned long position;
};

OD_LEVEL bool Cursor::valid() const noexcept
{
	return position != 0;
}

OD_LEVEL int Cursor::advance(unsigned long steps)
{
	position += steps; /* FAULT: cxx_member */
	return valid() ? 2 : 3;
}

template <typename T, unsigned N> class Ring {
public:
	OD_LEVEL const T &at(unsigned long i) const;
	OD_LEVEL T sum(unsigned long from, unsigned long to) const;
private:
	T cell[N] = {};
};

template <typename T, unsigned N> OD_LEVEL const T &Ring<T, N>::at(unsigned long i) const
{
	const T &c = cell[i];

	asm volatile("" : : "r"(c) : "memory"); /* FAULT: cxx_template */
	return c;
}

template <typename T, unsigned N> OD_LEVEL T Ring<T, N>::sum(unsigned long from, unsigned long to) const
{
	T total = 0;

	for (unsigned long i = from; i < to; i++)
		total += at(i << 32); /* VIA: cxx_template */
	return total;
}

template <typename F> OD_LEVEL int each(unsigned n, F &&f)
{
	int sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += f(i) + 1;
	return sum;
}

OD_LEVEL int sweep(const char *what, unsigned n)
{
	return each(n, [what](unsigned i) __attribute__((noinline)) {
		od_bug_if(i == 2, what); /* VIA: cxx_lambda */
		asm volatile("" ::: "memory");
		return static_cast<int>(i);
	}) + 1;
}

struct Counter {
	long value;
};

OD_LEVEL Counter &operator+=(Counter &c, int n)
{
	c.value += n;
	if (c.value < 0)
		od_warn_here("labfs: a counter went below zero"); /* VIA: cxx_operator */
	asm volatile("" ::: "memory");
	return c;
}

} // namespace meta

namespace {

OD_LEVEL int share(int bytes, int parts)
{
	asm volatile("" : "+r"(parts));
	return bytes / parts; /* FAULT: cxx_anonymous */
}

} // namespace

OD_LEVEL int balance(int bytes, int *parts, unsigned n)
{
	int sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += share(bytes, parts[i]); /* VIA: cxx_anonymous */
	return sum;
}

} // namespace labfs

extern "C" int od_cpp_virtual(void *memory, void (*release)(const void *))
{
	auto *visitor = new (memory) labfs::meta::Counting;
	labfs::meta::Entry *entry = static_cast<labfs::meta::Entry *>(memory);

	release(memory);
	asm volatile("" : "+r"(visitor));
	labfs::meta::Walker<labfs::meta::Entry> walker(visitor);

	return walker.visit(*entry, 3) + 1;
}

extern "C" int od_cpp_member(void)
{
	labfs::meta::Cursor *cursor = nullptr;

	asm volatile("" : "+r"(cursor));
	return cursor->advance(4) + 1;
}

extern "C" int od_cpp_template(void)
{
	labfs::meta::Ring<unsigned long long, 16> ring;

	asm volatile("" : : "r"(&ring) : "memory");
	return static_cast<int>(ring.sum(0, 4)) + 1;
}

extern "C" int od_cpp_lambda(void)
{
	return labfs::meta::sweep("two", 4) + 1;
}

extern "C" int od_cpp_operator(void)
{
	labfs::meta::Counter counter = { 1 };

	asm volatile("" : : "r"(&counter) : "memory");
	counter += -3;
	return static_cast<int>(counter.value) + 1;
}

extern "C" int od_cpp_destructor(void *node)
{
	{
		labfs::meta::Entry entry(node);

		asm volatile("" : : "r"(&entry) : "memory");
	}
	asm volatile("" ::: "memory");
	return 1;
}

extern "C" int od_cpp_anonymous(void)
{
	int parts[3] = { 4, 2, 0 };

	asm volatile("" : : "r"(parts) : "memory");
	return labfs::balance(4096, parts, 3) + 1;
}
