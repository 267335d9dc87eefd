/* The counter's two slots, then the log. Order of writes is what makes both survive: the ceiling before a number is given,
 * a sector's header before its messages, a message before it is sent. */
#include "ring.h"
#include "bytes.h"
#include "errors.h"

#define SLOTS 2
#define SLOT_MAGIC 0x43505348u   /* "HSPC" */
#define SECTOR_MAGIC 0x4c505348u /* "HSPL" */
#define PLATE_LEN 24             /* a counter slot's contents, and a log sector's header */
#define MARK 0x5a
#define HEAD_LEN 16
#define RECORD_MAX 224 /* HEAD_LEN and HSP_PAYLOAD_MAX, already a multiple of 8 */
#define GONE_RANGE_LEN 13
#define GONE_LEN_MAX 32 /* time and two ranges */

static uint32_t crc32_add(uint32_t crc, const uint8_t *data, size_t len)
{
    static const uint32_t NIBBLE[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ NIBBLE[crc & 15];
        crc = crc >> 4 ^ NIBBLE[crc & 15];
    }
    return crc;
}

static uint32_t crc32(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    return ~crc32_add(crc32_add(0xffffffffu, a, a_len), b, b_len);
}

/* ---------------------------------------------------------------------------------------------------- flash access */

static int read_flash(const hsp_ring *ring, uint32_t address, uint8_t *data, size_t len)
{
    return ring->flash->read(ring->flash->context, address, data, (uint32_t)len) ? HSP_E_FLASH : HSP_OK;
}

static int write_flash(const hsp_ring *ring, uint32_t address, const uint8_t *data, size_t len)
{
    return ring->flash->program(ring->flash->context, address, data, (uint32_t)len) ? HSP_E_FLASH : HSP_OK;
}

static int erase_flash(const hsp_ring *ring, uint32_t address)
{
    return ring->flash->erase(ring->flash->context, address) ? HSP_E_FLASH : HSP_OK;
}

static uint32_t slot_address(const hsp_ring *ring, uint32_t slot)
{
    return ring->start + slot * ring->flash->sector_len;
}

static uint32_t sector_address(const hsp_ring *ring, uint32_t sector)
{
    return ring->start + (SLOTS + sector) * ring->flash->sector_len;
}

/* The n-th sector of the run, 0 being the oldest. */
static uint16_t nth_sector(const hsp_ring *ring, uint16_t n)
{
    return (uint16_t)((ring->newest + ring->sectors + 1 + n - ring->used) % ring->sectors);
}

/* --------------------------------------------------------------------------------- plates: counter slots and headers */

typedef struct {
    uint32_t magic, sequence;
    uint64_t number; /* ceiling, or the sector's first number */
} plate;

/* Erase the sector and write its plate; it counts only once it reads back. */
static int write_plate(const hsp_ring *ring, uint32_t address, const plate *p)
{
    uint8_t out[PLATE_LEN] = {0}, back[PLATE_LEN];
    hsp_store32(out, p->magic);
    hsp_store32(out + 4, p->sequence);
    hsp_store48(out + 8, p->number);
    hsp_store32(out + 20, crc32(out, 20, out, 0));
    int error = erase_flash(ring, address);
    if (!error)
        error = write_flash(ring, address, out, PLATE_LEN);
    if (!error)
        error = read_flash(ring, address, back, PLATE_LEN);
    if (!error && !hsp_same(out, back, PLATE_LEN))
        error = HSP_E_FLASH;
    return error;
}

/* Returns 1 and fills the plate, 0 when there is none that holds, or HSP_E_FLASH. */
static int read_plate(const hsp_ring *ring, uint32_t address, uint32_t magic, plate *p)
{
    uint8_t in[PLATE_LEN];
    int error = read_flash(ring, address, in, PLATE_LEN);
    if (error)
        return error;
    p->magic = hsp_load32(in);
    p->sequence = hsp_load32(in + 4);
    p->number = hsp_load48(in + 8);
    return p->magic == magic && hsp_load32(in + 20) == crc32(in, 20, in, 0);
}

/* Returns 1 when all bytes are erased, 0 when one is not, or HSP_E_FLASH. */
static int is_erased(const hsp_ring *ring, uint32_t address, uint32_t len)
{
    uint8_t chunk[32];
    for (uint32_t done = 0; done < len; done += sizeof chunk) {
        uint32_t part = len - done < sizeof chunk ? len - done : (uint32_t)sizeof chunk;
        int error = read_flash(ring, address + done, chunk, part);
        if (error)
            return error;
        for (uint32_t i = 0; i < part; i++)
            if (chunk[i] != 0xff)
                return 0;
    }
    return 1;
}

/* --------------------------------------------------------------------------------------------------------- counter */

