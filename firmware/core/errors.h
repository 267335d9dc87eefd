/* Every way in which a call of the core can end. Functions return HSP_OK or a length (0 or more), or one of these. */
#ifndef HSP_ERRORS_H
#define HSP_ERRORS_H

enum hsp_error {
    HSP_OK = 0,
    HSP_E_MALFORMED = -1, /* bytes from outside that do not have the form of SPEC.md */
    HSP_E_FORGED = -2,    /* the tag does not hold: another key, or changed on the way */
    HSP_E_FOREIGN = -3,   /* for another device, oracle or direction */
    HSP_E_STALE = -4,     /* an acknowledgement older than one already taken */
    HSP_E_ROLLBACK = -5,  /* the oracle has numbers that this flash never gave: enrol anew (SPEC.md section 6) */
    HSP_E_RANGE = -6,     /* an argument out of bounds, from the caller */
    HSP_E_FULL = -7,      /* no room: the batch must be written first */
    HSP_E_EMPTY = -8,     /* there is no such message */
    HSP_E_FLASH = -9,     /* the platform's flash call failed, or what was written does not read back */
    HSP_E_BLANK = -10,    /* the region was never formatted */
    HSP_E_DAMAGED = -11,  /* both counter slots are unreadable: no number can be given safely */
    HSP_E_SPENT = -12,    /* all 2^48 - 1 numbers are used */
};

#endif
