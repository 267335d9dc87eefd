/* The target of one node: terms in the form that is asked, patterns by their template, numbers by their digits.
 *
 * It answers false where the target language lacks a form; whoever asked then does without the node.
 */
#include "inside.h"

void write(writer *out, const uint8_t *at, uint32_t len) {
    if (len > out->cap - out->len) {
        out->full = true;
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        out->at[out->len++] = at[i];
        out->points += (at[i] & 0xc0) != 0x80;
    }
}

void add_span(htr_work *w, span s) {
    if (w->spans < HTR_MAX_TEXT) w->span[w->spans++] = s;
    else w->out.full = true;
}

static bool is_agreement(uint8_t form) { return form > FORM_BASE && form < FORM_FIRST_CASE; }

/* The text of a form; an adjective or noun without a form for gender or number has the same one for all. */
static bool find_form(const pack *p, const concept *c, uint8_t form, string *found) {
    for (uint32_t i = 0; i < c->forms; i++) {
        if (item(p, FORMS, c->first_form + i)[6] != form) continue;
        *found = text_of(p, FORMS, c->first_form + i);
        return true;
    }
    if (!is_agreement(form)) return false;
    *found = text_of(p, FORMS, c->first_form);
    return true;
}

static void leaf_span(htr_work *w, const node *n, uint32_t target_start) {
    const token *first = tok(w, n->start), *last = tok(w, n->end - 1u);
    add_span(w, (span){first->first_point, last->end_point, target_start, w->out.points, n->ref, n->kind, true});
}

static bool render_term(htr_work *w, const node *n, uint8_t form) {
    concept c = concept_at(&w->pair->target, n->ref);
    string text;
    if (!find_form(&w->pair->target, &c, form, &text)) return false;
    if (w->dry) return true;
    uint32_t start = w->out.points;
    write(&w->out, text.at, text.len);
    leaf_span(w, n, start);
    return true;
}

static void render_number(htr_work *w, const node *n) {
    if (w->dry) return;
    uint32_t start = w->out.points;
    const token *t = tok(w, n->start);
    string digits = {w->text + t->start, t->end - t->start};
    write_number(&w->out, digits, w->pair->source.decimal, w->pair->target.decimal, w->flags & HTR_POINT);
    leaf_span(w, n, start);
}

/* One, half or several, by the digits. */
static uint8_t count_form(htr_work *w, const node *n) {
    const token *t = tok(w, n->start);
    const uint8_t *at = w->text + t->start;
    uint32_t len = t->end - t->start;
    if (len == 1 && *at == '1') return FORM_ONE;
    bool half = len == 3 && ((at[0] == '1' && at[1] == '/') || (at[0] == '0' && (at[1] == '.' || at[1] == ',')));
    return half && !(w->pair->target.flags & HALF_IS_SEVERAL) ? FORM_ONE : FORM_SEVERAL;
}

static uint8_t gender_of(const htr_work *w, uint16_t index) {
    const node *n = &w->node[index];
    if (n->type == NODE_TERM) return concept_at(&w->pair->target, n->ref).gender;
    if (n->type == NODE_NUMBER) return 0;
    pattern p = pattern_at(&w->pair->target, n->ref);
    return p.gender ? p.gender : gender_of(w, n->child[p.head]);
}

static uint8_t chosen_form(htr_work *w, const node *n, const uint8_t *template, uint8_t asked) {
    switch (template[2]) {
    case CHOOSE_AGREEMENT: return gender_of(w, n->child[template[3]]);
    case CHOOSE_COUNTED: return count_form(w, &w->node[n->child[template[3]]]);
    case CHOOSE_ASKED: return asked;
    default: return template[3];
    }
}

/* A case that is asked of a pattern must be taken on by one of its slots. */
static bool takes_case(const pack *target, const pattern *p) {
    for (uint32_t i = 0; i < p->templates; i++) {
        const uint8_t *at = item(target, TEMPLATES, p->first_template + i);
        if (at[0] == 1 && at[2] == CHOOSE_ASKED) return true;
    }
    return false;
}

static bool render_pattern(htr_work *w, const node *n, uint8_t asked) {
    const pack *target = &w->pair->target;
    pattern p = pattern_at(target, n->ref);
    if (asked >= FORM_FIRST_CASE && !takes_case(target, &p)) return false;
    for (uint32_t i = 0; i < p.templates; i++) {
        const uint8_t *at = item(target, TEMPLATES, p.first_template + i);
        if (at[0] == 0) {
            if (!w->dry) write(&w->out, target->sections[TEXT].at + get32(at + 4), get16(at + 8));
        } else if (!render(w, n->child[at[1]], chosen_form(w, n, at, asked))) {
            return false;
        }
    }
    return true;
}

bool render(htr_work *w, uint16_t index, uint8_t form) {
    const node *n = &w->node[index];
    if (!spend(w, 1) || w->out.full) return false;
    switch (n->type) {
    case NODE_TERM: return render_term(w, n, form);
    case NODE_NUMBER: render_number(w, n); return true;
    default: return render_pattern(w, n, form);
    }
}
