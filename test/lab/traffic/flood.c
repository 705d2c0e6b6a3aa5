/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in a pod: sends TCP segments as fast as it can, each with four whole requests, each with a sampled context of its
 * own, on ever new connections that nobody opens. No server limits it, and nobody waits for an answer.
 * Usage: flood ADDRESS PORT SECONDS. Prints a JSON object with what it sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 64
#define REQUESTS 4 /* in a segment */
#define FIRST_PORT 1024
#define PORTS 60000
#define REQUEST "GET / HTTP/1.1\r\nHost: flood\r\ntraceparent: 00-%016llx%016llx-%016llx-01\r\n\r\n"

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
	char payload[REQUESTS * 128];
};

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* The kernel fills in source address, identification, length and checksum of IP (raw(7)); nobody checks TCP's. */
static size_t fill(struct segment *s, struct in_addr to, uint16_t port, unsigned long long n)
{
	int length = 0;

	/* Contexts of zeros are invalid, so they are counted from 1. */
	for (unsigned long long id = n * REQUESTS + 1; id <= (n + 1) * REQUESTS; id++)
		length += snprintf(s->payload + length, sizeof(s->payload) - length, REQUEST, id,
				   id, id);

	s->ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP };
	s->ip.daddr = to.s_addr;
	s->tcp = (struct tcphdr){ .doff = 5, .ack = 1, .psh = 1, .window = 0xffff };
	s->tcp.source = htons(FIRST_PORT + n % PORTS);
	s->tcp.dest = htons(port);
	/* A port that comes again is another connection: far from where the last one was. */
	s->tcp.seq = htonl((n / PORTS) << 30);
	return sizeof(s->ip) + sizeof(s->tcp) + length;
}

int main(int argc, char **argv)
{
	static struct segment segments[BATCH];
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];
	unsigned long long sent = 0;
	double start, limit;
	int fd;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		return fprintf(stderr, "usage: flood ADDRESS PORT SECONDS\n"), 2;
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0)
		return perror("flood: raw socket"), 1;
	start = seconds_now();
	limit = start + atof(argv[3]);
	while (seconds_now() < limit) {
		int done;

		for (int i = 0; i < BATCH; i++) {
			size_t length = fill(&segments[i], to.sin_addr, atoi(argv[2]), sent + i);

			parts[i] = (struct iovec){ &segments[i], length };
			messages[i].msg_hdr = (struct msghdr){ .msg_name = &to,
							       .msg_namelen = sizeof(to),
							       .msg_iov = &parts[i],
							       .msg_iovlen = 1 };
		}
		done = sendmmsg(fd, messages, BATCH, 0);
		if (done < 0 && errno != ENOBUFS && errno != EAGAIN)
			return perror("flood: sendmmsg"), 1;
		sent += done > 0 ? done : 0;
	}
	printf("{\"segments\":%llu,\"requests\":%llu,\"seconds\":%.3f}\n", sent, sent * REQUESTS,
	       seconds_now() - start);
	return 0;
}
