/* Which nodes of a sentence are used, and whether all of the sentence may be: negation and other turning words.
 *
 * Source: SPEC.md section 2, rules 3, 5, 6, 7 and 10.
 */
#include "inside.h"

enum { UNKNOWN_COST = 0x10000 };

static bool among(uint8_t mark, const char *marks) {
    for (; *marks; marks++)
        if ((uint8_t)*marks == mark) return true;
    return false;
}

static bool is_mark(htr_work *w, uint32_t at, const char *marks) {
    const token *t = tok(w, at);
    return t->type == TOKEN_MARK && (t->mark == 0 || among(t->mark, marks));
}

/* Bound words count where they are all that stands between two of these. */
static bool stands_alone(htr_work *w, const node *n) {
    bool begins = n->start == 0 || is_mark(w, n->start - 1u, ",;|(:-/*.!?") || tok(w, n->start)->lines;
    bool ends = n->end == w->length || is_mark(w, n->end, ",;|):/.!?") || tok(w, n->end)->lines;
    return begins && ends;
}

static void choose_at(htr_work *w, uint32_t at) {
    w->chosen[at] = 0;
    w->cost[at] = w->cost[at + 1] + (tok(w, at)->type == TOKEN_MARK ? 0 : UNKNOWN_COST);
    uint32_t end = at + 1;
    for (uint16_t n = w->node_at[at]; n; n = w->node[n].next) {
        const node *here = &w->node[n];
        if (here->bound && !stands_alone(w, here)) continue;
        uint32_t cost = w->cost[here->end] + 1;
        if (cost > w->cost[at] || (cost == w->cost[at] && w->chosen[at] && here->end <= end)) continue;
        w->cost[at] = cost;
        w->chosen[at] = n;
        end = here->end;
    }
}

static void choose(htr_work *w) {
    w->cost[w->length] = 0;
    for (uint32_t at = w->length; at-- > 0;) choose_at(w, at);
}

static bool turns(htr_work *w) {
    for (uint32_t i = 0; i < w->length; i++)
        if (tok(w, i)->turning) return true;
    return false;
}

/* Whether a sentence with a turning word is known as a whole. */
static bool is_settled(htr_work *w) {
    bool after_node = false, negated = false;
    for (uint32_t at = 0; at < w->length;) {
        const node *n = &w->node[w->chosen[at]];
        if (w->chosen[at] == 0) {
            if (tok(w, at)->type != TOKEN_MARK) return false;
            if (tok(w, at)->mark == ';' || tok(w, at)->mark == '|') negated = false;
            after_node = false;
            at++;
            continue;
        }
        if (after_node || (negated && !n->negated)) return false;
        negated = n->negated;
        after_node = true;
        at = n->end;
    }
    return true;
}

/* ---- writing ---- */

static void copy_to(htr_work *w, uint32_t end) {
    write(&w->out, w->text + w->done, end - w->done);
    w->done = end;
}

static void leave(htr_work *w, const token *first, const token *last) {
    copy_to(w, first->start);
    span left = {first->first_point, last->end_point, w->out.points, 0, NO_CONCEPT, KIND_UNKNOWN, false};
    copy_to(w, last->end);
    left.target_end = w->out.points;
    add_span(w, left);
    w->any_unknown = true;
}

static void mark_joint(htr_work *w, const token *t) {
    span joint = {t->first_point, t->first_point, w->out.points, w->out.points, NO_CONCEPT, KIND_JOINT, false};
    add_span(w, joint);
    w->any_joint = true;
}

static bool wants_capital(htr_work *w, uint32_t at) {
    const token *t = tok(w, at);
    if (!t->capital) return false;
    return at == 0 || t->lines || (tok(w, at - 1)->type == TOKEN_MARK && tok(w, at - 1)->mark != ',');
}

static void say(htr_work *w, uint16_t index, bool joint) {
    const node *n = &w->node[index];
    copy_to(w, tok(w, n->start)->start);
    if (joint) mark_joint(w, tok(w, n->start));
    uint32_t start = w->out.len;
    w->effort = HTR_MAX_EFFORT;
    if (!render(w, index, FORM_BASE)) w->out.full = true;
    if (!w->out.full && wants_capital(w, n->start)) capitalise(w->out.at + start, w->out.len - start);
    w->done = tok(w, n->end - 1u)->end;
    w->pieces++;
    w->exact += n->type == NODE_TERM;
    bool is_number = (n->kind >= KIND_UNIT && n->kind <= KIND_QUANTITY) || n->kind == KIND_DAY || n->kind == KIND_YEAR;
    w->any_known = w->any_known || !is_number;
}

/* Tokens from one on that are neither known nor marks. */
static uint32_t unknown_end(htr_work *w, uint32_t at) {
    while (at < w->length && w->chosen[at] == 0 && tok(w, at)->type != TOKEN_MARK) at++;
    return at;
}

static void write_sentence(htr_work *w) {
    bool after_node = false;
    for (uint32_t at = 0; at < w->length;) {
        if (w->chosen[at]) {
            say(w, w->chosen[at], after_node);
            at = w->node[w->chosen[at]].end;
            after_node = true;
            continue;
        }
        after_node = false;
        uint32_t end = unknown_end(w, at);
        if (end > at) {
            leave(w, tok(w, at), tok(w, end - 1));
            at = end;
            continue;
        }
        copy_to(w, tok(w, at)->end);
        w->exact += (at + 1 < w->length || !is_mark(w, at, ".!?")) ? 2 : 0; /* marks inside: not one term */
        at++;
    }
}

void translate_sentence(htr_work *w) {
    if (w->length > HTR_MAX_SENTENCE) {
        leave(w, tok(w, 0), tok(w, w->length - 1));
        return;
    }
    fill_chart(w);
    choose(w);
    /* A sentence that took all effort was not searched to its end: nothing is said of it. */
    if (w->effort == 0 || (turns(w) && !is_settled(w))) leave(w, tok(w, 0), tok(w, w->length - 1));
    else write_sentence(w);
}
