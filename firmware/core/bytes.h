/* Little-endian loads and stores, and the copies that a libc would give. No alignment is assumed anywhere. */
#ifndef HSP_BYTES_H
#define HSP_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t hsp_load16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t hsp_load32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t hsp_load48(const uint8_t *at)
{
    return (uint64_t)hsp_load32(at) | (uint64_t)hsp_load16(at + 4) << 32;
}

static inline void hsp_store16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void hsp_store32(uint8_t *at, uint32_t value)
{
    hsp_store16(at, value);
    hsp_store16(at + 2, value >> 16);
}

static inline void hsp_store48(uint8_t *at, uint64_t value)
{
    hsp_store32(at, (uint32_t)value);
    hsp_store16(at + 4, (uint32_t)(value >> 32));
}

static inline void hsp_copy(uint8_t *to, const uint8_t *from, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = from[i];
}

static inline void hsp_fill(uint8_t *to, uint8_t value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = value;
}

static inline int hsp_same(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i])
            return 0;
    return 1;
}

#endif
