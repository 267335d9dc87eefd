/* ChaCha20 and Poly1305, written from RFC 8439 for 32-bit cores without a wide multiplier table or caches to hide.
 * Poly1305 keeps numbers in five limbs of 26 bits, so that every product and its sum fit into 64 bits. */
#include "aead.h"
#include "bytes.h"
#include "errors.h"

/* ------------------------------------------------------------------------------------------------------- ChaCha20 */

static inline uint32_t rotate(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

/* RFC 8439 section 2.1. */
#define QUARTER_ROUND(a, b, c, d)                                                                                      \
    do {                                                                                                               \
        a += b, d = rotate(d ^ a, 16);                                                                                 \
        c += d, b = rotate(b ^ c, 12);                                                                                 \
        a += b, d = rotate(d ^ a, 8);                                                                                  \
        c += d, b = rotate(b ^ c, 7);                                                                                  \
    } while (0)

/* RFC 8439 section 2.3: constants, key, block counter, nonce. */
static void chacha20_state(uint32_t state[16], const uint8_t key[HSP_KEY_LEN], uint32_t counter,
                           const uint8_t nonce[HSP_NONCE_LEN])
{
    state[0] = 0x61707865, state[1] = 0x3320646e, state[2] = 0x79622d32, state[3] = 0x6b206574;
    for (int i = 0; i < 8; i++)
        state[4 + i] = hsp_load32(key + 4 * i);
    state[12] = counter;
    for (int i = 0; i < 3; i++)
        state[13 + i] = hsp_load32(nonce + 4 * i);
}

static void chacha20_block(const uint32_t state[16], uint32_t out[16])
{
    uint32_t x[16];
    for (int i = 0; i < 16; i++)
        x[i] = state[i];
    for (int i = 0; i < 10; i++) {
        QUARTER_ROUND(x[0], x[4], x[8], x[12]);
        QUARTER_ROUND(x[1], x[5], x[9], x[13]);
        QUARTER_ROUND(x[2], x[6], x[10], x[14]);
        QUARTER_ROUND(x[3], x[7], x[11], x[15]);
        QUARTER_ROUND(x[0], x[5], x[10], x[15]);
        QUARTER_ROUND(x[1], x[6], x[11], x[12]);
        QUARTER_ROUND(x[2], x[7], x[8], x[13]);
        QUARTER_ROUND(x[3], x[4], x[9], x[14]);
    }
    for (int i = 0; i < 16; i++)
        out[i] = x[i] + state[i];
}

void hsp_chacha20(const uint8_t key[HSP_KEY_LEN], uint32_t counter, const uint8_t nonce[HSP_NONCE_LEN], uint8_t *text,
                  size_t text_len)
{
    uint32_t state[16], stream[16];
    chacha20_state(state, key, counter, nonce);
    for (size_t done = 0; done < text_len; done += 64, state[12]++) {
        size_t len = text_len - done < 64 ? text_len - done : 64;
        chacha20_block(state, stream);
        for (size_t i = 0; i < len; i++)
            text[done + i] ^= (uint8_t)(stream[i / 4] >> (i % 4 * 8));
    }
}

/* ------------------------------------------------------------------------------------------------------- Poly1305 */

#define LIMB 0x3ffffffu /* 26 bits */

typedef struct {
    uint32_t r[5]; /* the clamped multiplier */
    uint32_t h[5]; /* the accumulator, below 2^130 plus a little */
    uint8_t s[16]; /* added at the end */
} poly1305;

/* Split 16 bytes, and the bit above them, into limbs. */
static void limbs_of(uint32_t limb[5], const uint8_t block[16], uint32_t top)
{
    uint32_t t0 = hsp_load32(block), t1 = hsp_load32(block + 4), t2 = hsp_load32(block + 8), t3 = hsp_load32(block + 12);
    limb[0] = t0 & LIMB;
    limb[1] = (t0 >> 26 | t1 << 6) & LIMB;
    limb[2] = (t1 >> 20 | t2 << 12) & LIMB;
    limb[3] = (t2 >> 14 | t3 << 18) & LIMB;
    limb[4] = t3 >> 8 | top << 24;
}

static void poly1305_begin(poly1305 *p, const uint8_t key[HSP_KEY_LEN])
{
    uint8_t r[16];
    hsp_copy(r, key, 16);
    for (int i = 3; i < 16; i += 4)
        r[i] &= 15; /* RFC 8439 section 2.5: "r[3], r[7], r[11], and r[15] are required to have their top four bits clear" */
    for (int i = 4; i < 16; i += 4)
        r[i] &= 252; /* "r[4], r[8], and r[12] are required to have their bottom two bits clear" */
    limbs_of(p->r, r, 0);
    for (int i = 0; i < 5; i++)
        p->h[i] = 0;
    hsp_copy(p->s, key + 16, 16);
}

/* h = (h + block) * r mod 2^130 - 5; `top` is 1 for a whole block, 0 for one whose end marker is inside it. */
static void poly1305_block(poly1305 *p, const uint8_t block[16], uint32_t top)
{
    uint32_t m[5];
    const uint32_t *r = p->r;
    uint32_t *h = p->h;
    limbs_of(m, block, top);
    for (int i = 0; i < 5; i++)
        h[i] += m[i];

    /* Limbs beyond the fifth stand for multiples of 2^130, which is 5. */
    uint64_t d[5];
    for (int i = 0; i < 5; i++) {
        d[i] = 0;
        for (int j = 0; j < 5; j++)
            d[i] += (uint64_t)h[j] * (j <= i ? r[i - j] : 5 * r[5 + i - j]);
    }
    uint64_t carry = 0;
    for (int i = 0; i < 5; i++) {
        d[i] += carry;
        h[i] = (uint32_t)d[i] & LIMB;
        carry = d[i] >> 26;
    }
    carry = carry * 5 + h[0];
    h[0] = (uint32_t)carry & LIMB;
    h[1] += (uint32_t)(carry >> 26);
}

static void poly1305_end(poly1305 *p, uint8_t tag[HSP_TAG_LEN])
{
    uint32_t *h = p->h, g[5], carry = 0;
    for (int round = 0; round < 2; round++) { /* twice, so that the carry out of the top is carried on too */
        for (int i = 0; i < 5; i++) {
            h[i] += carry;
            carry = h[i] >> 26;
            h[i] &= LIMB;
        }
        carry *= 5;
    }
    h[0] += carry;

    carry = 5; /* g = h + 5; if that reaches 2^130, then h was at least the prime, and g without its top is h reduced */
    for (int i = 0; i < 5; i++) {
        g[i] = h[i] + carry;
        carry = g[i] >> 26;
        g[i] &= LIMB;
    }
    uint32_t reduced = 0 - carry;
    for (int i = 0; i < 5; i++)
        h[i] = (h[i] & ~reduced) | (g[i] & reduced);

    const uint32_t words[4] = {h[0] | h[1] << 26, h[1] >> 6 | h[2] << 20, h[2] >> 12 | h[3] << 14, h[3] >> 18 | h[4] << 8};
    uint64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        sum += (uint64_t)words[i] + hsp_load32(p->s + 4 * i);
        hsp_store32(tag + 4 * i, (uint32_t)sum);
        sum >>= 32;
    }
}

