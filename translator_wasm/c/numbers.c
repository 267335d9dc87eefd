/* Numbers keep every digit; their decimal sign and their groups take the target's form, or they are left alone.
 *
 * Source of the group sign: ISO 80000-1, 7.3.1 (groups of three are parted by a small space, never by point or comma).
 */
#include "inside.h"

typedef enum { PLAIN_INTEGER, PLAIN_DECIMAL, PLAIN_GROUPED, PLAIN_UNCLEAR } plain;

typedef struct {
    plain form;
    const uint8_t *decimal; /* the decimal sign, or NULL */
} reading;

static bool is_sign(uint8_t c) { return c == '.' || c == ','; }

/* One to three digits that do not begin with 0, then groups of exactly three, all parted by one sign. */
static bool is_grouped(const uint8_t *at, const uint8_t *end, uint8_t sign) {
    const uint8_t *group = at;
    bool first = true;
    for (const uint8_t *c = at;; c++) {
        if (c < end && *c != sign) continue;
        uint32_t len = (uint32_t)(c - group);
        if (first ? len < 1 || len > 3 || *group == '0' : len != 3) return false;
        if (c == end) return !first;
        group = c + 1;
        first = false;
    }
}

static reading read_plain(const uint8_t *at, const uint8_t *end, uint8_t decimal, bool point) {
    const uint8_t *last = NULL;
    uint32_t signs = 0;
    for (const uint8_t *c = at; c < end; c++)
        if (is_sign(*c)) last = c, signs++;
    uint8_t group = decimal == '.' ? ',' : '.';
    reading unclear = {PLAIN_UNCLEAR, NULL};
    if (signs == 0) return (reading){PLAIN_INTEGER, NULL};
    if (signs == 1 && point) return *last == '.' ? (reading){PLAIN_DECIMAL, last} : unclear;
    if (signs == 1 && *last == decimal) return (reading){PLAIN_DECIMAL, last};
    if (signs == 1 && !is_grouped(at, end, group)) return (reading){PLAIN_DECIMAL, last};
    if (signs == 1) return decimal == '.' ? (reading){PLAIN_GROUPED, NULL} : unclear;
    if (point) return unclear;
    if (*last == decimal) return is_grouped(at, last, group) ? (reading){PLAIN_GROUPED, last} : unclear;
    return is_grouped(at, end, group) ? (reading){PLAIN_GROUPED, NULL} : unclear;
}

static bool is_part(uint8_t c) { return (c >= '0' && c <= '9') || is_sign(c); }

static const uint8_t *part_end(const uint8_t *at, const uint8_t *end) {
    while (at < end && is_part(*at)) at++;
    return at;
}

/* Day and month, or month and day, then a year: two countries read two dates. */
static bool is_unclear_date(const uint8_t *at, const uint8_t *end) {
    uint32_t lens[3] = {0, 0, 0}, part = 0;
    for (; at < end; at++) {
        if (*at >= '0' && *at <= '9') lens[part]++;
        else if (++part > 2 || (*at != '/' && *at != '-')) return false;
    }
    return part == 2 && lens[0] <= 2 && lens[1] <= 2 && (lens[2] == 2 || lens[2] == 4);
}

bool number_is_clear(const uint8_t *at, uint32_t len, uint8_t decimal, bool point) {
    const uint8_t *end = at + len;
    if (is_unclear_date(at, end)) return false;
    while (at < end) {
        const uint8_t *stop = part_end(at, end);
        if (stop > at && read_plain(at, stop, decimal, point).form == PLAIN_UNCLEAR) return false;
        at = stop < end ? stop + 1 : end;
    }
    return true;
}

static void write_plain(writer *out, const uint8_t *at, const uint8_t *end, reading as, uint8_t to) {
    static const uint8_t narrow_space[3] = {0xe2, 0x80, 0xaf};
    for (; at < end; at++) {
        if (!is_sign(*at)) write(out, at, 1);
        else if (at == as.decimal) write(out, &to, 1);
        else write(out, narrow_space, sizeof narrow_space);
    }
}

void write_number(writer *out, string number, uint8_t from, uint8_t to, bool point) {
    const uint8_t *at = number.at, *end = at + number.len;
    while (at < end) {
        const uint8_t *stop = part_end(at, end);
        write_plain(out, at, stop, read_plain(at, stop, from, point), to);
        at = stop;
        while (stop < end && !is_part(*stop)) stop++;
        write(out, at, (uint32_t)(stop - at));
        at = stop;
    }
}
