/* The device core as a WebAssembly module: one device and its flash in the module's own memory, and the opening of many frames at once.
 * It imports nothing: the host brings time and carries bytes. The flash is plain memory here, so it can be read out and put back. */
#include "bytes.h"
#include "device.h"
#include "errors.h"

#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))

#define SECTOR_LEN 4096
#define EMERGENCY_SECTORS 8
#define ROUTINE_SECTORS 56
#define FLASH_LEN 262144 /* (8 + 56) sectors */

static uint8_t flash_bytes[FLASH_LEN];
static uint8_t io[HSP_FRAME_MAX]; /* keys and frames on their way in and out */
static hsp_device device;

static int flash_read(void *context, uint32_t address, uint8_t *data, uint32_t len)
{
    (void)context;
    hsp_copy(data, flash_bytes + address, len);
    return 0;
}

static int flash_program(void *context, uint32_t address, const uint8_t *data, uint32_t len)
{
    (void)context;
    for (uint32_t i = 0; i < len; i++)
        flash_bytes[address + i] &= data[i];
    return 0;
}

static int flash_erase(void *context, uint32_t address)
{
    (void)context;
    hsp_fill(flash_bytes + address, 0xff, SECTOR_LEN);
    return 0;
}

static const hsp_flash flash = {NULL, flash_read, flash_program, flash_erase, SECTOR_LEN};
static const hsp_region region[HSP_LANES] = {
    {EMERGENCY_SECTORS * SECTOR_LEN, ROUTINE_SECTORS},
    {0, EMERGENCY_SECTORS},
};

EXPORT(flash) uint8_t *export_flash(void)
{
    return flash_bytes;
}

EXPORT(flash_len) uint32_t export_flash_len(void)
{
    return FLASH_LEN;
}

EXPORT(io) uint8_t *export_io(void)
{
    return io;
}

EXPORT(format) int export_format(void)
{
    int error = HSP_OK;
    for (int lane = 0; lane < HSP_LANES && !error; lane++)
        error = hsp_ring_format(&flash, region[lane].start, region[lane].sectors);
    return error;
}

EXPORT(mount) int export_mount(uint32_t id, uint32_t batch_ms)
{
    return hsp_device_mount(&device, &flash, region, id, batch_ms);
}

EXPORT(add_oracle) int export_add_oracle(void)
{
    return hsp_device_add_oracle(&device, io);
}

EXPORT(push)
int export_push(uint32_t type, uint64_t at_ms, int32_t a, int32_t b, int32_t c, uint32_t lane, uint64_t now_ms)
{
    const hsp_reading reading = {at_ms, {a, b, c}, (uint8_t)type};
    return hsp_device_push(&device, &reading, (uint8_t)lane, now_ms);
}

EXPORT(tick) int export_tick(uint64_t now_ms)
{
    return hsp_device_tick(&device, now_ms);
}

EXPORT(flush) int export_flush(uint64_t now_ms)
{
    return hsp_device_flush(&device, now_ms);
}

EXPORT(next) int export_next(uint32_t oracle, uint64_t now_ms)
{
    return hsp_device_next(&device, (uint8_t)oracle, now_ms, io);
}

EXPORT(take) int export_take(uint32_t frame_len, uint64_t now_ms)
{
    return hsp_device_take(&device, now_ms, io, frame_len);
}

EXPORT(reconnected) int export_reconnected(uint32_t oracle)
{
    return hsp_device_reconnected(&device, (uint8_t)oracle);
}

/* Open `count` frames in place, one right behind the other, each with its own length and key; the result of each (payload length or error)
 * and its header go into columns. One crossing of the boundary for many frames: the crossing costs more than the cipher. */
EXPORT(open_many)
void export_open_many(uint32_t count, uint8_t *frames, const uint32_t *lens, const uint8_t *keys, int32_t *results,
                      hsp_header *headers)
{
    for (uint32_t i = 0; i < count; frames += lens[i], i++)
        results[i] = hsp_frame_open(keys + i * HSP_KEY_LEN, frames, lens[i], &headers[i]);
}
