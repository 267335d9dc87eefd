/* The medical translator: short clinical texts from one language into another, by two language packs.
 *
 * It never guesses: what it does not know stays in the source language and is marked. It has no heap, no clock, no
 * state of its own and reads nothing but what is passed to it. SPEC.md fixes packs, rules and the form of the answers.
 */
#ifndef HTR_H
#define HTR_H

#include <stddef.h>
#include <stdint.h>

enum { HTR_VERSION = 1 };

/* Bounds. A text beyond them is refused or stays in the source language; nothing is cut. */
enum {
    HTR_MAX_TEXT = 16384,    /* bytes of one text */
    HTR_MAX_SENTENCE = 160,  /* tokens of one sentence */
    HTR_MAX_NODES = 4096,    /* phrases known in one sentence, at all places */
    HTR_MAX_DEPTH = 6,       /* patterns inside of patterns */
    HTR_MAX_SLOTS = 4,       /* slots of a pattern */
    HTR_MAX_TERM = 32,       /* words of a term */
    HTR_MAX_TEMPLATE = 32,   /* items of a template */
    HTR_MAX_STRING = 1024,   /* bytes of one string of a pack */
    HTR_MAX_EFFORT = 400000, /* steps spent on one sentence */
};

/* Every call that can fail answers one of these, or something that is not negative. */
typedef enum {
    HTR_OK = 0,
    HTR_ERROR_INPUT = -1,   /* the batch is not what SPEC.md section 3 says */
    HTR_ERROR_TEXT = -2,    /* a text is no UTF-8 */
    HTR_ERROR_LENGTH = -3,  /* a text has more than HTR_MAX_TEXT bytes */
    HTR_ERROR_ROOM = -4,    /* the output has no room: ask again with more */
    HTR_ERROR_PACK = -5,    /* a pack is malformed */
    HTR_ERROR_EDITION = -6, /* the packs are not of one edition */
} htr_error;

/* Flags of a text. */
enum {
    HTR_POINT = 1,   /* a point is always a decimal sign, as in FHIR */
    HTR_CODE = 2,    /* the text is `system|code` */
    HTR_CAPITAL = 4, /* the target of a code begins with a capital letter */
};

typedef enum { HTR_EXACT, HTR_COMPOSED, HTR_PARTIAL, HTR_UNKNOWN } htr_status;

typedef struct htr_pair htr_pair; /* two packs, validated */
typedef struct htr_work htr_work; /* room for one text at a time */

size_t htr_pair_size(void);
size_t htr_work_size(void);

/* Validate two packs and open them as a pair. The packs stay where they are, unchanged, as long as the pair is used. */
int32_t htr_open(const uint8_t *source, uint32_t source_len, const uint8_t *target, uint32_t target_len,
                 htr_pair *pair);

/* Translate a batch. Returns the bytes written, or an htr_error. */
int32_t htr_translate(const htr_pair *pair, htr_work *work, const uint8_t *input, uint32_t input_len, uint8_t *output,
                      uint32_t output_cap);

#endif
