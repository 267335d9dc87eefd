/* Everything that is known about a sentence: terms by longest match, numbers, units, and patterns of them.
 *
 * Nodes are made from the last token to the first, so that what may follow is complete when a pattern asks for it. Of
 * several ways to read the same tokens as the same kind the first stands: terms before patterns, patterns in the order
 * of the pack. A node that the target language cannot say is not made.
 */
#include "inside.h"

token *tok(htr_work *w, uint32_t index) { return &w->token[w->first + index]; }

bool spend(htr_work *w, uint32_t steps) {
    w->effort = w->effort > steps ? w->effort - steps : 0;
    return w->effort > 0;
}

/* Nothing that is known ends inside of glued words. */
static bool may_end(htr_work *w, uint32_t end) { return end >= w->length || !tok(w, end)->glued; }

static bool is_there(const htr_work *w, const node *made) {
    for (uint16_t n = w->node_at[made->start]; n; n = w->node[n].next)
        if (w->node[n].end == made->end && w->node[n].kind == made->kind) return true;
    return false;
}

static void add(htr_work *w, node made) {
    /* A number may: "72-year-old" is a pattern with a number in it. */
    if (made.type != NODE_NUMBER && !may_end(w, made.end)) return;
    if (w->nodes >= HTR_MAX_NODES || is_there(w, &made)) return;
    uint16_t index = (uint16_t)w->nodes;
    w->node[index] = made;
    w->dry = true;
    bool can_be_said = render(w, index, FORM_BASE);
    w->dry = false;
    if (!can_be_said) return;
    w->nodes++;
    if (w->node_at[made.start]) w->node[w->last_at[made.start]].next = index;
    else w->node_at[made.start] = index;
    w->last_at[made.start] = index;
}

static void add_term(htr_work *w, uint32_t start, uint32_t end, uint16_t index) {
    concept c = concept_at(&w->pair->source, index);
    add(w, (node){.start = (uint16_t)start, .end = (uint16_t)end, .ref = index, .type = NODE_TERM, .kind = c.kind,
                  .negated = c.flags & NEGATED, .bound = c.flags & BOUND});
}

/* First term in low .. high whose word at a place is at least the wanted one; terms that end before count as less. */
static uint32_t first_term(const pack *p, uint32_t low, uint32_t high, uint32_t place, uint32_t word) {
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const uint8_t *at = item(p, TERMS, middle);
        uint32_t here = place < get16(at + 4) ? get16(item(p, SEQUENCES, get32(at) + place)) : 0;
        if (here < word) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void add_terms(htr_work *w, uint32_t start) {
    const pack *p = &w->pair->source;
    uint32_t low = 0, high = p->sections[TERMS].count;
    for (uint32_t len = 1; len <= HTR_MAX_TERM && start + len <= w->length; len++) {
        uint32_t word = tok(w, start + len - 1)->word;
        if (word == 0) return;
        low = first_term(p, low, high, len - 1, word);
        high = first_term(p, low, high, len - 1, word + 1);
        if (low == high) return;
        const uint8_t *at = item(p, TERMS, low);
        if (get16(at + 4) == len) add_term(w, start, start + len, get16(at + 6));
    }
}

/* The value of up to four digits and nothing else, or 0. */
static uint32_t small_integer(const htr_work *w, const token *t) {
    uint32_t value = 0;
    if (t->end - t->start > 4) return 0;
    for (uint32_t i = t->start; i < t->end; i++) {
        if (w->text[i] < '0' || w->text[i] > '9') return 0;
        value = value * 10 + w->text[i] - '0';
    }
    return value;
}

/* `2021-06-09` or `2021-06`. */
static bool is_iso_date(const htr_work *w, const token *t) {
    uint32_t len = t->end - t->start;
    if (len != 7 && len != 10) return false;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t c = w->text[t->start + i];
        if (i == 4 || i == 7 ? c != '-' : c < '0' || c > '9') return false;
    }
    return true;
}

static void add_number(htr_work *w, uint32_t start, uint8_t kind) {
    add(w, (node){.start = (uint16_t)start, .end = (uint16_t)(start + 1), .ref = NO_CONCEPT, .type = NODE_NUMBER,
                  .kind = kind});
}

/* A number is also a day of a month or a year where it can be one; patterns of dates ask for those. */
static void add_token(htr_work *w, uint32_t start) {
    const token *t = tok(w, start);
    if (t->type == TOKEN_UNIT) add_term(w, start, start + 1, t->concept);
    if (t->type != TOKEN_NUMBER || !t->clear) return;
    uint32_t value = small_integer(w, t);
    add_number(w, start, KIND_NUMBER);
    if (value >= 1 && value <= 31) add_number(w, start, KIND_DAY);
    if (value >= 1800 && value <= 2199) add_number(w, start, KIND_YEAR);
    if (is_iso_date(w, t)) add_number(w, start, KIND_DATE);
}

