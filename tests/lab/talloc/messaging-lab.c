// SPDX-License-Identifier: GPL-3.0-or-later
// A messaging context that is torn down from within its own handler, while a timer of it is bound to
// an event context that is gone: messaging-lab NAME. See ../talloc-lab.sh.
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <tevent.h>

struct transport;

/* Whoever wants messages has a reference to the one transport of the process. */
struct reference {
	struct transport *transport;
	void *poll; /* owns the timer */
};

struct messaging {
	struct tevent_context *ev;
	struct reference *ref;
	void (*handler)(struct messaging *msg, void *private_data);
	void *private_data;
	unsigned handled;
};

struct transport {
	struct tevent_context *ev;
	struct messaging *msg;
};

struct notify {
	struct messaging *msg;
	const char *zone;
};

static void tick(struct tevent_context *ev, struct tevent_timer *te, struct timeval now, void *private_data)
{
	(void)ev; (void)te; (void)now; (void)private_data;
}

static int reference_destructor(struct reference *ref)
{
	TALLOC_FREE(ref->poll);
	return 0;
}

static int messaging_destructor(struct messaging *msg)
{
	TALLOC_FREE(msg->ref);
	return 0;
}

/*
 * The timer is added to a context that has just been freed; its memory is given out again, to a list
 * of pointers, and what was a table of functions now points to objects.
 */
static struct tevent_timer *late_timer(TALLOC_CTX *owner, TALLOC_CTX *server)
{
	struct tevent_context *old = tevent_context_init(NULL);
	const size_t words = talloc_get_size(old) / sizeof(void *);
	struct tevent_timer *te;

	talloc_free(old);
	te = tevent_add_timer(old, owner, tevent_timeval_current_ofs(60, 0), tick, owner);
	for (int i = 0; i < 16; i++) {
		void **list = talloc_array(server, void *, words);

		/* The functions stand in the first half; a wrapper in the second would be looked into first. */
		for (size_t w = 0; w < words; w++)
			list[w] = w < words / 2 ? te : NULL;
		if ((void *)list == (void *)old)
			break;
	}
	return te;
}

static struct messaging *messaging_init(TALLOC_CTX *owner, struct transport *transport, TALLOC_CTX *server)
{
	struct messaging *msg = talloc_zero(owner, struct messaging);

	msg->ev = transport->ev;
	msg->ref = talloc_zero(msg, struct reference);
	msg->ref->transport = transport;
	msg->ref->poll = talloc_named_const(server, 0, "poll_context");
	late_timer(msg->ref->poll, server);
	talloc_set_destructor(msg->ref, reference_destructor);
	talloc_set_destructor(msg, messaging_destructor);
	transport->msg = msg;
	return msg;
}

static void notify_finish(struct notify *state)
{
	talloc_free(state);
}

/* The mistake: the handler's own state owns the messaging context that is calling it. */
static void notify_handler(struct messaging *msg, void *private_data)
{
	struct notify *state = talloc_get_type_abort(private_data, struct notify);

	(void)msg;
	printf("%s\n", state->zone);
	notify_finish(state);
}

static void messaging_dispatch(struct messaging *msg)
{
	msg->handler(msg, msg->private_data);
	msg->handled++;
}

static void transport_deliver(struct tevent_context *ev, struct tevent_timer *te, struct timeval now,
			      void *private_data)
{
	struct transport *transport = talloc_get_type_abort(private_data, struct transport);

	(void)ev; (void)te; (void)now;
	messaging_dispatch(transport->msg);
}

int main(int argc, char **argv)
{
	TALLOC_CTX *server = talloc_named_const(NULL, 0, "server");
	struct tevent_context *ev = tevent_context_init(server);
	struct transport *transport = talloc_zero(server, struct transport);
	struct notify *state = talloc_zero(server, struct notify);

	if (argc < 2 || strcmp(argv[1], "stale-context") != 0) {
		fprintf(stderr, "messaging-lab: no such case\n");
		return 2;
	}
	transport->ev = ev;
	state->zone = "zone";
	state->msg = messaging_init(state, transport, server);
	state->msg->handler = notify_handler;
	state->msg->private_data = state;
	tevent_add_timer(ev, transport, tevent_timeval_current(), transport_deliver, transport);
	return tevent_loop_wait(ev);
}
