/* The order of SPEC.md section 6, for one oracle at a time. The log is asked by number, so nothing here can outlive what it points to. */
#include "link.h"
#include "bytes.h"
#include "errors.h"

#define GAP_PATIENCE_MS 250
static const uint32_t FIRST_WAIT_MS[HSP_LANES] = {2000, 1000};
static const uint32_t LONGEST_WAIT_MS[HSP_LANES] = {64000, 8000};

void hsp_link_begin(hsp_peer *peer, uint8_t oracle, const uint8_t key[HSP_KEY_LEN])
{
    *peer = (hsp_peer){.oracle = oracle, .lane = {{.next = 1}, {.next = 1}}};
    hsp_copy(peer->key, key, HSP_KEY_LEN);
}

/* --------------------------------------------------------------------------------------------------------- sending */

static int is_due(const hsp_under_way *sent, int lane, uint64_t now_ms)
{
    uint32_t wait = FIRST_WAIT_MS[lane];
    for (uint8_t i = 1; i < sent->times && wait < LONGEST_WAIT_MS[lane]; i++)
        wait *= 2;
    return sent->due_now || now_ms < sent->sent_ms || now_ms - sent->sent_ms >= wait;
}

static void mark_sent(hsp_under_way *sent, uint64_t now_ms)
{
    sent->sent_ms = now_ms;
    sent->due_now = 0;
    if (sent->times < 255)
        sent->times++;
}

static void forget(hsp_peer_lane *lane, uint8_t index)
{
    lane->count--;
    for (uint8_t i = index; i < lane->count; i++)
        lane->under_way[i] = lane->under_way[i + 1];
}

static int find_exactly(const hsp_ring *ring, uint64_t number, hsp_message *message)
{
    int error = hsp_ring_find(ring, number, message);
    return !error && message->number != number ? HSP_E_EMPTY : error;
}

/* A message that is due again. One that the log dropped meanwhile is forgotten here: a gone message speaks for it. */
static int again(hsp_peer_lane *lane, int which, const hsp_ring *ring, uint64_t now_ms, hsp_message *message)
{
    for (uint8_t i = 0; i < lane->count;) {
        hsp_under_way *sent = &lane->under_way[i];
        if (!is_due(sent, which, now_ms)) {
            i++;
            continue;
        }
        int error = find_exactly(ring, sent->number, message);
        if (error == HSP_E_EMPTY) {
            forget(lane, i);
            continue;
        }
        if (!error)
            mark_sent(sent, now_ms);
        return error;
    }
    return HSP_E_EMPTY;
}

/* SPEC.md section 6: "before the next message: the newest gone message of reason full, when the oracle may wait for something in it". */
static int notice_first(hsp_peer_lane *lane, const hsp_ring *ring, hsp_message *message)
{
    if (ring->notice <= lane->through || ring->notice == lane->noticed || ring->notice < lane->next ||
        lane->through + 1 >= ring->oldest)
        return HSP_E_EMPTY;
    int error = find_exactly(ring, ring->notice, message);
    if (!error)
        lane->noticed = message->number;
    return error;
}

static int in_turn(hsp_peer_lane *lane, const hsp_ring *ring, hsp_message *message)
{
    int error;
    do {
        error = hsp_ring_find(ring, lane->next, message);
        if (!error)
            lane->next = message->number + 1;
    } while (!error && message->number == lane->noticed); /* it went before its turn */
    return error;
}

static int first_time(hsp_peer_lane *lane, const hsp_ring *ring, uint64_t now_ms, hsp_message *message)
{
    if (lane->count == HSP_UNDER_WAY_MAX)
        return HSP_E_EMPTY;
    int error = notice_first(lane, ring, message);
    if (error == HSP_E_EMPTY)
        error = in_turn(lane, ring, message);
    if (error)
        return error;
    lane->under_way[lane->count] = (hsp_under_way){.number = message->number};
    mark_sent(&lane->under_way[lane->count++], now_ms);
    return HSP_OK;
}

static int choose(hsp_peer *peer, const hsp_ring ring[HSP_LANES], uint64_t now_ms, int *which, hsp_message *message)
{
    for (*which = HSP_EMERGENCY; *which >= HSP_ROUTINE; (*which)--) {
        hsp_peer_lane *lane = &peer->lane[*which];
        int error = again(lane, *which, &ring[*which], now_ms, message);
        if (error == HSP_E_EMPTY)
            error = first_time(lane, &ring[*which], now_ms, message);
        if (error != HSP_E_EMPTY)
            return error;
    }
    return HSP_E_EMPTY;
}

int hsp_link_next(hsp_peer *peer, const hsp_ring ring[HSP_LANES], uint32_t device, uint64_t now_ms,
                  uint8_t out[HSP_FRAME_MAX])
{
    int which;
    hsp_message message;
    if (peer->halted)
        return HSP_E_ROLLBACK;
    int error = choose(peer, ring, now_ms, &which, &message);
    if (error)
        return error == HSP_E_EMPTY ? 0 : error;
    const hsp_header header = {.number = message.number,
                               .device = device,
                               .kind = message.kind,
                               .lane = (uint8_t)which,
                               .oracle = peer->oracle,
                               .payload_len = message.len};
    return hsp_frame_seal(&header, peer->key, message.payload, out);
}

