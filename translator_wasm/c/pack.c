/* A pack is validated once, every offset, length, order and index of it; afterwards it is only read.
 *
 * Source: SPEC.md section 4. The checksum finds damage; against a forged pack only the other checks count.
 */
#include "inside.h"

enum { HEADER = 144, SECTION_TABLE = 28, CHECKED_FROM = 24 };

static const uint8_t item_size[SECTIONS] = {1, 8, 2, 8, 8, 16, 8, 16, 8, 8, 8, 12, 8};

uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }

uint32_t get32(const uint8_t *at) { return get16(at) | (uint32_t)get16(at + 2) << 16; }

void put32(uint8_t *at, uint32_t value) {
    for (uint32_t i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

const uint8_t *item(const pack *p, section_name name, uint32_t index) {
    return p->sections[name].at + (size_t)index * item_size[name];
}

string text_of(const pack *p, section_name name, uint32_t index) {
    const uint8_t *at = item(p, name, index);
    return (string){p->sections[TEXT].at + get32(at), get16(at + 4)};
}

concept concept_at(const pack *p, uint32_t index) {
    const uint8_t *at = item(p, CONCEPTS, index);
    return (concept){.kind = at[6], .gender = at[7], .flags = at[8], .forms = at[9], .first_form = get32(at + 12)};
}

pattern pattern_at(const pack *p, uint32_t index) {
    const uint8_t *at = item(p, PATTERNS, index);
    pattern found = {.kind = at[0], .slots = at[1], .head = at[2], .flags = at[3], .gender = at[14],
                     .templates = get16(at + 12), .first_template = get32(at + 8)};
    for (uint32_t i = 0; i < HTR_MAX_SLOTS; i++) found.slot_kind[i] = at[4 + i];
    return found;
}

static int32_t order(string a, string b) {
    for (uint32_t i = 0; i < a.len && i < b.len; i++)
        if (a.at[i] != b.at[i]) return a.at[i] - b.at[i];
    return (int32_t)a.len - (int32_t)b.len;
}

int32_t find_string(const pack *p, section_name name, string wanted) {
    uint32_t low = 0, high = p->sections[name].count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int32_t found = order(text_of(p, name, middle), wanted);
        if (found == 0) return (int32_t)middle;
        if (found < 0) low = middle + 1;
        else high = middle;
    }
    return -1;
}

/* Whether items first .. first + count of a section exist. */
static bool holds(const pack *p, section_name name, uint32_t first, uint32_t count) {
    uint32_t all = p->sections[name].count;
    return first <= all && count <= all - first;
}

static bool is_text(const pack *p, section_name name, uint32_t index) {
    const uint8_t *at = item(p, name, index);
    uint32_t len = get16(at + 4);
    if (len == 0 || len > HTR_MAX_STRING || !holds(p, TEXT, get32(at), len)) return false;
    return is_utf8(p->sections[TEXT].at + get32(at), len);
}

/* Strings of a section are text, sorted and each once; what they stand for exists. */
static bool are_sorted(const pack *p, section_name name) {
    for (uint32_t i = 0; i < p->sections[name].count; i++) {
        if (!is_text(p, name, i)) return false;
        if (i && order(text_of(p, name, i - 1), text_of(p, name, i)) >= 0) return false;
        if (name != WORDS && get16(item(p, name, i) + 6) >= p->sections[CONCEPTS].count) return false;
    }
    return true;
}

static bool is_sequence(const pack *p, const uint8_t *at) { return holds(p, SEQUENCES, get32(at), get16(at + 4)); }

static int32_t sequence_order(const pack *p, const uint8_t *a, const uint8_t *b) {
    uint32_t a_len = get16(a + 4), b_len = get16(b + 4);
    for (uint32_t i = 0; i < a_len && i < b_len; i++) {
        int32_t by = get16(item(p, SEQUENCES, get32(a) + i)) - get16(item(p, SEQUENCES, get32(b) + i));
        if (by) return by;
    }
    return (int32_t)a_len - (int32_t)b_len;
}

static bool terms_hold(const pack *p) {
    for (uint32_t i = 0; i < p->sections[SEQUENCES].count; i++) {
        uint32_t word = get16(item(p, SEQUENCES, i));
        if (word == 0 || word > p->sections[WORDS].count) return false;
    }
    for (uint32_t i = 0; i < p->sections[TERMS].count; i++) {
        const uint8_t *at = item(p, TERMS, i);
        uint32_t len = get16(at + 4);
        if (!is_sequence(p, at) || len == 0 || len > HTR_MAX_TERM) return false;
        if (get16(at + 6) >= p->sections[CONCEPTS].count) return false;
        if (i && sequence_order(p, item(p, TERMS, i - 1), at) >= 0) return false;
    }
    return true;
}

static bool concepts_hold(const pack *p) {
    for (uint32_t i = 0; i < p->sections[FORMS].count; i++)
        if (!is_text(p, FORMS, i) || item(p, FORMS, i)[6] >= FORMS_NAMED) return false;
    for (uint32_t i = 0; i < p->sections[CONCEPTS].count; i++) {
        concept c = concept_at(p, i);
        if (!is_text(p, CONCEPTS, i) || c.kind == 0 || c.kind >= KINDS || c.gender >= GENDERS || c.forms == 0) return false;
        if (!holds(p, FORMS, c.first_form, c.forms) || item(p, FORMS, c.first_form)[6] != FORM_BASE) return false;
    }
    return true;
}

static bool template_holds(const pack *p, const pattern *of) {
    if (of->templates == 0 || of->templates > HTR_MAX_TEMPLATE) return false;
    if (!holds(p, TEMPLATES, of->first_template, of->templates)) return false;
    for (uint32_t i = 0; i < of->templates; i++) {
        const uint8_t *at = item(p, TEMPLATES, of->first_template + i);
        uint32_t len = get16(at + 8);
        if (at[0] == 0) {
            if (len == 0 || len > HTR_MAX_STRING || !holds(p, TEXT, get32(at + 4), len)) return false;
            if (!is_utf8(p->sections[TEXT].at + get32(at + 4), len)) return false;
        } else if (at[0] != 1 || at[1] >= of->slots || at[2] >= CHOICES) {
            return false;
        } else if (at[3] >= (at[2] == CHOOSE_FORM ? FORMS_NAMED : of->slots) && at[2] != CHOOSE_ASKED) {
            return false;
        }
    }
    return true;
}

/* The alternatives of an element; the first element of a source must stand there. */
static bool element_holds(const pack *p, const uint8_t *element, bool first) {
    uint32_t count = get16(element + 2), from = get32(element + 4);
    if (count == 0 || !holds(p, ALTERNATIVES, from, count)) return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *at = item(p, ALTERNATIVES, from + i);
        if (!is_sequence(p, at) || get16(at + 4) > HTR_MAX_TERM || (first && get16(at + 4) == 0)) return false;
    }
    return true;
}

