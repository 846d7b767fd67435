/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status words of PCI Express Advanced Error Reporting. */
#include <stddef.h>

#include "analyze/hwerr.h"

struct aer_bit {
	const char *name, *text;
};

/* Errors that are fatal unless the system says otherwise (reset value of the severity register). */
#define FATAL_BY_DEFAULT 0x00462030u

static const struct aer_bit uncorrectable[32] = {
	[0] = { "undefined", "link training error in old revisions" },
	[4] = { "Data Link Protocol Error",
		"the two ends of the link disagree: cable, slot or card" },
	[5] = { "Surprise Down",
		"the link went away without notice: card pulled, dead or unpowered" },
	[12] = { "Poisoned TLP", "data arrived that its sender had marked as bad" },
	[13] = { "Flow Control Protocol Error", "credits for buffers were violated" },
	[14] = { "Completion Timeout", "a read was never answered: the device or its path hangs" },
	[15] = { "Completer Abort", "the device refused a request" },
	[16] = { "Unexpected Completion", "an answer came that nobody had asked for" },
	[17] = { "Receiver Overflow", "more was sent than there was room for" },
	[18] = { "Malformed TLP", "a packet that breaks the rules" },
	[19] = { "ECRC Error", "a packet was damaged on its way" },
	[20] = { "Unsupported Request", "a request that the device does not know, often for an "
					"address that it does not have" },
	[21] = { "ACS Violation", "a request that access control forbids" },
	[22] = { "Uncorrectable Internal Error", "the device found itself broken" },
	[23] = { "MC Blocked TLP", "a multicast packet was blocked" },
	[24] = { "AtomicOp Egress Blocked", "an atomic request was blocked" },
	[25] = { "TLP Prefix Blocked", "a packet with a prefix was blocked" },
	[26] = { "Poisoned TLP Egress Blocked", "bad data was not passed on" },
	[27] = { "DMWr Request Egress Blocked", "a deferrable write was blocked" },
	[28] = { "IDE Check Failed", "encryption of the link failed" },
	[29] = { "Misrouted IDE TLP", "an encrypted packet went the wrong way" },
	[30] = { "PCRC Check Failed", "the checksum of an encrypted packet is wrong" },
	[31] = { "TLP Translation Egress Blocked", "a translated request was blocked" },
};

static const struct aer_bit correctable[32] = {
	[0] = { "Receiver Error", "the signal was bad: cable, slot, contacts" },
	[6] = { "Bad TLP", "a packet was damaged and sent again" },
	[7] = { "Bad DLLP", "a packet of the link itself was damaged" },
	[8] = { "REPLAY_NUM Rollover", "a packet had to be sent again four times" },
	[12] = { "Replay Timer Timeout", "a packet was not acknowledged in time" },
	[13] = { "Advisory Non-Fatal Error", "an uncorrectable error that is left to software" },
	[14] = { "Corrected Internal Error", "the device repaired itself" },
	[15] = { "Header Log Overflow", "there was no room to log more errors" },
};

void od_aer_names(uint32_t status, bool cor, struct od_buf *out)
{
	const struct aer_bit *bits = cor ? correctable : uncorrectable;
	const char *sep = "";

	for (unsigned i = 0; i < 32; i++) {
		if (!(status >> i & 1))
			continue;
		od_buf_addstr(out, sep);
		if (bits[i].name)
			od_buf_addstr(out, bits[i].name);
		else
			od_buf_printf(out, "bit %u", i);
		sep = ", ";
	}
}

const char *od_aer_layer(uint32_t status, bool cor)
{
	if (cor && (status & 0x1))
		return "Physical Layer";
	return status & (cor ? 0x11c0 : 0x10) ? "Data Link Layer" : "Transaction Layer";
}

const char *od_aer_agent(uint32_t status, bool cor)
{
	if (cor)
		return status & 0x1100 ? "Transmitter ID" : "Receiver ID";
	return status & 0x8000	 ? "Completer ID" :
	       status & 0x104000 ? "Requester ID" :
				   "Receiver ID";
}

void od_aer_explain(uint32_t status, bool cor, struct od_buf *out)
{
	const struct aer_bit *bits = cor ? correctable : uncorrectable;

	if (!status) {
		od_buf_addstr(out, "no error\n");
		return;
	}
	for (unsigned i = 0; i < 32; i++) {
		if (!(status >> i & 1))
			continue;
		if (!bits[i].name)
			od_buf_printf(out, "bit %-2u reserved\n", i);
		else
			od_buf_printf(out, "bit %-2u %s%s: %s\n", i, bits[i].name,
				      !cor && FATAL_BY_DEFAULT >> i & 1 ? " (fatal by default)" :
									  "",
				      bits[i].text);
	}
	od_buf_printf(out, "found in the %s, by the %s\n", od_aer_layer(status, cor),
		      od_aer_agent(status, cor));
}