/* SPEC.md section 7.2: "Two invalid slots are never repaired." */
static int mount_counter(hsp_ring *ring)
{
    int found = 0;
    ring->ceiling = 0;
    for (uint8_t slot = 0; slot < SLOTS; slot++) {
        plate p;
        int holds = read_plate(ring, slot_address(ring, slot), SLOT_MAGIC, &p);
        if (holds < 0)
            return holds;
        if (holds && p.number > ring->ceiling) {
            ring->ceiling = p.number;
            ring->slot = slot;
            found = 1;
        }
    }
    if (found)
        return HSP_OK;
    for (uint32_t sector = 0; sector < SLOTS + (uint32_t)ring->sectors; sector++) {
        int erased = is_erased(ring, slot_address(ring, sector), ring->flash->sector_len);
        if (erased < 1)
            return erased ? erased : HSP_E_DAMAGED;
    }
    return HSP_E_BLANK;
}

/* SPEC.md section 7.2: "Before a number that reaches the ceiling is given", the ceiling is raised in flash. */
static int reserve(hsp_ring *ring)
{
    if (ring->next > HSP_NUMBER_MAX - HSP_RESERVE)
        return HSP_E_SPENT;
    if (ring->next < ring->ceiling)
        return HSP_OK;
    uint8_t other = (uint8_t)(1 - ring->slot);
    const plate p = {SLOT_MAGIC, 0, ring->ceiling + HSP_RESERVE};
    int error = write_plate(ring, slot_address(ring, other), &p);
    if (error)
        return error;
    ring->slot = other;
    ring->ceiling = p.number;
    return HSP_OK;
}

/* ------------------------------------------------------------------------------------------------------------- log */

static uint32_t record_len(uint8_t payload_len)
{
    return (HEAD_LEN + (uint32_t)payload_len + 7) & ~7u;
}

/* Read the first whole message of a sector at or after *offset and move *offset behind it. Returns 1; 0 when there is none. */
static int next_record(const hsp_ring *ring, uint16_t sector, uint32_t *offset, hsp_message *message)
{
    uint8_t head[HEAD_LEN];
    uint32_t end = ring->flash->sector_len, base = sector_address(ring, sector);
    if (sector == ring->newest && ring->head < end)
        end = ring->head; /* while mounting, head is the sector's end */
    for (uint32_t at = *offset; at + HEAD_LEN <= end; at += 8) {
        int error = read_flash(ring, base + at, head, HEAD_LEN);
        if (error)
            return error;
        uint32_t len = record_len(head[2]);
        if (head[0] != MARK || head[2] > HSP_PAYLOAD_MAX || at + len > end)
            continue; /* erased, or unreadable: look 8 bytes further */
        error = read_flash(ring, base + at + HEAD_LEN, message->payload, head[2]);
        if (error)
            return error;
        if (hsp_load32(head + 12) != crc32(head, 12, message->payload, head[2]))
            continue;
        message->kind = head[1];
        message->len = head[2];
        message->number = hsp_load48(head + 4);
        *offset = at + len;
        return 1;
    }
    return 0;
}

/* Where the next message goes: behind the last byte that is not erased, be it a message's or what a torn write left. So a
 * power cut costs one message's room, not the rest of a sector (SPEC.md section 7.3). */
static int mount_head(hsp_ring *ring, uint64_t *last)
{
    hsp_message message;
    uint32_t offset = PLATE_LEN;
    int found;
    ring->head = ring->flash->sector_len;
    while ((found = next_record(ring, ring->newest, &offset, &message)) > 0)
        *last = message.number;
    if (found < 0)
        return found;
    uint32_t end = ring->flash->sector_len, base = sector_address(ring, ring->newest);
    for (uint32_t at = offset; at < end; at += 8) {
        int erased = is_erased(ring, base + at, 8);
        if (erased < 0)
            return erased;
        if (!erased)
            offset = at + 8;
    }
    ring->head = offset;
    return HSP_OK;
}

/* The greatest number in the log, looking back over sectors that hold no message. */
static int find_last(const hsp_ring *ring, uint64_t *last)
{
    hsp_message message;
    for (uint16_t n = ring->used; n > 0 && !*last; n--) {
        uint32_t offset = PLATE_LEN;
        int found;
        while ((found = next_record(ring, nth_sector(ring, (uint16_t)(n - 1)), &offset, &message)) > 0)
            *last = message.number;
        if (found < 0)
            return found;
    }
    return HSP_OK;
}