static void poly1305_whole_blocks(poly1305 *p, const uint8_t *message, size_t message_len)
{
    for (size_t i = 0; i + 16 <= message_len; i += 16)
        poly1305_block(p, message + i, 1);
}

void hsp_poly1305(const uint8_t key[HSP_KEY_LEN], const uint8_t *message, size_t message_len, uint8_t tag[HSP_TAG_LEN])
{
    poly1305 p;
    size_t rest = message_len % 16;
    poly1305_begin(&p, key);
    poly1305_whole_blocks(&p, message, message_len);
    if (rest) {
        uint8_t block[16] = {0};
        hsp_copy(block, message + message_len - rest, rest);
        block[rest] = 1;
        poly1305_block(&p, block, 0);
    }
    poly1305_end(&p, tag);
}

/* ----------------------------------------------------------------------------------------------------------- AEAD */

/* RFC 8439 section 2.8: each part is padded with zeros to 16 bytes, so the last block counts as whole. */
static void poly1305_padded(poly1305 *p, const uint8_t *part, size_t part_len)
{
    size_t rest = part_len % 16;
    poly1305_whole_blocks(p, part, part_len);
    if (rest) {
        uint8_t block[16] = {0};
        hsp_copy(block, part + part_len - rest, rest);
        poly1305_block(p, block, 1);
    }
}

static void aead_tag(const uint8_t key[HSP_KEY_LEN], const uint8_t nonce[HSP_NONCE_LEN], const uint8_t *ad, size_t ad_len,
                     const uint8_t *text, size_t text_len, uint8_t tag[HSP_TAG_LEN])
{
    poly1305 p;
    uint8_t one_time_key[HSP_KEY_LEN] = {0}, lengths[16] = {0};
    hsp_chacha20(key, 0, nonce, one_time_key, sizeof one_time_key);
    poly1305_begin(&p, one_time_key);
    poly1305_padded(&p, ad, ad_len);
    poly1305_padded(&p, text, text_len);
    hsp_store32(lengths, (uint32_t)ad_len);
    hsp_store32(lengths + 8, (uint32_t)text_len);
    poly1305_block(&p, lengths, 1);
    poly1305_end(&p, tag);
}

void hsp_aead_seal(const uint8_t key[HSP_KEY_LEN], const uint8_t nonce[HSP_NONCE_LEN], const uint8_t *ad, size_t ad_len,
                   uint8_t *text, size_t text_len, uint8_t tag[HSP_TAG_LEN])
{
    hsp_chacha20(key, 1, nonce, text, text_len);
    aead_tag(key, nonce, ad, ad_len, text, text_len, tag);
}

int hsp_aead_open(const uint8_t key[HSP_KEY_LEN], const uint8_t nonce[HSP_NONCE_LEN], const uint8_t *ad, size_t ad_len,
                  uint8_t *text, size_t text_len, const uint8_t tag[HSP_TAG_LEN])
{
    uint8_t expected[HSP_TAG_LEN], difference = 0;
    aead_tag(key, nonce, ad, ad_len, text, text_len, expected);
    for (int i = 0; i < HSP_TAG_LEN; i++)
        difference |= (uint8_t)(expected[i] ^ tag[i]);
    if (difference)
        return HSP_E_FORGED;
    hsp_chacha20(key, 1, nonce, text, text_len);
    return HSP_OK;
}