/* Each slot of the pattern stands in each of its sources exactly once. */
static bool source_holds(const pack *p, const uint8_t *source) {
    uint32_t count = get16(source + 2), from = get32(source + 4), seen = 0;
    if (get16(source) >= p->sections[PATTERNS].count || count == 0 || count > HTR_MAX_TEMPLATE) return false;
    if (!holds(p, ELEMENTS, from, count)) return false;
    pattern of = pattern_at(p, get16(source));
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *element = item(p, ELEMENTS, from + i);
        if (element[0] == 0) {
            if (!element_holds(p, element, i == 0)) return false;
        } else if (element[0] != 1 || element[1] >= of.slots || seen & 1u << element[1]) {
            return false;
        } else {
            seen |= 1u << element[1];
        }
    }
    return seen == (1u << of.slots) - 1;
}

static bool patterns_hold(const pack *p) {
    for (uint32_t i = 0; i < p->sections[PATTERNS].count; i++) {
        pattern of = pattern_at(p, i);
        if (of.kind == 0 || of.kind >= KINDS || of.slots == 0 || of.slots > HTR_MAX_SLOTS || of.head >= of.slots) return false;
        if (of.gender >= GENDERS || !template_holds(p, &of)) return false;
        for (uint32_t s = 0; s < of.slots; s++)
            if (of.slot_kind[s] == 0 || of.slot_kind[s] >= KINDS) return false;
    }
    for (uint32_t i = 0; i < p->sections[SOURCES].count; i++)
        if (!source_holds(p, item(p, SOURCES, i))) return false;
    return true;
}

static bool checksum_holds(const uint8_t *at, uint32_t len) {
    uint32_t sum = 2166136261u;
    for (uint32_t i = CHECKED_FROM; i < len; i++) sum = (sum ^ at[i]) * 16777619u;
    return sum == get32(at + 20);
}

static bool open_pack(const uint8_t *at, uint32_t len, pack *p) {
    if (len < HEADER || get32(at) != 0x50525448u || get16(at + 4) != HTR_VERSION || get32(at + 16) != len) return false;
    if (!checksum_holds(at, len)) return false;
    for (uint32_t i = 0; i < SECTIONS; i++) {
        uint32_t offset = get32(at + SECTION_TABLE + 8 * i), count = get32(at + SECTION_TABLE + 8 * i + 4);
        if (offset < HEADER || offset > len || count > (len - offset) / item_size[i]) return false;
        p->sections[i] = (section){at + offset, count};
    }
    p->decimal = at[24];
    p->flags = at[25];
    if (p->decimal != '.' && p->decimal != ',') return false;
    /* Word, concept and pattern numbers are u16, and 0xffff is none of them. */
    if (p->sections[WORDS].count >= 0xffff || p->sections[CONCEPTS].count >= 0xffff) return false;
    if (p->sections[PATTERNS].count >= 0xffff) return false;
    return concepts_hold(p) && are_sorted(p, WORDS) && are_sorted(p, UNITS) && are_sorted(p, CODES) && terms_hold(p) &&
           patterns_hold(p);
}

/* Two packs of one edition number their concepts and patterns alike. */
static bool are_alike(const pack *a, const pack *b) {
    if (a->sections[CONCEPTS].count != b->sections[CONCEPTS].count) return false;
    if (a->sections[PATTERNS].count != b->sections[PATTERNS].count) return false;
    for (uint32_t i = 0; i < a->sections[CONCEPTS].count; i++)
        if (concept_at(a, i).kind != concept_at(b, i).kind) return false;
    for (uint32_t i = 0; i < a->sections[PATTERNS].count; i++)
        for (uint32_t byte = 0; byte < 8; byte++)
            if (item(a, PATTERNS, i)[byte] != item(b, PATTERNS, i)[byte]) return false;
    return true;
}

size_t htr_pair_size(void) { return sizeof(htr_pair); }

int32_t htr_open(const uint8_t *source, uint32_t source_len, const uint8_t *target, uint32_t target_len,
                 htr_pair *pair) {
    if (!open_pack(source, source_len, &pair->source)) return HTR_ERROR_PACK;
    if (!open_pack(target, target_len, &pair->target)) return HTR_ERROR_PACK;
    for (uint32_t i = 8; i < 16; i++)
        if (source[i] != target[i]) return HTR_ERROR_EDITION;
    return are_alike(&pair->source, &pair->target) ? HTR_OK : HTR_ERROR_EDITION;
}
