/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vtop: where a virtual address of the kernel is in the machine's memory. */
#include <inttypes.h>

#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/memory-args.h"
#include "shell/session.h"

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	struct od_buf walk = OD_BUF_INIT;
	enum od_mem_status status;
	uint64_t virt, phys;

	if (!k)
		return err;
	err = od_memory_address(k, args->argv[1], &virt);
	if (err)
		return err;
	if (!k->dump)
		return od_error_new(OD_ERR_UNSUPPORTED, "this memory has no physical addresses");
	status = od_dump_vtop(k->dump, virt, &phys, &walk);
	if (status == OD_MEM_OK)
		od_buf_printf(out, "VIRTUAL           PHYSICAL\n%016" PRIx64 "  %" PRIx64 "\n",
			      virt, phys);
	else
		od_buf_printf(out, "%016" PRIx64 " is %s\n", virt, od_mem_status_text(status));
	od_buf_addstr(out, od_buf_str(&walk));
	od_buf_deinit(&walk);
	return NULL;
}

const struct od_command od_cmd_vtop = {
	.name = "vtop",
	.options = "",
	.usage = "vtop ADDRESS|SYMBOL",
	.help = "Translate a virtual address of the kernel, and show how",
	.needs = OD_NEED_INPUT,
	.min_args = 1,
	.max_args = 1,
	.complete = od_complete_symbols,
	.exec = exec,
	.examples = "vtop ffff888003c4a000\tthe physical address, and the tables on the way\n",
};
