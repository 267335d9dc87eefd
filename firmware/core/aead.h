/* AEAD_CHACHA20_POLY1305 of RFC 8439, in place. Nothing here branches or indexes on a secret.
 * It does not choose nonces: SPEC.md section 2 does. */
#ifndef HSP_AEAD_H
#define HSP_AEAD_H

#include <stddef.h>
#include <stdint.h>

#define HSP_KEY_LEN 32
#define HSP_NONCE_LEN 12
#define HSP_TAG_LEN 16

/* RFC 8439 section 2.4: add the key stream from block `counter` on to `text`. */
void hsp_chacha20(const uint8_t key[HSP_KEY_LEN], uint32_t counter, const uint8_t nonce[HSP_NONCE_LEN], uint8_t *text,
                  size_t text_len);

/* RFC 8439 section 2.5: the one-time authenticator. */
void hsp_poly1305(const uint8_t key[HSP_KEY_LEN], const uint8_t *message, size_t message_len, uint8_t tag[HSP_TAG_LEN]);

/* RFC 8439 section 2.8: encrypt `text` in place and write its tag. */
void hsp_aead_seal(const uint8_t key[HSP_KEY_LEN], const uint8_t nonce[HSP_NONCE_LEN], const uint8_t *ad, size_t ad_len,
                   uint8_t *text, size_t text_len, uint8_t tag[HSP_TAG_LEN]);

/* Check the tag, then decrypt `text` in place. HSP_E_FORGED leaves `text` as it was. */
int hsp_aead_open(const uint8_t key[HSP_KEY_LEN], const uint8_t nonce[HSP_NONCE_LEN], const uint8_t *ad, size_t ad_len,
                  uint8_t *text, size_t text_len, const uint8_t tag[HSP_TAG_LEN]);

#endif
