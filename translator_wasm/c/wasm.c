/* The exports of the WebAssembly module, and the two functions that the compiler expects to find. */
#include "inside.h"

#define EXPORT(name) __attribute__((export_name(name), visibility("default"), used))

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *at, int value, size_t len);

void *memcpy(void *restrict to, const void *restrict from, size_t len) {
    for (size_t i = 0; i < len; i++) ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

void *memset(void *at, int value, size_t len) {
    for (size_t i = 0; i < len; i++) ((uint8_t *)at)[i] = (uint8_t)value;
    return at;
}

EXPORT("htr_version") uint32_t exported_version(void) { return HTR_VERSION; }

EXPORT("htr_pair_size") uint32_t exported_pair_size(void) { return (uint32_t)htr_pair_size(); }

EXPORT("htr_work_size") uint32_t exported_work_size(void) { return (uint32_t)htr_work_size(); }

EXPORT("htr_open")
int32_t exported_open(const uint8_t *source, uint32_t source_len, const uint8_t *target, uint32_t target_len,
                      htr_pair *pair) {
    return htr_open(source, source_len, target, target_len, pair);
}

EXPORT("htr_translate")
int32_t exported_translate(const htr_pair *pair, htr_work *work, const uint8_t *input, uint32_t input_len,
                           uint8_t *output, uint32_t output_cap) {
    return htr_translate(pair, work, input, input_len, output, output_cap);
}