void hsp_link_reconnected(hsp_peer *peer)
{
    for (int which = 0; which < HSP_LANES; which++)
        for (uint8_t i = 0; i < peer->lane[which].count; i++)
            peer->lane[which].under_way[i].due_now = 1;
}

/* ------------------------------------------------------------------------------------------------- acknowledgements */

typedef struct {
    uint64_t through, upto;
    uint8_t count;
    struct {
        uint64_t first, last;
    } gap[HSP_GAPS_MAX];
} receipt;

#define RECEIPT_LEN 13
#define GAP_LEN 8

/* SPEC.md section 5: "Gaps are in order, not empty, do not touch, and lie between." The first begins right after `through`. */
static int check_receipt(const receipt *r)
{
    uint64_t least = r->through + 1;
    if (r->upto < r->through || (r->upto == r->through) != (r->count == 0))
        return HSP_E_MALFORMED;
    if (r->count && r->gap[0].first != least)
        return HSP_E_MALFORMED;
    for (uint8_t i = 0; i < r->count; i++) {
        if (r->gap[i].first < least || r->gap[i].last < r->gap[i].first || r->gap[i].last >= r->upto)
            return HSP_E_MALFORMED;
        least = r->gap[i].last + 2;
    }
    return HSP_OK;
}

/* Returns the bytes read, or HSP_E_MALFORMED. */
static int read_receipt(const uint8_t *at, size_t len, receipt *r)
{
    if (len < RECEIPT_LEN)
        return HSP_E_MALFORMED;
    r->through = hsp_load48(at);
    r->upto = hsp_load48(at + 6);
    r->count = at[12];
    if (r->count > HSP_GAPS_MAX || len < RECEIPT_LEN + (size_t)r->count * GAP_LEN)
        return HSP_E_MALFORMED;
    for (uint8_t i = 0; i < r->count; i++) {
        const uint8_t *gap = at + RECEIPT_LEN + i * GAP_LEN;
        r->gap[i].first = hsp_load48(gap);
        r->gap[i].last = r->gap[i].first + hsp_load16(gap + 6) - 1;
    }
    return check_receipt(r) ? HSP_E_MALFORMED : RECEIPT_LEN + r->count * GAP_LEN;
}

static int in_gap(const receipt *r, uint64_t number)
{
    for (uint8_t i = 0; i < r->count; i++)
        if (number >= r->gap[i].first && number <= r->gap[i].last)
            return 1;
    return 0;
}

static void apply(hsp_peer_lane *lane, const receipt *r, uint64_t now_ms)
{
    if (r->through > lane->through)
        lane->through = r->through;
    if (lane->next <= lane->through)
        lane->next = lane->through + 1;
    for (uint8_t i = 0; i < lane->count;) {
        hsp_under_way *sent = &lane->under_way[i];
        int missing = in_gap(r, sent->number);
        if (sent->number <= lane->through || (sent->number <= r->upto && !missing)) {
            forget(lane, i);
            continue;
        }
        if (missing && (now_ms < sent->sent_ms || now_ms - sent->sent_ms >= GAP_PATIENCE_MS))
            sent->due_now = 1;
        i++;
    }
}

/* An acknowledgement must be addressed here before it is worth a decryption. */
static int check_addressee(const hsp_peer *peer, uint32_t device, const uint8_t *frame, size_t frame_len)
{
    hsp_header header;
    int error = hsp_header_read(&header, frame, frame_len);
    if (error)
        return error;
    if (header.kind != HSP_ACKNOWLEDGEMENT || header.device != device || header.oracle != peer->oracle)
        return HSP_E_FOREIGN;
    return HSP_OK;
}

int hsp_link_take(hsp_peer *peer, const hsp_ring ring[HSP_LANES], uint32_t device, uint64_t now_ms, uint8_t *frame,
                  size_t frame_len)
{
    hsp_header header;
    receipt receipts[HSP_LANES];
    int error = check_addressee(peer, device, frame, frame_len);
    if (error)
        return error;
    int len = hsp_frame_open(peer->key, frame, frame_len, &header);
    if (len < 0)
        return len;
    if (header.number < peer->revision)
        return HSP_E_STALE;

    int at = 0;
    for (int which = 0; which < HSP_LANES; which++) {
        int used = read_receipt(frame + HSP_HEADER_LEN + at, (size_t)(len - at), &receipts[which]);
        if (used < 0)
            return used;
        at += used;
    }
    if (at != len)
        return HSP_E_MALFORMED;
    for (int which = 0; which < HSP_LANES; which++)
        if (receipts[which].upto >= ring[which].next)
            peer->halted = 1;
    if (peer->halted)
        return HSP_E_ROLLBACK;
    peer->revision = header.number;
    for (int which = 0; which < HSP_LANES; which++)
        apply(&peer->lane[which], &receipts[which], now_ms);
    return HSP_OK;
}
