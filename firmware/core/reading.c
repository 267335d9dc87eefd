/* One table says how each reading is written down; encoder and decoder both go by it. */
#include "reading.h"
#include "bytes.h"
#include "errors.h"

#define BASE_LEN 6
#define ITEM_LEN 3 /* type and offset */

typedef struct {
    int32_t least, greatest;
    uint8_t size; /* bytes: 1, 2 or 4; 0 ends the list */
} field;

/* SPEC.md section 3, in the order of the types. */
static const field FIELDS[HSP_BUTTON][3] = {
    {{0, 65535, 2}},
    {{0, 65535, 2}, {0, 65535, 2}},
    {{0, 1000, 2}},
    {{-32768, 32767, 2}},
    {{0, 65535, 2}},
    {{0, 65535, 2}},
    {{0, 65535, 2}},
    {{0, 100, 1}},
    {{-900000000, 900000000, 4}, {-1800000000, 1800000000, 4}, {0, 65535, 2}},
    {{1, 2, 1}},
};

static const field *fields_of(uint8_t type)
{
    return type >= HSP_BEAT_INTERVAL && type <= HSP_BUTTON ? FIELDS[type - 1] : NULL;
}

static void store(uint8_t *at, int32_t value, uint8_t size)
{
    for (uint8_t i = 0; i < size; i++)
        at[i] = (uint8_t)((uint32_t)value >> (8 * i));
}

static int32_t load(const uint8_t *at, const field *f)
{
    if (f->size == 1)
        return at[0];
    if (f->size == 2)
        return f->least < 0 ? (int16_t)hsp_load16(at) : hsp_load16(at);
    return (int32_t)hsp_load32(at);
}

static size_t value_len(const field *fields)
{
    size_t len = 0;
    for (int i = 0; i < 3; i++)
        len += fields[i].size;
    return len;
}

static int in_bounds(const field *fields, const int32_t value[3])
{
    for (int i = 0; i < 3; i++)
        if (value[i] < fields[i].least || value[i] > fields[i].greatest)
            return 0;
    return 1;
}

int hsp_batch_add(hsp_batch *batch, const hsp_reading *reading)
{
    const field *fields = fields_of(reading->type);
    if (!fields || !in_bounds(fields, reading->value) || reading->at_ms > HSP_NUMBER_MAX)
        return HSP_E_RANGE;
    uint64_t base = batch->len ? batch->base_ms : reading->at_ms;
    size_t len = batch->len ? batch->len : BASE_LEN;
    if (reading->at_ms < base || reading->at_ms - base > 65535 || len + ITEM_LEN + value_len(fields) > HSP_PAYLOAD_MAX)
        return HSP_E_FULL;
    if (!batch->len) {
        batch->base_ms = base;
        hsp_store48(batch->bytes, base);
    }
    batch->bytes[len] = reading->type;
    hsp_store16(batch->bytes + len + 1, (uint32_t)(reading->at_ms - base));
    len += ITEM_LEN;
    for (int i = 0; i < 3; len += fields[i].size, i++)
        store(batch->bytes + len, reading->value[i], fields[i].size);
    batch->len = (uint16_t)len;
    return HSP_OK;
}

int hsp_batch_next(const uint8_t *payload, size_t payload_len, size_t *offset, hsp_reading *reading)
{
    size_t at = *offset ? *offset : BASE_LEN;
    if (at == payload_len && *offset)
        return 0;
    if (payload_len < BASE_LEN + ITEM_LEN || at + ITEM_LEN > payload_len)
        return HSP_E_MALFORMED;
    const field *fields = fields_of(payload[at]);
    if (!fields || at + ITEM_LEN + value_len(fields) > payload_len)
        return HSP_E_MALFORMED;
    if (!*offset && hsp_load16(payload + at + 1)) /* SPEC.md section 3: "The base is the first reading's time." */
        return HSP_E_MALFORMED;
    reading->type = payload[at];
    reading->at_ms = hsp_load48(payload) + hsp_load16(payload + at + 1);
    at += ITEM_LEN;
    for (int i = 0; i < 3; at += fields[i].size, i++)
        reading->value[i] = fields[i].size ? load(payload + at, &fields[i]) : 0;
    *offset = at;
    return in_bounds(fields, reading->value) && reading->at_ms <= HSP_NUMBER_MAX ? 1 : HSP_E_MALFORMED;
}