/* SPEC.md section 7.3: "the log is the unbroken run of sequence numbers that ends with the greatest". */
static int mount_run(hsp_ring *ring)
{
    plate p;
    for (uint16_t sector = 0; sector < ring->sectors; sector++) {
        int holds = read_plate(ring, sector_address(ring, sector), SECTOR_MAGIC, &p);
        if (holds < 0)
            return holds;
        if (holds && p.sequence > ring->sequence) {
            ring->sequence = p.sequence;
            ring->newest = sector;
            ring->used = 1;
        }
    }
    while (ring->used && ring->used < ring->sectors) {
        uint16_t before = (uint16_t)((ring->newest + ring->sectors - ring->used) % ring->sectors);
        int holds = read_plate(ring, sector_address(ring, before), SECTOR_MAGIC, &p);
        if (holds < 0)
            return holds;
        if (!holds || p.sequence != ring->sequence - ring->used)
            break;
        ring->used++;
    }
    return HSP_OK;
}

/* What is owed after a start (SPEC.md section 7.3, last rule). */
static void owe_after_start(hsp_ring *ring, uint64_t last)
{
    if (ring->ceiling > last + 1) {
        ring->restart_first = last + 1;
        ring->restart_last = ring->ceiling - 1;
    }
    ring->full_last = ring->oldest - 1;
    if (!last)
        ring->full_last = 0; /* nothing is left: the restart range, from 1 on, says it all */
}

int hsp_ring_mount(hsp_ring *ring, const hsp_flash *flash, uint32_t start, uint16_t sectors)
{
    hsp_message message;
    uint64_t last = 0;
    if (sectors < HSP_SECTORS_MIN || flash->sector_len < HSP_SECTOR_MIN || flash->sector_len & (flash->sector_len - 1))
        return HSP_E_RANGE;
    *ring = (hsp_ring){.flash = flash, .start = start, .sectors = (uint16_t)(sectors - SLOTS)};
    ring->head = flash->sector_len;
    int error = mount_counter(ring);
    if (!error)
        error = mount_run(ring);
    if (!error && ring->used)
        error = mount_head(ring, &last);
    if (!error)
        error = find_last(ring, &last);
    if (error)
        return error;
    if (last >= ring->ceiling)
        return HSP_E_DAMAGED; /* the log is ahead of the counter: the slots are not the ones that belong to it */
    ring->next = ring->oldest = ring->ceiling;
    error = hsp_ring_find(ring, 1, &message);
    if (!error)
        ring->oldest = message.number;
    else if (error != HSP_E_EMPTY)
        return error;
    owe_after_start(ring, last);
    return HSP_OK;
}

int hsp_ring_format(const hsp_flash *flash, uint32_t start, uint16_t sectors)
{
    const hsp_ring ring = {.flash = flash, .start = start, .sectors = (uint16_t)(sectors - SLOTS)};
    const plate p = {SLOT_MAGIC, 0, 1};
    if (sectors < HSP_SECTORS_MIN)
        return HSP_E_RANGE;
    /* From the end, so that a format which the power interrupts leaves no log beside a fresh counter. */
    for (uint32_t sector = sectors; sector > 0; sector--)
        if (erase_flash(&ring, slot_address(&ring, sector - 1)))
            return HSP_E_FLASH;
    return write_plate(&ring, slot_address(&ring, 0), &p);
}

/* The oldest sector goes. Its last number is the one before its successor's first, whatever can still be read in it. */
static int drop_oldest(hsp_ring *ring)
{
    plate second;
    int holds = read_plate(ring, sector_address(ring, nth_sector(ring, 1)), SECTOR_MAGIC, &second);
    if (holds < 1)
        return HSP_E_FLASH;
    ring->used--;
    ring->oldest = second.number;
    if (second.number - 1 > ring->settled)
        ring->full_last = second.number - 1;
    return HSP_OK;
}

/* Begin the sector after the newest, whose first message will have `number`. */
static int begin_sector(hsp_ring *ring, uint64_t number)
{
    int error = HSP_OK;
    uint16_t next = ring->sequence ? (uint16_t)((ring->newest + 1) % ring->sectors) : 0;
    ring->head = ring->flash->sector_len; /* nothing more goes into the one before, even if this fails half way */
    if (ring->used == ring->sectors)
        error = drop_oldest(ring);
    const plate p = {SECTOR_MAGIC, ring->sequence + 1, number};
    if (!error)
        error = write_plate(ring, sector_address(ring, next), &p);
    if (error)
        return error;
    ring->newest = next;
    ring->sequence++;
    ring->used++;
    ring->head = PLATE_LEN;
    return HSP_OK;
}

static int make_room(hsp_ring *ring, uint64_t number, uint8_t len)
{
    return ring->head + record_len(len) > ring->flash->sector_len ? begin_sector(ring, number) : HSP_OK;
}

