/* Frames (SPEC.md section 2): header, sealing, and how they stand on a byte stream. Knows no flash, no time, no peer. */
#ifndef HSP_FRAME_H
#define HSP_FRAME_H

#include "aead.h"

#define HSP_VERSION 1
#define HSP_HEADER_LEN 16
#define HSP_PAYLOAD_MAX 208
#define HSP_FRAME_MAX 240  /* 16 header, 208 payload, 16 tag */
#define HSP_STREAM_MAX 242 /* one byte of stuffing, one delimiter */
#define HSP_ORACLES_MAX 8
#define HSP_LANES 2
#define HSP_NUMBER_MAX 281474976710655 /* 2^48 - 1 */

enum hsp_kind { HSP_READINGS = 1, HSP_GONE = 2, HSP_ACKNOWLEDGEMENT = 3 };
enum hsp_lane { HSP_ROUTINE = 0, HSP_EMERGENCY = 1 };

typedef struct {
    uint64_t number;     /* of the message; for an acknowledgement, the revision */
    uint32_t device;
    uint8_t kind;        /* enum hsp_kind; says the direction too */
    uint8_t lane;        /* enum hsp_lane */
    uint8_t oracle;      /* index, below HSP_ORACLES_MAX */
    uint8_t payload_len;
} hsp_header;

/* Write the 16 bytes; HSP_E_RANGE for a field out of bounds. */
int hsp_header_write(const hsp_header *header, uint8_t out[HSP_HEADER_LEN]);

/* Read and check everything that can be checked without a key, the frame's length included. */
int hsp_header_read(hsp_header *header, const uint8_t *frame, size_t frame_len);

/* Seal `payload` of header->payload_len bytes; returns the frame's length. */
int hsp_frame_seal(const hsp_header *header, const uint8_t key[HSP_KEY_LEN], const uint8_t *payload,
                   uint8_t out[HSP_FRAME_MAX]);

/* Open in place: the payload then stands at frame + HSP_HEADER_LEN; returns its length. An error leaves the frame as it was. */
int hsp_frame_open(const uint8_t key[HSP_KEY_LEN], uint8_t *frame, size_t frame_len, hsp_header *header);

/* Stuff a frame and end it with a zero byte; returns the number of bytes written. */
int hsp_stream_write(const uint8_t *frame, size_t frame_len, uint8_t out[HSP_STREAM_MAX]);

typedef struct {
    uint8_t bytes[HSP_STREAM_MAX]; /* holds the whole frame after hsp_stream_read returned its length */
    uint16_t len;                  /* of the stuffed bytes so far; above HSP_STREAM_MAX - 1: too long, being dropped */
} hsp_stream;

/* Take one byte of the stream (the structure begins all zero). Returns 0 while a frame is incomplete, its length when it is whole, and
 * HSP_E_MALFORMED when bytes had to be dropped. */
int hsp_stream_read(hsp_stream *stream, uint8_t byte);

#endif
