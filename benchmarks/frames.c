/* A batch of frames on this machine: each authenticated, decrypted and parsed to its readings, one after the other in one thread.
 * Only for measuring: what a server would write around the core. It keeps no receiving state (SPEC.md section 6). */
#include "errors.h"
#include "reading.h"

/* Frame i has `lens[i]` bytes at frames + i * HSP_FRAME_MAX and is sealed under keys + i * HSP_KEY_LEN. Returns the number of
 * readings of all, in order; or the first error, also when there are more than `room`. */
int32_t open_and_parse(uint32_t count, uint8_t *frames, const uint32_t *lens, const uint8_t *keys, hsp_header *headers,
                       hsp_reading *readings, uint32_t room);

int32_t open_and_parse(uint32_t count, uint8_t *frames, const uint32_t *lens, const uint8_t *keys, hsp_header *headers,
                       hsp_reading *readings, uint32_t room)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *frame = frames + (size_t)i * HSP_FRAME_MAX;
        int answer = hsp_frame_open(keys + (size_t)i * HSP_KEY_LEN, frame, lens[i], &headers[i]);
        if (answer < 0)
            return answer;
        const size_t payload_len = (size_t)answer;
        size_t offset = 0;
        do {
            if (found == room)
                return HSP_E_RANGE;
            answer = hsp_batch_next(frame + HSP_HEADER_LEN, payload_len, &offset, &readings[found]);
            found += answer > 0;
        } while (answer > 0);
        if (answer < 0)
            return answer;
    }
    return (int32_t)found;
}
