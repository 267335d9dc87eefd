/* A batch of texts: read, cut into sentences, translated, written as records.
 *
 * Source: SPEC.md section 3 (the form of a batch) and section 2, rule 7 (sentences).
 */
#include "inside.h"

enum { ITEM_HEAD = 8, RECORD_HEAD = 12, SPAN_SIZE = 20 };

static bool begins_anew(const token *t) { return t->capital || t->type == TOKEN_NUMBER; }

static bool ends_sentence(const htr_work *w, uint32_t at) {
    const token *t = &w->token[at];
    if (t->type != TOKEN_MARK || (t->mark != '.' && t->mark != '!' && t->mark != '?')) return false;
    if (!t[1].spaced || !begins_anew(&t[1])) return false;
    /* "25. August", "3. lokakuuta": an ordinal number is no end. */
    bool ordinal = t->mark == '.' && at > 0 && t[-1].type == TOKEN_NUMBER && t[-1].end - t[-1].start <= 2 && !t->spaced;
    return !ordinal;
}

static bool begins_sentence(const token *t) {
    if (t->lines > 1) return true;
    bool open = t[-1].type == TOKEN_MARK && (t[-1].mark == ':' || t[-1].mark == ',' || t[-1].mark == ';');
    return t->lines == 1 && !open && begins_anew(t);
}

static uint32_t sentence_end(const htr_work *w, uint32_t first) {
    uint32_t at = first + 1;
    while (at < w->tokens && !ends_sentence(w, at - 1) && !begins_sentence(&w->token[at])) at++;
    return at;
}

static htr_status status_of(const htr_work *w) {
    if (w->any_unknown && !w->any_known) return HTR_UNKNOWN;
    if (w->any_unknown || w->any_joint) return HTR_PARTIAL;
    return w->pieces == 1 && w->exact == 1 ? HTR_EXACT : HTR_COMPOSED;
}

static void leave_all(htr_work *w) {
    w->out.len = w->out.points = w->spans = 0;
    write(&w->out, w->text, w->text_len);
    const token *first = &w->token[0], *last = &w->token[w->tokens - 1];
    add_span(w, (span){first->first_point, last->end_point, first->first_point, last->end_point, NO_CONCEPT,
                       KIND_UNKNOWN, false});
}

static htr_status translate_text(htr_work *w) {
    w->done = w->spans = w->pieces = w->exact = 0;
    w->any_known = w->any_unknown = w->any_joint = false;
    tokenise(w);
    for (uint32_t first = 0; first < w->tokens; first += w->length) {
        w->first = first;
        w->length = sentence_end(w, first) - first;
        translate_sentence(w);
    }
    write(&w->out, w->text + w->done, w->text_len - w->done);
    htr_status status = status_of(w);
    if (status == HTR_UNKNOWN) leave_all(w);
    return status;
}

static uint32_t points_in(string text) {
    uint32_t points = 0;
    for (uint32_t i = 0; i < text.len; i++) points += (text.at[i] & 0xc0) != 0x80;
    return points;
}

static htr_status translate_code(htr_work *w) {
    string code = {w->text, w->text_len};
    int32_t found = find_string(&w->pair->source, CODES, code);
    uint32_t points = points_in(code);
    w->spans = 0;
    if (found < 0) {
        write(&w->out, code.at, code.len);
        add_span(w, (span){0, points, 0, points, NO_CONCEPT, KIND_UNKNOWN, false});
        return HTR_UNKNOWN;
    }
    uint16_t index = get16(item(&w->pair->source, CODES, (uint32_t)found) + 6);
    concept c = concept_at(&w->pair->target, index);
    string text = text_of(&w->pair->target, FORMS, c.first_form);
    write(&w->out, text.at, text.len);
    if (w->flags & HTR_CAPITAL && !w->out.full) capitalise(w->out.at, w->out.len);
    add_span(w, (span){0, points, 0, w->out.points, index, c.kind, true});
    return HTR_EXACT;
}

static uint32_t padded(uint32_t len) { return (len + 3) & ~3u; }

static void put_span(uint8_t *at, const span *s) {
    put32(at, s->source_start);
    put32(at + 4, s->source_end);
    put32(at + 8, s->target_start);
    put32(at + 12, s->target_end);
    put32(at + 16, s->concept | (uint32_t)s->kind << 16 | (uint32_t)s->known << 24);
}

/* One record; returns its length, or HTR_ERROR_ROOM. */
static int32_t write_record(htr_work *w, uint8_t *at, uint32_t cap) {
    if (cap < RECORD_HEAD) return HTR_ERROR_ROOM;
    w->out = (writer){.at = at + RECORD_HEAD, .cap = cap - RECORD_HEAD};
    htr_status status = w->flags & HTR_CODE ? translate_code(w) : translate_text(w);
    uint32_t spans_at = RECORD_HEAD + padded(w->out.len);
    if (w->out.full || spans_at > cap || w->spans > (cap - spans_at) / SPAN_SIZE) return HTR_ERROR_ROOM;
    for (uint32_t i = RECORD_HEAD + w->out.len; i < spans_at; i++) at[i] = 0;
    for (uint32_t i = 0; i < w->spans; i++) put_span(at + spans_at + i * SPAN_SIZE, &w->span[i]);
    uint32_t len = spans_at + w->spans * SPAN_SIZE;
    put32(at, len);
    put32(at + 4, (uint32_t)status | w->spans << 16);
    put32(at + 8, w->out.len);
    return (int32_t)len;
}

/* Read the next text of a batch; returns the bytes that it takes, or an error. */
static int32_t read_text(htr_work *w, const uint8_t *at, uint32_t len) {
    if (len < ITEM_HEAD) return HTR_ERROR_INPUT;
    w->text_len = get32(at);
    w->flags = get32(at + 4);
    w->text = at + ITEM_HEAD;
    if (w->text_len > HTR_MAX_TEXT) return HTR_ERROR_LENGTH;
    if (padded(w->text_len) > len - ITEM_HEAD || w->flags > (HTR_POINT | HTR_CODE | HTR_CAPITAL)) return HTR_ERROR_INPUT;
    return is_utf8(w->text, w->text_len) ? (int32_t)(ITEM_HEAD + padded(w->text_len)) : HTR_ERROR_TEXT;
}

size_t htr_work_size(void) { return sizeof(htr_work); }

int32_t htr_translate(const htr_pair *pair, htr_work *work, const uint8_t *input, uint32_t input_len, uint8_t *output,
                      uint32_t output_cap) {
    uint32_t written = 0;
    work->pair = pair;
    for (uint32_t at = 0; at < input_len;) {
        int32_t taken = read_text(work, input + at, input_len - at);
        if (taken < 0) return taken;
        int32_t made = write_record(work, output + written, output_cap - written);
        if (made < 0) return made;
        at += (uint32_t)taken;
        written += (uint32_t)made;
    }
    return (int32_t)written;
}
