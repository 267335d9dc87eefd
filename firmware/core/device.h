/* The whole device: two lanes, a batch in each, up to eight oracles. Composes reading, ring and link; the caller brings memory, flash, time
 * and transport. */
#ifndef HSP_DEVICE_H
#define HSP_DEVICE_H

#include "link.h"
#include "reading.h"

typedef struct {
    uint32_t start;   /* address of the lane's flash region */
    uint16_t sectors; /* of it, counter slots included */
} hsp_region;

typedef struct {
    hsp_batch batch;
    uint64_t number;   /* of the message that the batch becomes; given when it is begun */
    uint64_t began_ms;
    uint8_t closed;    /* a write was tried: nothing may be added to what might stand in flash already */
} hsp_outbox;

typedef struct {
    uint32_t id;
    uint32_t batch_ms; /* how long a routine reading may stay in memory */
    uint8_t oracles;
    hsp_ring ring[HSP_LANES];
    hsp_outbox outbox[HSP_LANES];
    hsp_peer peer[HSP_ORACLES_MAX];
} hsp_device;

/* Begin after a start. HSP_E_BLANK: the regions must be formatted (hsp_ring_format), once, at enrolment. */
int hsp_device_mount(hsp_device *device, const hsp_flash *flash, const hsp_region region[HSP_LANES], uint32_t id,
                     uint32_t batch_ms);

/* Serve one more oracle; its index is the number of those before it. */
int hsp_device_add_oracle(hsp_device *device, const uint8_t key[HSP_KEY_LEN]);

/* Take a reading. After HSP_OK it will reach every oracle or be named as lost; after an error it was not taken. */
int hsp_device_push(hsp_device *device, const hsp_reading *reading, uint8_t lane, uint64_t now_ms);

/* Write batches that have waited long enough. Call it at least as often as batch_ms. HSP_E_FLASH: it will be tried again. */
int hsp_device_tick(hsp_device *device, uint64_t now_ms);

/* Write all batches now, as before a planned power-off. */
int hsp_device_flush(hsp_device *device, uint64_t now_ms);

/* The next frame for an oracle; returns its length, 0 when none is due, or an error. */
int hsp_device_next(hsp_device *device, uint8_t oracle, uint64_t now_ms, uint8_t out[HSP_FRAME_MAX]);

/* Take a frame that came in; it is decrypted in place. */
int hsp_device_take(hsp_device *device, uint64_t now_ms, uint8_t *frame, size_t frame_len);

/* The transport to an oracle came back. */
int hsp_device_reconnected(hsp_device *device, uint8_t oracle);

#endif
