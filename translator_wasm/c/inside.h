/* What the parts of the translator share and callers do not see. */
#ifndef HTR_INSIDE_H
#define HTR_INSIDE_H

#include <stdbool.h>

#include "htr.h"

/* ---- packs: sections of items of fixed size, read byte by byte (no alignment is assumed) ---- */

typedef enum {
    TEXT, WORDS, SEQUENCES, TERMS, UNITS, CONCEPTS, FORMS, PATTERNS, SOURCES, ELEMENTS, ALTERNATIVES, TEMPLATES, CODES,
    SECTIONS
} section_name;

typedef struct {
    const uint8_t *at;
    uint32_t count;
} section;

typedef struct {
    section sections[SECTIONS];
    uint8_t decimal; /* '.' or ',' */
    uint8_t flags;   /* HALF_IS_SEVERAL */
} pack;

enum { HALF_IS_SEVERAL = 1 };

struct htr_pair {
    pack source;
    pack target;
};

typedef struct {
    const uint8_t *at;
    uint32_t len;
} string;

enum { NEGATED = 1, BOUND = 2, TURNING = 4 };                       /* flags of concepts and patterns */
enum { FORM_BASE = 0, FORM_ONE = 7, FORM_SEVERAL = 8, FORM_FIRST_CASE = 9, FORMS_NAMED = 15 };
enum { KIND_UNIT = 16, KIND_NUMBER = 17, KIND_QUANTITY = 18, KIND_DATE = 19, KIND_UNKNOWN = 27, KIND_JOINT = 28,
       KIND_DAY = 29, KIND_YEAR = 30, KINDS = 31 };
enum { GENDERS = 7 };

typedef struct {
    uint8_t kind, gender, flags, forms;
    uint32_t first_form;
} concept;

typedef struct {
    uint8_t kind, slots, head, flags, slot_kind[HTR_MAX_SLOTS], gender;
    uint16_t templates;
    uint32_t first_template;
} pattern;

typedef enum { CHOOSE_FORM, CHOOSE_AGREEMENT, CHOOSE_ASKED, CHOOSE_COUNTED, CHOICES } choice;

uint16_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
void put32(uint8_t *at, uint32_t value);

const uint8_t *item(const pack *p, section_name name, uint32_t index);
string text_of(const pack *p, section_name name, uint32_t index); /* of an item that begins with u32 text, u16 length */
concept concept_at(const pack *p, uint32_t index);
pattern pattern_at(const pack *p, uint32_t index);
/* Index of a string in a section sorted by bytes, or -1. */
int32_t find_string(const pack *p, section_name name, string wanted);

/* ---- letters ---- */

typedef struct {
    uint32_t point;
    uint32_t len; /* bytes; 0 at the end of the text or where it is no UTF-8 */
} letter;

letter next_letter(const uint8_t *at, const uint8_t *end);
bool is_utf8(const uint8_t *at, uint32_t len);
bool is_space(uint32_t point);
bool is_ignored(uint32_t point);
bool is_digit(uint32_t point);
bool is_hyphen(uint32_t point);
bool is_apostrophe(uint32_t point);
bool is_word_letter(uint32_t point);
bool is_capital(uint32_t point);
uint32_t small(uint32_t point);
uint32_t composed(uint32_t base, uint32_t mark); /* 0 if there is no such letter */
uint32_t put_letter(uint8_t *at, uint32_t point);
/* Make the first letter a capital, in place; small and capital letters of our languages have equally many bytes. */
void capitalise(uint8_t *at, uint32_t len);

/* ---- tokens ---- */

typedef enum { TOKEN_WORD, TOKEN_NUMBER, TOKEN_UNIT, TOKEN_MARK } token_type;

typedef struct {
    uint32_t start, end;             /* bytes */
    uint32_t first_point, end_point; /* the same in code points */
    uint16_t word;                   /* word number, 0 if the pack has none such */
    uint16_t concept;                /* of a unit */
    uint8_t type, turning, mark;     /* mark: the ASCII character, or 0 */
    bool glued, capital, clear;      /* glued: by a hyphen to the token before; clear: of a number, read one way only */
    uint8_t lines;                   /* line ends before it, at most 2 */
    bool spaced;                     /* something stands between it and the token before */
} token;

/* ---- what is known of a sentence ---- */

typedef enum { NODE_TERM, NODE_NUMBER, NODE_PATTERN } node_type;

typedef struct {
    uint16_t start, end; /* tokens of the sentence */
    uint16_t ref;        /* concept or pattern */
    uint16_t next;       /* next node with the same start, 0 at the end */
    uint16_t child[HTR_MAX_SLOTS];
    uint8_t type, kind, depth;
    bool negated, bound;
} node;

typedef struct {
    uint32_t source_start, source_end, target_start, target_end;
    uint16_t concept;
    uint8_t kind;
    bool known;
} span;

enum { NO_CONCEPT = 0xffff };

typedef struct {
    uint8_t *at;
    uint32_t len, cap, points; /* points: code points so far */
    bool full;
} writer;

struct htr_work {
    const htr_pair *pair;
    const uint8_t *text;
    uint32_t text_len, flags;
    uint32_t tokens, spans;
    uint32_t effort;
    uint32_t first; /* the sentence: tokens first .. first + length */
    uint32_t length;
    uint32_t nodes;                             /* used; node 0 stands for none */
    uint16_t node_at[HTR_MAX_SENTENCE + 1];     /* first node that starts there */
    uint16_t last_at[HTR_MAX_SENTENCE + 1];
    uint16_t chosen[HTR_MAX_SENTENCE + 1];      /* node of the best cover, 0: the token alone */
    uint32_t cost[HTR_MAX_SENTENCE + 1];
    bool dry;                                   /* render without writing */
    bool any_known, any_unknown, any_joint;     /* of the whole text */
    uint32_t pieces, exact;                     /* top-level phrases; those that are one term */
    uint32_t done; /* bytes of the text that the target has taken account of */
    writer out;
    node node[HTR_MAX_NODES];
    token token[HTR_MAX_TEXT + 1];
    span span[HTR_MAX_TEXT];
};

void tokenise(htr_work *w);
bool spend(htr_work *w, uint32_t steps);
void fill_chart(htr_work *w);      /* all nodes of the sentence */
void translate_sentence(htr_work *w);
bool render(htr_work *w, uint16_t node, uint8_t form);
bool number_is_clear(const uint8_t *at, uint32_t len, uint8_t decimal, bool point);
void write_number(writer *out, string number, uint8_t from, uint8_t to, bool point);
void write(writer *out, const uint8_t *at, uint32_t len);
void add_span(htr_work *w, span s);
token *tok(htr_work *w, uint32_t index); /* of the sentence */

#endif
