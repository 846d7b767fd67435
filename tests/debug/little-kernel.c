// SPDX-License-Identifier: GPL-3.0-or-later
// What makes a file look like a kernel.
#include "little.h"

const char linux_banner[] = "Linux version 6.1.0-little (tests@oopsdiag) #1 SMP";
int od_little_jiffies;

OD_LEVEL int od_little_report(const char *what, int n)
{
	od_little_jiffies += what[0];
	return n;
}

OD_LEVEL int start_kernel(struct od_item *head)
{
	return od_little_walk(head, 3) + od_little_other(head, 1) + od_little_meta(head, 2) + 1;
}
