/* Header, sealing and byte stream of frames. The header's last twelve bytes are the nonce (SPEC.md section 2). */
#include "frame.h"
#include "bytes.h"
#include "errors.h"

#define NONCE_AT 4
#define LANE_BIT 0x10
#define TO_DEVICE_BIT 0x80

/* SPEC.md section 2: "Kinds 1 and 2 have direction 0; kind 3 has direction 1 and lane 0." */
static int check_header(const hsp_header *header)
{
    if (header->kind < HSP_READINGS || header->kind > HSP_ACKNOWLEDGEMENT || header->lane >= HSP_LANES ||
        header->oracle >= HSP_ORACLES_MAX || header->payload_len > HSP_PAYLOAD_MAX || header->number == 0 ||
        header->number > HSP_NUMBER_MAX || (header->kind == HSP_ACKNOWLEDGEMENT && header->lane != HSP_ROUTINE))
        return HSP_E_RANGE;
    return HSP_OK;
}

int hsp_header_write(const hsp_header *header, uint8_t out[HSP_HEADER_LEN])
{
    int error = check_header(header);
    if (error)
        return error;
    out[0] = HSP_VERSION;
    out[1] = header->kind;
    out[2] = header->payload_len;
    out[3] = 0;
    hsp_store32(out + 4, header->device);
    out[8] = (uint8_t)(header->oracle | (header->lane ? LANE_BIT : 0) |
                       (header->kind == HSP_ACKNOWLEDGEMENT ? TO_DEVICE_BIT : 0));
    out[9] = 0;
    hsp_store48(out + 10, header->number);
    return HSP_OK;
}

int hsp_header_read(hsp_header *header, const uint8_t *frame, size_t frame_len)
{
    uint8_t again[HSP_HEADER_LEN];
    if (frame_len < HSP_HEADER_LEN + HSP_TAG_LEN || frame_len > HSP_FRAME_MAX)
        return HSP_E_MALFORMED;
    header->kind = frame[1];
    header->payload_len = frame[2];
    header->device = hsp_load32(frame + 4);
    header->oracle = frame[8] & (HSP_ORACLES_MAX - 1);
    header->lane = frame[8] & LANE_BIT ? HSP_EMERGENCY : HSP_ROUTINE;
    header->number = hsp_load48(frame + 10);
    /* One spelling only: what is written from these fields must be what was read, zero bits, version and direction included. */
    if (hsp_header_write(header, again) || !hsp_same(again, frame, HSP_HEADER_LEN) ||
        frame_len != (size_t)HSP_HEADER_LEN + header->payload_len + HSP_TAG_LEN)
        return HSP_E_MALFORMED;
    return HSP_OK;
}

int hsp_frame_seal(const hsp_header *header, const uint8_t key[HSP_KEY_LEN], const uint8_t *payload,
                   uint8_t out[HSP_FRAME_MAX])
{
    int error = hsp_header_write(header, out);
    if (error)
        return error;
    uint8_t *text = out + HSP_HEADER_LEN;
    hsp_copy(text, payload, header->payload_len);
    hsp_aead_seal(key, out + NONCE_AT, out, HSP_HEADER_LEN, text, header->payload_len, text + header->payload_len);
    return HSP_HEADER_LEN + header->payload_len + HSP_TAG_LEN;
}

int hsp_frame_open(const uint8_t key[HSP_KEY_LEN], uint8_t *frame, size_t frame_len, hsp_header *header)
{
    int error = hsp_header_read(header, frame, frame_len);
    if (error)
        return error;
    uint8_t *text = frame + HSP_HEADER_LEN;
    error = hsp_aead_open(key, frame + NONCE_AT, frame, HSP_HEADER_LEN, text, header->payload_len,
                          text + header->payload_len);
    return error ? error : header->payload_len;
}

/* A frame is shorter than 254 bytes, so each stretch between zeros has a code byte below 255: no long stretches here. */
int hsp_stream_write(const uint8_t *frame, size_t frame_len, uint8_t out[HSP_STREAM_MAX])
{
    size_t code_at = 0, len = 1;
    if (frame_len == 0 || frame_len > HSP_FRAME_MAX)
        return HSP_E_RANGE;
    for (size_t i = 0; i < frame_len; i++) {
        if (frame[i]) {
            out[len++] = frame[i];
        } else {
            out[code_at] = (uint8_t)(len - code_at);
            code_at = len++;
        }
    }
    out[code_at] = (uint8_t)(len - code_at);
    out[len++] = 0;
    return (int)len;
}

/* Undo the stuffing in place: what is written never overtakes what is read. */
static int unstuff(uint8_t *bytes, size_t stuffed_len)
{
    size_t from = 0, len = 0;
    while (from < stuffed_len) {
        size_t end = from + bytes[from];
        if (end > stuffed_len)
            return HSP_E_MALFORMED;
        for (from++; from < end; from++)
            bytes[len++] = bytes[from];
        if (from < stuffed_len)
            bytes[len++] = 0;
    }
    return len && len <= HSP_FRAME_MAX ? (int)len : HSP_E_MALFORMED;
}

int hsp_stream_read(hsp_stream *stream, uint8_t byte)
{
    uint16_t len = stream->len;
    if (byte) {
        if (len < HSP_STREAM_MAX - 1)
            stream->bytes[len] = byte;
        if (len < HSP_STREAM_MAX)
            stream->len++;
        return 0;
    }
    stream->len = 0;
    if (len > HSP_STREAM_MAX - 1)
        return HSP_E_MALFORMED;
    return len ? unstuff(stream->bytes, len) : 0;
}
