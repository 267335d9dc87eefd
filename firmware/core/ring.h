/* Store and forward of one lane (SPEC.md section 7): numbers that survive power loss, and a log of messages in flash.
 * Knows neither oracles nor keys. Every change is in flash before the call that made it returns. */
#ifndef HSP_RING_H
#define HSP_RING_H

#include "frame.h"

#define HSP_RESERVE 64      /* numbers that one write of the counter makes available */
#define HSP_SECTOR_MIN 512
#define HSP_SECTORS_MIN 4   /* two counter slots, two of log */

/* What the platform gives. Each returns 0, or anything else for failure. */
typedef struct {
    void *context;
    int (*read)(void *context, uint32_t address, uint8_t *data, uint32_t len);
    int (*program)(void *context, uint32_t address, const uint8_t *data, uint32_t len); /* erased bytes, multiples of 8 */
    int (*erase)(void *context, uint32_t address);                                      /* one sector, to 0xff */
    uint32_t sector_len;                                                                /* a power of two, at least 512 */
} hsp_flash;

enum hsp_gone_reason { HSP_GONE_FULL = 1, HSP_GONE_RESTART = 2 };

typedef struct {
    const hsp_flash *flash;
    uint32_t start;     /* address of the lane's region */
    uint16_t sectors;   /* of the log: the region's less two */
    uint16_t newest;    /* index of the sector being filled */
    uint16_t used;      /* sectors in the unbroken run that ends with the newest; 0: the log is empty */
    uint32_t sequence;  /* of the newest sector */
    uint32_t head;      /* offset in the newest sector where the next message goes */
    uint64_t ceiling;   /* numbers below it may have been given */
    uint64_t next;      /* the next number to give */
    uint64_t oldest;    /* no message below it is held */
    uint64_t settled;   /* every oracle has settled all up to it */
    uint64_t full_last; /* a gone message of reason full is owed up to it; 0: none */
    uint64_t restart_first, restart_last; /* the same for reason restart */
    uint64_t notice;    /* number of the newest gone message of reason full since the start; 0: none */
    uint8_t slot;       /* counter slot that holds the ceiling */
} hsp_ring;

typedef struct {
    uint64_t number;
    uint8_t kind;
    uint8_t len;
    uint8_t payload[HSP_PAYLOAD_MAX];
} hsp_message;

/* Erase the region of `sectors` sectors at `start` and begin with number 1. Only at enrolment, with new keys: numbers repeat. */
int hsp_ring_format(const hsp_flash *flash, uint32_t start, uint16_t sectors);

/* Find out what the flash holds. Writes nothing. HSP_E_BLANK, HSP_E_DAMAGED. */
int hsp_ring_mount(hsp_ring *ring, const hsp_flash *flash, uint32_t start, uint16_t sectors);

/* Give the next number; what is owed from before the start is written first. */
int hsp_ring_number(hsp_ring *ring, uint64_t now_ms, uint64_t *number);

/* Write the message that was given `number`, then what is owed for what it displaced. */
int hsp_ring_append(hsp_ring *ring, uint64_t now_ms, uint64_t number, uint8_t kind, const uint8_t *payload, uint8_t len);

/* Read the message with the least number from `from` on, or HSP_E_EMPTY. */
int hsp_ring_find(const hsp_ring *ring, uint64_t from, hsp_message *message);

/* Every oracle has settled all numbers up to `number`. */
void hsp_ring_settle(hsp_ring *ring, uint64_t number);

#endif
