/* What to send to one oracle next, and what its acknowledgement settles (SPEC.md sections 5 and 6). No I/O: bytes and time come in, bytes go out. */
#ifndef HSP_LINK_H
#define HSP_LINK_H

#include "ring.h"

#define HSP_UNDER_WAY_MAX 16 /* messages of a lane sent and not acknowledged */
#define HSP_GAPS_MAX 8       /* in an acknowledgement, each lane */

typedef struct {
    uint64_t number;
    uint64_t sent_ms;
    uint8_t times;   /* how often it was sent */
    uint8_t due_now; /* its number stood in a gap, or the transport came back */
} hsp_under_way;

typedef struct {
    uint64_t through; /* the oracle has settled all up to it */
    uint64_t next;    /* the least number not sent yet */
    uint64_t noticed; /* the gone message that was sent before its turn; 0: none */
    uint8_t count;
    hsp_under_way under_way[HSP_UNDER_WAY_MAX];
} hsp_peer_lane;

typedef struct {
    uint8_t key[HSP_KEY_LEN];
    uint64_t revision; /* of the newest acknowledgement taken */
    hsp_peer_lane lane[HSP_LANES];
    uint8_t oracle;
    uint8_t halted; /* it acknowledged what was never given: nothing more is sent */
} hsp_peer;

/* Begin to serve an oracle, knowing nothing of what it has. */
void hsp_link_begin(hsp_peer *peer, uint8_t oracle, const uint8_t key[HSP_KEY_LEN]);

/* Seal the next frame that is due; returns its length, 0 when none is due, or an error. */
int hsp_link_next(hsp_peer *peer, const hsp_ring ring[HSP_LANES], uint32_t device, uint64_t now_ms,
                  uint8_t out[HSP_FRAME_MAX]);

/* Take an acknowledgement; the frame is decrypted in place. An error other than HSP_E_ROLLBACK changes nothing. */
int hsp_link_take(hsp_peer *peer, const hsp_ring ring[HSP_LANES], uint32_t device, uint64_t now_ms, uint8_t *frame,
                  size_t frame_len);

/* The transport came back: everything under way is due. */
void hsp_link_reconnected(hsp_peer *peer);

#endif
