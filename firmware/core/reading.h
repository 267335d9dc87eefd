/* Payloads of readings (SPEC.md section 3). Knows what can be written down, not what is plausible for a person. */
#ifndef HSP_READING_H
#define HSP_READING_H

#include "frame.h"

enum hsp_reading_type {
    HSP_BEAT_INTERVAL = 1,
    HSP_BLOOD_PRESSURE = 2,
    HSP_OXYGEN_SATURATION = 3,
    HSP_TEMPERATURE = 4,
    HSP_RESPIRATION = 5,
    HSP_PULSE = 6,
    HSP_MOTION = 7,
    HSP_BATTERY = 8,
    HSP_POSITION = 9,
    HSP_BUTTON = 10,
};

typedef struct {
    uint64_t at_ms;   /* Unix time, milliseconds */
    int32_t value[3]; /* in the steps of SPEC.md section 3; unused ones are 0 */
    uint8_t type;     /* enum hsp_reading_type */
} hsp_reading;

typedef struct {
    uint64_t base_ms;               /* time of the first reading */
    uint16_t len;                   /* of the payload so far; 0 when nothing was added */
    uint8_t bytes[HSP_PAYLOAD_MAX];
} hsp_batch; /* begins all zero */

/* Add a reading. HSP_E_FULL: it fits into no place, or is before the base or more than 65,535 ms after it; write the batch first.
 * HSP_E_RANGE: it cannot be written down at all. */
int hsp_batch_add(hsp_batch *batch, const hsp_reading *reading);

/* Read the reading that stands at *offset (begin with 0) and move *offset to the next. Returns 1; 0 at the end; HSP_E_MALFORMED. */
int hsp_batch_next(const uint8_t *payload, size_t payload_len, size_t *offset, hsp_reading *reading);

#endif