/* Program one record at the head. What does not read back spoils the sector, not the message: the caller tries the next one. */
static int write_record(hsp_ring *ring, uint64_t number, uint8_t kind, const uint8_t *payload, uint8_t len)
{
    uint8_t record[RECORD_MAX];
    hsp_message back;
    hsp_fill(record, 0xff, sizeof record);
    record[0] = MARK;
    record[1] = kind;
    record[2] = len;
    record[3] = 0;
    hsp_store48(record + 4, number);
    hsp_store16(record + 10, 0);
    hsp_store32(record + 12, crc32(record, 12, payload, len));
    hsp_copy(record + HEAD_LEN, payload, len);

    uint32_t at = ring->head, offset = at;
    ring->head = ring->flash->sector_len;
    int error = write_flash(ring, sector_address(ring, ring->newest) + at, record, record_len(len));
    if (error)
        return error;
    int found = next_record(ring, ring->newest, &offset, &back);
    if (found < 0)
        return found;
    if (!found || offset != at + record_len(len) || back.number != number)
        return HSP_E_FLASH;
    ring->head = offset;
    return HSP_OK;
}

static int write_message(hsp_ring *ring, uint64_t number, uint8_t kind, const uint8_t *payload, uint8_t len)
{
    int error = HSP_E_FLASH;
    for (int attempt = 0; attempt < 2 && error == HSP_E_FLASH; attempt++) {
        error = make_room(ring, number, len);
        if (!error)
            error = write_record(ring, number, kind, payload, len);
    }
    return error;
}

/* ------------------------------------------------------------------------------------------------- what is not held */

static uint8_t put_range(uint8_t *payload, uint8_t len, uint64_t first, uint64_t last, uint8_t reason)
{
    if (!last)
        return len;
    hsp_store48(payload + len, first);
    hsp_store48(payload + len + 6, last);
    payload[len + 12] = reason;
    return (uint8_t)(len + GONE_RANGE_LEN);
}

/* Write the gone message that is owed, if any. Room comes first: making it may drop more, which then is told as well. */
static int write_gone(hsp_ring *ring, uint64_t now_ms)
{
    uint8_t payload[GONE_LEN_MAX];
    if (!ring->full_last && !ring->restart_last)
        return HSP_OK;
    int error = reserve(ring);
    if (!error)
        error = make_room(ring, ring->next, GONE_LEN_MAX);
    if (error)
        return error;
    const uint64_t full_last = ring->full_last;
    hsp_store48(payload, now_ms);
    uint8_t len = put_range(payload, 6, 1, full_last, HSP_GONE_FULL);
    len = put_range(payload, len, ring->restart_first, ring->restart_last, HSP_GONE_RESTART);
    error = write_message(ring, ring->next, HSP_GONE, payload, len);
    if (error)
        return error;
    if (full_last)
        ring->notice = ring->next;
    ring->next++;
    ring->restart_first = ring->restart_last = 0;
    if (ring->full_last == full_last) /* else a bad sector made it drop more while writing: that stays owed */
        ring->full_last = 0;
    return HSP_OK;
}

/* ------------------------------------------------------------------------------------------------------------ calls */

int hsp_ring_number(hsp_ring *ring, uint64_t now_ms, uint64_t *number)
{
    int error = write_gone(ring, now_ms);
    if (!error)
        error = reserve(ring);
    if (!error)
        *number = ring->next++;
    return error;
}

int hsp_ring_append(hsp_ring *ring, uint64_t now_ms, uint64_t number, uint8_t kind, const uint8_t *payload, uint8_t len)
{
    if (number == 0 || number >= ring->next || len > HSP_PAYLOAD_MAX)
        return HSP_E_RANGE;
    int error = write_message(ring, number, kind, payload, len);
    if (!error)
        (void)write_gone(ring, now_ms); /* the message is safe; what could not be told stays owed */
    return error;
}

/* The last sector of the run that may hold `from`: the greatest first number that is not above it. */
static int sector_for(const hsp_ring *ring, uint64_t from, uint16_t *n)
{
    uint16_t low = 0, high = ring->used;
    while (high - low > 1) {
        plate p;
        uint16_t middle = (uint16_t)((low + high) / 2);
        int holds = read_plate(ring, sector_address(ring, nth_sector(ring, middle)), SECTOR_MAGIC, &p);
        if (holds < 0)
            return holds;
        if (holds && p.number <= from)
            low = middle;
        else
            high = middle;
    }
    *n = low;
    return HSP_OK;
}

int hsp_ring_find(const hsp_ring *ring, uint64_t from, hsp_message *message)
{
    uint16_t n = 0;
    int found = sector_for(ring, from, &n);
    if (found < 0)
        return found;
    for (; n < ring->used; n++) {
        uint32_t offset = PLATE_LEN;
        while ((found = next_record(ring, nth_sector(ring, n), &offset, message)) > 0)
            if (message->number >= from)
                return HSP_OK;
        if (found < 0)
            return found;
    }
    return HSP_E_EMPTY;
}

void hsp_ring_settle(hsp_ring *ring, uint64_t number)
{
    if (number > ring->settled && number < ring->next)
        ring->settled = number;
}