typedef struct {
    uint16_t source, pattern;
    uint32_t elements, first; /* of the source */
    uint32_t start;
    uint16_t child[HTR_MAX_SLOTS];
    pattern of;
} attempt;

static bool words_stand(htr_work *w, uint32_t at, uint32_t sequence, uint32_t len) {
    if (len > w->length - at) return false;
    for (uint32_t i = 0; i < len; i++) {
        if (tok(w, at + i)->word != get16(item(&w->pair->source, SEQUENCES, sequence + i))) return false;
    }
    return true;
}

static void complete(htr_work *w, const attempt *a, uint32_t end) {
    node made = {.start = (uint16_t)a->start, .end = (uint16_t)end, .ref = a->pattern, .type = NODE_PATTERN,
                 .kind = a->of.kind, .negated = a->of.flags & NEGATED, .bound = a->of.flags & BOUND};
    for (uint32_t i = 0; i < a->of.slots; i++) {
        const node *child = &w->node[a->child[i]];
        made.child[i] = a->child[i];
        made.negated = made.negated || child->negated;
        if (child->depth >= made.depth) made.depth = (uint8_t)(child->depth + 1);
    }
    if (made.depth <= HTR_MAX_DEPTH) add(w, made);
}

static void match(htr_work *w, attempt *a, uint32_t element, uint32_t at);

static void match_words(htr_work *w, attempt *a, uint32_t element, uint32_t at, const uint8_t *e) {
    for (uint32_t i = 0; i < get16(e + 2); i++) {
        const uint8_t *alternative = item(&w->pair->source, ALTERNATIVES, get32(e + 4) + i);
        uint32_t len = get16(alternative + 4);
        if (words_stand(w, at, get32(alternative), len)) match(w, a, element + 1, at + len);
    }
}

/* Match the elements of a source from one on, at a token; `element` counts from the source's first. */
static void match(htr_work *w, attempt *a, uint32_t element, uint32_t at) {
    if (!spend(w, 1)) return;
    if (element == a->elements) {
        complete(w, a, at);
        return;
    }
    const uint8_t *e = item(&w->pair->source, ELEMENTS, a->first + element);
    if (e[0] == 0) {
        match_words(w, a, element, at, e);
        return;
    }
    for (uint16_t n = at < w->length ? w->node_at[at] : 0; n; n = w->node[n].next) {
        if (w->node[n].kind != a->of.slot_kind[e[1]]) continue;
        a->child[e[1]] = n;
        match(w, a, element + 1, w->node[n].end);
    }
}

static attempt begin(const htr_work *w, uint32_t source, uint32_t start) {
    const uint8_t *at = item(&w->pair->source, SOURCES, source);
    return (attempt){.source = (uint16_t)source, .pattern = get16(at), .elements = get16(at + 2), .first = get32(at + 4),
                     .start = start, .of = pattern_at(&w->pair->source, get16(at))};
}

static const uint8_t *first_element(const htr_work *w, uint32_t source) {
    return item(&w->pair->source, ELEMENTS, get32(item(&w->pair->source, SOURCES, source) + 4));
}

static bool may_begin(const htr_work *w, const uint8_t *element, uint16_t word) {
    const pack *p = &w->pair->source;
    for (uint32_t i = 0; element[0] == 0 && i < get16(element + 2); i++) {
        uint32_t sequence = get32(item(p, ALTERNATIVES, get32(element + 4) + i));
        if (get16(item(p, SEQUENCES, sequence)) == word) return true;
    }
    return false;
}

static void begin_with_words(htr_work *w, uint32_t start) {
    uint16_t word = tok(w, start)->word;
    for (uint32_t i = 0; word && i < w->pair->source.sections[SOURCES].count; i++) {
        if (!may_begin(w, first_element(w, i), word)) continue;
        attempt a = begin(w, i, start);
        match(w, &a, 0, start);
    }
}

static void begin_with_node(htr_work *w, uint16_t n) {
    const pack *p = &w->pair->source;
    for (uint32_t i = 0; i < p->sections[SOURCES].count; i++) {
        const uint8_t *e = first_element(w, i);
        if (e[0] == 0) continue;
        if (item(p, PATTERNS, get16(item(p, SOURCES, i)))[4 + e[1]] != w->node[n].kind) continue;
        attempt a = begin(w, i, w->node[n].start);
        a.child[e[1]] = n;
        match(w, &a, 1, w->node[n].end);
    }
}

void fill_chart(htr_work *w) {
    w->nodes = 1;
    w->effort = HTR_MAX_EFFORT;
    for (uint32_t i = 0; i <= w->length; i++) w->node_at[i] = w->last_at[i] = 0;
    for (uint32_t start = w->length; start-- > 0;) {
        if (tok(w, start)->glued) continue;
        add_token(w, start);
        add_terms(w, start);
        begin_with_words(w, start);
        for (uint16_t n = w->node_at[start]; n; n = w->node[n].next) begin_with_node(w, n);
    }
}
