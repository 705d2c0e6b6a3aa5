/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The traceparent of a request once more: a byte and a line at a time, from RFC 9112 and W3C Trace Context, with
 * nothing of bpf/parse but the names of the results. It says which results are right; mostly that is one.
 *
 * A header section is lines that end with a line feed; the first is the request line, and one that is empty or begins
 * with a carriage return ends it.
 *
 * Limits of the search that are taken over:
 *   - more than 15 bytes of white space before a value: such a header is overlooked;
 *   - more than 15 bytes behind it: such a value is invalid;
 *   - a value without 55 characters of [0-9a-f-] cannot be valid, and may be overlooked;
 *   - a carriage return ends a value, whatever follows it;
 *   - the values before the one that is behind the text's end decide what is said of it.
 */
#ifndef HOPSPAN_FUZZ_CONTEXT_ORACLE_H
#define HOPSPAN_FUZZ_CONTEXT_ORACLE_H

enum {
	REF_VALUE = 55,
	REF_OWS_MAX = 15,
};

struct ref_text {
	const __u8 *byte;
	__u32 length;
};

struct ref_context {
	__u32 results; /* bit n: enum context_result n is right */
	__u32 offset;  /* of the value that CONTEXT_FOUND is about */
	__u8 trace_id[16];
	__u8 span_id[8];
	__u8 flags;
};

/* Headers by that name, up to the end of the section. */
struct ref_headers {
	__u32 first_line;   /* it ends inside of the text */
	__u32 request_line; /* and is a request line */
	__u32 complete;	    /* the empty line is there */
	__u32 sure;	    /* values that cannot be overlooked */
	__u32 unsure;
	__u32 outcomes; /* results that one of them alone would have */
	__u32 sure_at;	/* the last sure value */
};

