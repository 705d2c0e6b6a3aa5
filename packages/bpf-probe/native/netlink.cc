// SPDX-License-Identifier: Apache-2.0
#include "netlink.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hopspan
{

static uint32_t ReadU32(const struct rtattr *attribute)
{
	uint32_t value = 0;
	memcpy(&value, RTA_DATA(attribute), sizeof(value));
	return value;
}

static void ReadProgram(const struct rtattr *options, TcFilter &filter)
{
	int left = RTA_PAYLOAD(options);
	for (auto at = (const struct rtattr *)RTA_DATA(options); RTA_OK(at, left);
	     at = RTA_NEXT(at, left)) {
		if (at->rta_type == TCA_BPF_ID)
			filter.program_id = ReadU32(at);
		if (at->rta_type == TCA_BPF_NAME)
			filter.program_name = (const char *)RTA_DATA(at);
	}
}

static void AddFilter(const struct nlmsghdr *message, std::vector<TcFilter> &filters)
{
	auto tc = (const struct tcmsg *)NLMSG_DATA(message);
	TcFilter filter = { "", tc->tcm_handle, tc->tcm_info >> 16, 0, "" };
	int left = message->nlmsg_len - NLMSG_LENGTH(sizeof(*tc));
	for (auto at = (const struct rtattr *)TCA_RTA(tc); RTA_OK(at, left);
	     at = RTA_NEXT(at, left)) {
		if (at->rta_type == TCA_KIND)
			filter.kind = (const char *)RTA_DATA(at);
		if (at->rta_type == TCA_OPTIONS && filter.kind == "bpf")
			ReadProgram(at, filter);
	}
	/* The dump also holds one entry a priority that stands for the chain itself: it has no handle. */
	if (filter.handle)
		filters.push_back(filter);
}

static int Ask(int socket, int ifindex, bool ingress)
{
	struct {
		struct nlmsghdr header;
		struct tcmsg tc;
	} request = {};
	request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.tc));
	request.header.nlmsg_type = RTM_GETTFILTER;
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request.tc.tcm_family = AF_UNSPEC;
	request.tc.tcm_ifindex = ifindex;
	request.tc.tcm_parent =
		TC_H_MAKE(TC_H_CLSACT, ingress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
	return send(socket, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* 1: there is more to read; 0: done; −errno. */
static int ReadPart(const char *data, int size, std::vector<TcFilter> &filters)
{
	for (auto at = (const struct nlmsghdr *)data; NLMSG_OK(at, size);
	     at = NLMSG_NEXT(at, size)) {
		if (at->nlmsg_type == NLMSG_DONE)
			return 0;
		if (at->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(at))->error;
		if (at->nlmsg_type == RTM_NEWTFILTER)
			AddFilter(at, filters);
	}
	return 1;
}

static int ReadAll(int socket, std::vector<TcFilter> &filters)
{
	alignas(struct nlmsghdr) char part[32 * 1024];
	int status = 1;
	while (status > 0) {
		ssize_t size = recv(socket, part, sizeof(part), 0);
		if (size < 0 && errno == EINTR)
			continue;
		status = size < 0 ? -errno : ReadPart(part, (int)size, filters);
	}
	return status;
}

int DumpFilters(int ifindex, bool ingress, std::vector<TcFilter> &filters)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	int status = Ask(fd, ifindex, ingress);
	if (!status)
		status = ReadAll(fd, filters);
	close(fd);
	return status;
}

} // namespace hopspan
