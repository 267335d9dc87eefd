/* UTF-8, and the letters of the six languages: small and capital, composed and decomposed.
 *
 * Source: The Unicode Standard 15, chapters 3.9 (UTF-8) and 3.11 (composition), as far as Latin letters need it.
 */
#include "inside.h"

letter next_letter(const uint8_t *at, const uint8_t *end) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    letter none = {0, 0};
    if (at >= end) return none;
    if (*at < 0x80) return (letter){*at, 1};
    uint32_t len = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
    if (*at < 0xc2 || *at > 0xf4 || (uint32_t)(end - at) < len) return none;
    uint32_t point = *at & (0x7fu >> len);
    for (uint32_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) return none;
        point = point << 6 | (at[i] & 0x3f);
    }
    if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return none;
    return (letter){point, len};
}

bool is_utf8(const uint8_t *at, uint32_t len) {
    const uint8_t *end = at + len;
    while (at < end) {
        letter l = next_letter(at, end);
        if (l.len == 0) return false;
        at += l.len;
    }
    return true;
}

bool is_space(uint32_t p) {
    return p == ' ' || (p >= 9 && p <= 13) || p == 0x85 || p == 0xa0 || p == 0x1680 || (p >= 0x2000 && p <= 0x200a) ||
           p == 0x2028 || p == 0x2029 || p == 0x202f || p == 0x205f || p == 0x3000;
}

/* Letters that are not seen: soft hyphen, zero-width characters, byte order mark. */
bool is_ignored(uint32_t p) { return p == 0xad || (p >= 0x200b && p <= 0x200f) || p == 0x2060 || p == 0xfeff; }

bool is_digit(uint32_t p) { return p >= '0' && p <= '9'; }

bool is_hyphen(uint32_t p) { return p == '-' || (p >= 0x2010 && p <= 0x2013) || p == 0x2212; }

/* As typed: also a grave or acute accent, an opening quotation mark, a wide apostrophe. */
bool is_apostrophe(uint32_t p) {
    return p == '\'' || p == '`' || p == 0xb4 || p == 0x2018 || p == 0x2019 || p == 0x2bc || p == 0xff07;
}

static bool is_latin_mark(uint32_t p) { return p < 0xc0 && p != 0xaa && p != 0xb5 && p != 0xba; }

bool is_word_letter(uint32_t p) {
    if (p < 0x80) return (p >= 'a' && p <= 'z') || (p >= 'A' && p <= 'Z');
    if (is_latin_mark(p) || p == 0xd7 || p == 0xf7) return false;
    return !(p >= 0x2000 && p <= 0x2bff) && !(p >= 0x3000 && p <= 0x303f) && !is_ignored(p) && !is_space(p);
}

/* Latin Extended-A: capitals are even up to U+0137 and from U+014A, odd in between and from U+0179. */
static bool is_extended_capital(uint32_t p) {
    bool odd = (p >= 0x139 && p <= 0x148) || (p >= 0x179 && p <= 0x17e);
    return p >= 0x100 && p <= 0x17e && p != 0x138 && p != 0x149 && p != 0x178 && (p & 1) == (odd ? 1u : 0u);
}

bool is_capital(uint32_t p) {
    return (p >= 'A' && p <= 'Z') || (p >= 0xc0 && p <= 0xde && p != 0xd7) || is_extended_capital(p) || p == 0x178 ||
           p == 0x1e9e;
}

uint32_t small(uint32_t p) {
    if (!is_capital(p)) return p == 0x3bc ? 0xb5 : p; /* Greek mu is read as the micro sign */
    if (p == 0x178) return 0xff;
    if (p == 0x1e9e) return 0xdf;
    return p < 0x100 ? p + 0x20 : p + 1;
}

uint32_t composed(uint32_t base, uint32_t mark) {
    static const struct {
        char base;
        uint8_t mark; /* below U+0300 */
        uint8_t made; /* small letter in Latin-1 */
    } table[] = {
        {'a', 0, 0xe0}, {'a', 1, 0xe1}, {'a', 2, 0xe2}, {'a', 3, 0xe3}, {'a', 8, 0xe4}, {'a', 10, 0xe5},
        {'c', 39, 0xe7}, {'e', 0, 0xe8}, {'e', 1, 0xe9}, {'e', 2, 0xea}, {'e', 8, 0xeb}, {'i', 0, 0xec},
        {'i', 1, 0xed}, {'i', 2, 0xee}, {'i', 8, 0xef}, {'n', 3, 0xf1}, {'o', 0, 0xf2}, {'o', 1, 0xf3},
        {'o', 2, 0xf4}, {'o', 3, 0xf5}, {'o', 8, 0xf6}, {'u', 0, 0xf9}, {'u', 1, 0xfa}, {'u', 2, 0xfb},
        {'u', 8, 0xfc}, {'y', 1, 0xfd}, {'y', 8, 0xff},
    };
    if (mark < 0x300 || mark > 0x36f) return 0;
    for (uint32_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((uint32_t)table[i].base == small(base) && table[i].mark == mark - 0x300) return table[i].made;
    return 0;
}

uint32_t put_letter(uint8_t *at, uint32_t p) {
    if (p < 0x80) return at[0] = (uint8_t)p, 1;
    if (p < 0x800) return at[0] = (uint8_t)(0xc0 | p >> 6), at[1] = (uint8_t)(0x80 | (p & 0x3f)), 2;
    uint32_t len = p < 0x10000 ? 3 : 4;
    at[0] = (uint8_t)(len == 3 ? 0xe0 | p >> 12 : 0xf0 | p >> 18);
    for (uint32_t i = 1; i < len; i++) at[i] = (uint8_t)(0x80 | (p >> 6 * (len - 1 - i) & 0x3f));
    return len;
}

static uint32_t capital_of(uint32_t p) {
    if (p >= 'a' && p <= 'z') return p - 0x20;
    if (p >= 0xe0 && p <= 0xfe && p != 0xf7) return p - 0x20;
    if (p >= 0x101 && p <= 0x17e && !is_extended_capital(p) && is_extended_capital(p - 1)) return p - 1;
    return p;
}

void capitalise(uint8_t *at, uint32_t len) {
    letter first = next_letter(at, at + len);
    letter second = next_letter(at + first.len, at + len);
    if (first.len == 0 || is_capital(second.point)) return; /* pH, eGFR, mRNA */
    if (second.len && is_hyphen(second.point)) return;      /* d-dimer and the like keep their letter */
    put_letter(at, capital_of(first.point));
}
