/* Words, numbers, units and marks of one text.
 *
 * It knows the words of the source pack by number, and nothing of what they mean.
 */
#include "inside.h"

enum { MAX_WORD = 96 }; /* bytes of a word in small letters; a longer one is no word of ours */

typedef struct {
    const uint8_t *at, *end;
    uint32_t point; /* code points before `at` */
} cursor;

static letter look(const cursor *c) { return next_letter(c->at, c->end); }

static void step(cursor *c) {
    c->at += look(c).len;
    c->point++;
}

static bool goes_on(uint32_t p) { return is_word_letter(p) || is_digit(p) || is_ignored(p); }

static void skip_spaces(cursor *c, token *t) {
    for (letter l = look(c); l.len && (is_space(l.point) || is_ignored(l.point)); l = look(c)) {
        if (l.point == '\n' && t->lines < 2) t->lines++;
        t->spaced = true;
        step(c);
    }
}

/* The longest unit that stands at a place and ends there: no letter or digit follows. */
static uint32_t unit_at(const htr_work *w, const uint8_t *at, const uint8_t *end, uint16_t *concept) {
    const pack *p = &w->pair->source;
    uint32_t best = 0;
    for (uint32_t len = 1; len <= 32 && len <= (uint32_t)(end - at); len++) {
        letter after = next_letter(at + len, end);
        if (at + len < end && (after.len == 0 || goes_on(after.point))) continue;
        int32_t found = find_string(p, UNITS, (string){at, len});
        if (found < 0) continue;
        best = len;
        *concept = get16(item(p, UNITS, (uint32_t)found) + 6);
    }
    return best;
}

static bool joins_digits(uint32_t p) {
    return p == '.' || p == ',' || p == '/' || p == ':' || p == '*' || p == '^' || is_hyphen(p);
}

/* Where a cluster of digits ends: `7.5`, `138/78`, `2026-08-25`. */
static const uint8_t *digits_end(const uint8_t *at, const uint8_t *end) {
    while (at < end) {
        letter here = next_letter(at, end);
        letter after = next_letter(at + here.len, end);
        if (is_digit(here.point)) at += here.len;
        else if (joins_digits(here.point) && after.len && is_digit(after.point)) at += here.len;
        else break;
    }
    return at;
}

static void read_number(const htr_work *w, cursor *c, token *t, const uint8_t *number_end) {
    t->type = TOKEN_NUMBER;
    const uint8_t *start = c->at;
    while (c->at < number_end) step(c);
    t->clear = number_is_clear(start, (uint32_t)(c->at - start), w->pair->source.decimal, w->flags & HTR_POINT);
    int32_t word = find_string(&w->pair->source, WORDS, (string){start, (uint32_t)(c->at - start)});
    t->word = (uint16_t)(word + 1);
}

/* Small letters, composed, without those that are not seen. */
static void read_word(const htr_work *w, cursor *c, token *t) {
    uint8_t word[MAX_WORD + 8];
    uint32_t len = 0, before = 0;
    bool fits = true;
    t->type = TOKEN_WORD;
    for (letter l = look(c); l.len && goes_on(l.point); l = look(c)) {
        step(c);
        if (is_ignored(l.point)) continue;
        uint32_t last = len ? next_letter(word + before, word + len).point : 0;
        uint32_t made = len ? composed(last, l.point) : 0;
        if (!made) before = len;
        if (fits) len = before + put_letter(word + before, made ? made : small(l.point));
        fits = fits && len <= MAX_WORD;
    }
    letter l = look(c);
    letter after = next_letter(c->at + l.len, c->end);
    if (l.len && is_apostrophe(l.point) && after.len && is_word_letter(after.point)) {
        word[len++] = '\'';
        step(c);
    }
    int32_t found = fits ? find_string(&w->pair->source, WORDS, (string){word, len}) : -1;
    t->word = (uint16_t)(found + 1);
    if (found >= 0) t->turning = (uint8_t)get16(item(&w->pair->source, WORDS, (uint32_t)found) + 6);
}

static void read_mark(const htr_work *w, cursor *c, token *t) {
    letter l = look(c);
    t->type = TOKEN_MARK;
    t->mark = l.point < 0x80 ? (uint8_t)l.point : 0;
    int32_t found = find_string(&w->pair->source, WORDS, (string){c->at, l.len});
    t->word = (uint16_t)(found + 1);
    step(c);
}

/* A unit follows its number, at once or after one space; patterns may know its word, as in "every 6 hours". */
static bool read_unit(const htr_work *w, cursor *c, token *t, bool after_number) {
    uint16_t concept = 0;
    uint32_t len = after_number && t->lines == 0 ? unit_at(w, c->at, c->end, &concept) : 0;
    if (len == 0) return false;
    const uint8_t *end = c->at + len;
    cursor word = *c;
    if (is_word_letter(look(c).point)) read_word(w, &word, t);
    if (word.at != end) t->word = (uint16_t)(find_string(&w->pair->source, WORDS, (string){c->at, len}) + 1);
    t->turning = 0;
    while (c->at < end) step(c);
    t->type = TOKEN_UNIT;
    t->concept = concept;
    return true;
}

static void read_token(const htr_work *w, cursor *c, token *t, bool after_number) {
    letter l = look(c);
    uint16_t unused = 0;
    if (read_unit(w, c, t, after_number)) return;
    if (is_digit(l.point)) {
        const uint8_t *end = digits_end(c->at, c->end);
        letter after = next_letter(end, c->end);
        if (after.len == 0 || !is_word_letter(after.point) || unit_at(w, end, c->end, &unused))
            read_number(w, c, t, end);
        else
            read_word(w, c, t); /* 3b, 2nd */
    } else if (is_word_letter(l.point)) {
        t->capital = is_capital(l.point);
        read_word(w, c, t);
    } else {
        read_mark(w, c, t);
    }
}

/* A hyphen between two letters or digits is no token: it glues what it joins. */
static bool read_glue(cursor *c, const token *before) {
    letter l = look(c);
    letter after = next_letter(c->at + l.len, c->end);
    if (!is_hyphen(l.point) || !before || before->type == TOKEN_MARK || !after.len) return false;
    if (!is_word_letter(after.point) && !is_digit(after.point)) return false;
    step(c);
    return true;
}

void tokenise(htr_work *w) {
    cursor c = {w->text, w->text + w->text_len, 0};
    w->tokens = 0;
    while (true) {
        token *t = &w->token[w->tokens];
        const token *before = w->tokens ? t - 1 : NULL;
        *t = (token){0};
        skip_spaces(&c, t);
        if (c.at >= c.end) return;
        if (!t->spaced) t->glued = read_glue(&c, before);
        t->start = (uint32_t)(c.at - w->text);
        t->first_point = c.point;
        read_token(w, &c, t, before && before->type == TOKEN_NUMBER && !t->glued);
        t->end = (uint32_t)(c.at - w->text);
        t->end_point = c.point;
        w->tokens++;
    }
}
