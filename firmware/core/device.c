/* Batches become messages here, and acknowledgements of all oracles become what the ring may forget without a word. */
#include "device.h"
#include "bytes.h"
#include "errors.h"

int hsp_device_mount(hsp_device *device, const hsp_flash *flash, const hsp_region region[HSP_LANES], uint32_t id,
                     uint32_t batch_ms)
{
    int error = HSP_OK;
    hsp_fill((uint8_t *)device, 0, sizeof *device);
    device->id = id;
    device->batch_ms = batch_ms;
    for (int lane = 0; lane < HSP_LANES && !error; lane++)
        error = hsp_ring_mount(&device->ring[lane], flash, region[lane].start, region[lane].sectors);
    return error;
}

int hsp_device_add_oracle(hsp_device *device, const uint8_t key[HSP_KEY_LEN])
{
    if (device->oracles == HSP_ORACLES_MAX)
        return HSP_E_RANGE;
    hsp_link_begin(&device->peer[device->oracles], device->oracles, key);
    device->oracles++;
    return HSP_OK;
}

/* ------------------------------------------------------------------------------------------------------- readings in */

static int flush(hsp_device *device, uint8_t lane, uint64_t now_ms)
{
    hsp_outbox *box = &device->outbox[lane];
    if (!box->batch.len)
        return HSP_OK;
    box->closed = 1;
    int error = hsp_ring_append(&device->ring[lane], now_ms, box->number, HSP_READINGS, box->batch.bytes,
                                (uint8_t)box->batch.len);
    if (!error)
        *box = (hsp_outbox){0};
    return error;
}

/* The first reading of a batch gives it its number. */
static int begin(hsp_device *device, uint8_t lane, uint64_t now_ms)
{
    hsp_outbox *box = &device->outbox[lane];
    int error = hsp_ring_number(&device->ring[lane], now_ms, &box->number);
    if (error)
        box->batch.len = 0;
    box->began_ms = now_ms;
    return error;
}

static int add(hsp_device *device, const hsp_reading *reading, uint8_t lane, uint64_t now_ms)
{
    hsp_outbox *box = &device->outbox[lane];
    int is_first = !box->batch.len;
    int error = hsp_batch_add(&box->batch, reading);
    return !error && is_first ? begin(device, lane, now_ms) : error;
}

int hsp_device_push(hsp_device *device, const hsp_reading *reading, uint8_t lane, uint64_t now_ms)
{
    int error = HSP_OK;
    if (lane >= HSP_LANES)
        return HSP_E_RANGE;
    if (device->outbox[lane].closed)
        error = flush(device, lane, now_ms);
    if (!error)
        error = add(device, reading, lane, now_ms);
    if (error == HSP_E_FULL) {
        error = flush(device, lane, now_ms);
        if (!error)
            error = add(device, reading, lane, now_ms);
    }
    if (!error)
        (void)hsp_device_tick(device, now_ms); /* the reading is taken; what could not be written yet is tried again */
    return error;
}

static int has_waited(const hsp_device *device, uint8_t lane, uint64_t now_ms)
{
    const hsp_outbox *box = &device->outbox[lane];
    return lane == HSP_EMERGENCY || box->closed || now_ms < box->began_ms || now_ms - box->began_ms >= device->batch_ms;
}

int hsp_device_tick(hsp_device *device, uint64_t now_ms)
{
    int error = HSP_OK;
    for (uint8_t lane = HSP_LANES; lane-- > 0;) {
        int failed = has_waited(device, lane, now_ms) ? flush(device, lane, now_ms) : HSP_OK;
        error = failed ? failed : error;
    }
    return error;
}

int hsp_device_flush(hsp_device *device, uint64_t now_ms)
{
    int error = HSP_OK;
    for (uint8_t lane = HSP_LANES; lane-- > 0;) {
        int failed = flush(device, lane, now_ms);
        error = failed ? failed : error;
    }
    return error;
}

/* ------------------------------------------------------------------------------------------------- frames out and in */

int hsp_device_next(hsp_device *device, uint8_t oracle, uint64_t now_ms, uint8_t out[HSP_FRAME_MAX])
{
    if (oracle >= device->oracles)
        return HSP_E_RANGE;
    return hsp_link_next(&device->peer[oracle], device->ring, device->id, now_ms, out);
}

static void settle(hsp_device *device)
{
    for (int lane = 0; lane < HSP_LANES; lane++) {
        uint64_t least = HSP_NUMBER_MAX;
        for (uint8_t i = 0; i < device->oracles; i++)
            if (device->peer[i].lane[lane].through < least)
                least = device->peer[i].lane[lane].through;
        hsp_ring_settle(&device->ring[lane], least);
    }
}

int hsp_device_take(hsp_device *device, uint64_t now_ms, uint8_t *frame, size_t frame_len)
{
    hsp_header header;
    int error = hsp_header_read(&header, frame, frame_len);
    if (error)
        return error;
    if (header.oracle >= device->oracles)
        return HSP_E_FOREIGN;
    error = hsp_link_take(&device->peer[header.oracle], device->ring, device->id, now_ms, frame, frame_len);
    if (!error)
        settle(device);
    return error;
}

int hsp_device_reconnected(hsp_device *device, uint8_t oracle)
{
    if (oracle >= device->oracles)
        return HSP_E_RANGE;
    hsp_link_reconnected(&device->peer[oracle]);
    return HSP_OK;
}
