// SPDX-License-Identifier: GPL-3.0-or-later
// Crashes of programs on libtevent: tevent-lab NAME. See ../talloc-lab.sh.
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <tevent.h>

struct client {
	struct tevent_context *ev;
	struct tevent_immediate *bye;
	const char *name;
};

static void client_bye(struct tevent_context *ev, struct tevent_immediate *im, void *private_data)
{
	(void)ev; (void)im; (void)private_data;
}

/* Wants to say goodbye from the event loop: too late if that is gone. */
static int client_destructor(struct client *c)
{
	tevent_schedule_immediate(c->bye, c->ev, client_bye, c);
	return 0;
}

static int client_timer_destructor(struct client *c)
{
	tevent_add_timer(c->ev, c->bye, tevent_timeval_current_ofs(1, 0), NULL, c);
	return 0;
}

static struct client *client_new(TALLOC_CTX *server, struct tevent_context *ev)
{
	struct client *c = talloc_zero(server, struct client);

	c->ev = ev;
	c->bye = tevent_create_immediate(server);
	c->name = "client";
	return c;
}

static int shutdown_in_order(TALLOC_CTX *server, struct tevent_context *ev)
{
	talloc_free(ev);
	talloc_free(server);
	return 0;
}

static int dead_event_context(TALLOC_CTX *server)
{
	struct tevent_context *ev = tevent_context_init(NULL);

	talloc_set_destructor(client_new(server, ev), client_destructor);
	return shutdown_in_order(server, ev);
}

static int dead_event_context_timer(TALLOC_CTX *server)
{
	struct tevent_context *ev = tevent_context_init(NULL);

	talloc_set_destructor(client_new(server, ev), client_timer_destructor);
	return shutdown_in_order(server, ev);
}

static size_t client_name_length(const struct client *c)
{
	size_t n = 0;

	while (c->name[n])
		n++;
	return n;
}

static void client_tick(struct tevent_context *ev, struct tevent_timer *te, struct timeval now, void *private_data)
{
	struct client *c = talloc_get_type_abort(private_data, struct client);

	(void)ev; (void)te; (void)now;
	printf("%zu\n", client_name_length(c));
}

/* Nothing wrong with talloc: the name is NULL. */
static int plain_segv(TALLOC_CTX *server)
{
	struct tevent_context *ev = tevent_context_init(server);
	struct client *c = client_new(server, ev);

	c->name = NULL;
	tevent_add_timer(ev, c, tevent_timeval_current(), client_tick, c);
	return tevent_loop_wait(ev);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int (*run)(TALLOC_CTX *); } cases[] = {
		{ "dead-event-context", dead_event_context },
		{ "dead-event-context-timer", dead_event_context_timer },
		{ "plain-segv", plain_segv },
	};
	TALLOC_CTX *server = talloc_named_const(NULL, 0, "server");

	talloc_set_log_stderr();
	for (unsigned i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!strcmp(argv[1], cases[i].name))
			return cases[i].run(server);
	fprintf(stderr, "tevent-lab: no such case\n");
	return 2;
}
