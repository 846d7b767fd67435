// SPDX-License-Identifier: GPL-3.0-or-later
// Crashes of programs on libtalloc: talloc-lab NAME. See ../talloc-lab.sh.
#include <stdio.h>
#include <string.h>
#include <talloc.h>

struct journal {
	unsigned long *counters;
	const char *name;
};

struct conn {
	int fd;
	struct journal *journal;
	struct session *session;
	struct request *request;
};

struct session {
	struct conn *conn;
	unsigned id;
};

struct request {
	struct conn *conn;
	unsigned opcode;
};

static void journal_count(struct journal *j, unsigned which)
{
	j->counters[which]++;
}

static int conn_destructor(struct conn *c)
{
	TALLOC_FREE(c->journal->counters);
	talloc_free(c->journal);
	return 0;
}

static int session_destructor(struct session *s)
{
	journal_count(s->conn->journal, s->id);
	return 0;
}

/* The mistake: a request that fails takes down the connection it belongs to. */
static int request_destructor(struct request *r)
{
	if (r->opcode == 7)
		talloc_free(r->conn);
	return 0;
}

static struct conn *conn_new(TALLOC_CTX *server, unsigned opcode)
{
	struct conn *c = talloc_zero(server, struct conn);

	c->fd = 5;
	c->journal = talloc_zero(server, struct journal);
	c->journal->counters = talloc_zero_array(server, unsigned long, 8);
	c->journal->name = "journal";
	c->request = talloc_zero(c, struct request);
	c->request->conn = c;
	c->request->opcode = opcode;
	talloc_set_destructor(c->request, request_destructor);
	return c;
}

static void conn_add_session(struct conn *c)
{
	c->session = talloc_zero(c, struct session);
	c->session->conn = c;
	c->session->id = 3;
	talloc_set_destructor(c->session, session_destructor);
	talloc_set_destructor(c, conn_destructor);
}

static int conn_process(struct conn *c)
{
	struct request *r = c->request;

	talloc_free(r);
	journal_count(c->journal, 1);	/* c may be gone */
	return c->fd;
}

/* The outer frame uses the connection that the destructor of its child has freed. */
static int parent_freed(TALLOC_CTX *server)
{
	struct conn *c = conn_new(server, 7);

	return conn_process(c);
}

/* The same, and the teardown inside of the teardown meets what is freed already. */
static int reentrant(TALLOC_CTX *server)
{
	struct conn *c = conn_new(server, 7);

	conn_add_session(c);
	return conn_process(c);
}

/* In a pool the chunk stays where it was, with the mark of a freed one. */
static int abort_after_free(TALLOC_CTX *server)
{
	TALLOC_CTX *pool = talloc_pool(server, 8192);
	struct conn *keep = talloc_zero(pool, struct conn);
	struct conn *c = talloc_zero(pool, struct conn);

	talloc_free(c);
	c = talloc_get_type_abort(c, struct conn);
	return c->fd + keep->fd;
}

static int abort_unknown(TALLOC_CTX *server)
{
	char *text = talloc_strdup(server, "not what malloc gave");

	talloc_free(text + 16);
	return 0;
}

static int abort_type(TALLOC_CTX *server)
{
	struct session *s = talloc_zero(server, struct session);
	struct conn *c = talloc_get_type_abort(s, struct conn);

	return c->fd;
}

static void conn_close(struct conn *c)
{
	talloc_free(c);
}

static int double_free(TALLOC_CTX *server)
{
	struct conn *c = talloc_zero(server, struct conn);

	conn_close(c);
	conn_close(c);
	return 0;
}

/* A name that is too long for its object runs into the header of the next. */
static int overflow(TALLOC_CTX *server)
{
	char *name = talloc_array(server, char, 24);
	struct session *s = talloc_zero(server, struct session);

	memset(name, 'n', 24 + 40);
	s->conn = NULL;
	return s->conn->fd;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int (*run)(TALLOC_CTX *); } cases[] = {
		{ "parent-freed", parent_freed },
		{ "reentrant", reentrant },
		{ "abort-after-free", abort_after_free },
		{ "abort-unknown", abort_unknown },
		{ "abort-type", abort_type },
		{ "double-free", double_free },
		{ "overflow", overflow },
	};
	TALLOC_CTX *server = talloc_named_const(NULL, 0, "server");

	talloc_set_log_stderr();
	for (unsigned i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!strcmp(argv[1], cases[i].name))
			return cases[i].run(server);
	fprintf(stderr, "talloc-lab: no such case\n");
	return 2;
}
