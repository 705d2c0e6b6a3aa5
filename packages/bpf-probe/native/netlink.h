/* SPDX-License-Identifier: Apache-2.0 */
/* The one question about traffic control that libbpf does not answer: which filters are there? */
#ifndef HOPSPAN_NETLINK_H
#define HOPSPAN_NETLINK_H

#include <cstdint>
#include <string>
#include <vector>

namespace hopspan
{

struct TcFilter {
	std::string kind;
	uint32_t handle;
	uint32_t priority;
	uint32_t program_id;	  /* 0 when it is not a BPF filter */
	std::string program_name; /* as whoever attached it called it */
};

/* All filters at a device's clsact ingress or egress. 0 or −errno. */
int DumpFilters(int ifindex, bool ingress, std::vector<TcFilter> &filters);

} // namespace hopspan

#endif