static int ref_digit(__u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int ref_is_space(__u8 c)
{
	return c == ' ' || c == '\t';
}

/* The line feed at or behind `from`, or the text's end. */
static __u32 ref_line_end(const struct ref_text *t, __u32 from)
{
	while (from < t->length && t->byte[from] != '\n')
		from++;
	return from;
}

/* "… HTTP/1.x", whatever x is. */
static int ref_is_request_line(const struct ref_text *t, __u32 end)
{
	if (end >= t->length || end < 10)
		return 0;
	if (t->byte[end - 1] == '\r')
		end--;
	return !memcmp(t->byte + end - 9, " HTTP/1.", 8);
}

/* Where the value of a traceparent line begins; 0 when it is another line. */
static __u32 ref_value(const struct ref_text *t, __u32 line)
{
	static const char name[] = "traceparent:";
	__u32 i, spaces = 0;

	for (i = 0; name[i]; i++) {
		__u8 c = line + i < t->length ? t->byte[line + i] : 0;

		if (c != name[i] && !(c >= 'A' && c <= 'Z' && c + 32 == name[i]))
			return 0;
	}
	for (line += i; line < t->length && ref_is_space(t->byte[line]); line++)
		spaces++;
	return spaces <= REF_OWS_MAX ? line : 0;
}

/* How many characters of a traceparent value there are, up to 55. */
static __u32 ref_run(const struct ref_text *t, __u32 from)
{
	__u32 n = 0;

	while (n < REF_VALUE && from + n < t->length &&
	       (ref_digit(t->byte[from + n]) >= 0 || t->byte[from + n] == '-'))
		n++;
	return n;
}

/* Hex digits to bytes. Returns whether they all are digits and not all zero. */
static int ref_id(const __u8 *hex, __u8 *id, __u32 size)
{
	int any = 0;
	__u32 i;

	for (i = 0; i < size; i++) {
		int high = ref_digit(hex[2 * i]), low = ref_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		id[i] = high << 4 | low;
		any |= id[i];
	}
	return any;
}

/* The 55 characters and their digits; what may follow is another matter. */
static int ref_is_context(const __u8 *v, struct ref_context *c)
{
	if (v[2] != '-' || v[35] != '-' || v[52] != '-')
		return 0;
	if (ref_digit(v[0]) < 0 || ref_digit(v[1]) < 0 || (v[0] == 'f' && v[1] == 'f'))
		return 0;
	if (ref_digit(v[53]) < 0 || ref_digit(v[54]) < 0)
		return 0;
	c->flags = ref_digit(v[53]) << 4 | ref_digit(v[54]);
	return ref_id(v + 3, c->trace_id, 16) && ref_id(v + 36, c->span_id, 8);
}

/* What comes of the value at `v`, of which `run` characters are as they should be, were it the only one. */
static enum context_result ref_outcome(const struct ref_text *t, __u32 v, __u32 run, int complete,
				       struct ref_context *c)
{
	__u32 end = v + REF_VALUE, spaces = 0;

	if (end >= t->length)
		return complete ? CONTEXT_INVALID : CONTEXT_UNFINISHED;
	if (run < REF_VALUE || !ref_is_context(t->byte + v, c))
		return CONTEXT_INVALID;
	c->offset = v;
	if (t->byte[end] == '-' && (t->byte[v] != '0' || t->byte[v + 1] != '0'))
		return CONTEXT_FOUND;
	for (; end < t->length && ref_is_space(t->byte[end]); end++)
		spaces++;
	if (spaces > REF_OWS_MAX)
		return CONTEXT_INVALID;
	if (end >= t->length)
		return complete ? CONTEXT_INVALID : CONTEXT_UNFINISHED;
	return t->byte[end] == '\r' || t->byte[end] == '\n' ? CONTEXT_FOUND : CONTEXT_INVALID;
}

/* Whether the header section that begins behind the first line ends inside of the text. */
static int ref_is_complete(const struct ref_text *t, __u32 line)
{
	while (line < t->length) {
		if (t->byte[line] == '\n' || t->byte[line] == '\r')
			return 1;
		line = ref_line_end(t, line) + 1;
	}
	return 0;
}

static void ref_count(const struct ref_text *t, struct ref_headers *h, struct ref_context *c)
{
	__u32 line = ref_line_end(t, 0), value, run;

	h->first_line = line < t->length;
	h->request_line = ref_is_request_line(t, line);
	h->complete = ref_is_complete(t, line + 1);
	for (line++; line < t->length; line = ref_line_end(t, line) + 1) {
		if (t->byte[line] == '\n' || t->byte[line] == '\r')
			return;
		value = ref_value(t, line);
		if (!value)
			continue;
		run = ref_run(t, value);
		if (run == REF_VALUE) {
			h->sure++;
			h->outcomes = 0;
			c->offset = value;
		} else {
			h->unsure++;
		}
		if (run == REF_VALUE || !h->sure)
			h->outcomes |= 1u << ref_outcome(t, value, run, h->complete, c);
	}
}

static void ref_find_context(const __u8 *bytes, __u32 length, struct ref_context *c)
{
	const struct ref_text t = { bytes, length };
	struct ref_headers h = {};

	memset(c, 0, sizeof(*c));
	ref_count(&t, &h, c);
	if (h.sure + h.unsure > 1)
		c->results |= 1u << CONTEXT_DUPLICATE;
	if (h.sure > 1)
		return;
	if (!h.first_line) {
		c->results |= 1u << CONTEXT_UNFINISHED;
		return;
	}
	/* Without a request line no context is right; whether it is missed there is not worth a search. */
	if (!h.request_line) {
		c->results |= 1u << CONTEXT_NOT_HTTP;
		if (h.complete)
			c->results |= 1u << CONTEXT_NONE | 1u << CONTEXT_INVALID;
		return;
	}
	c->results |= h.outcomes;
	if (!h.sure)
		c->results |= 1u << (h.complete ? CONTEXT_NONE : CONTEXT_UNFINISHED);
}

#endif
