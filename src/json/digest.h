/* A digest of 64 bits of a JSON value: equal values have the same one, however they are written,
 * and two others have the same one by chance, once in 2^64.
 *
 * Values are equal as in schema.h: members in any order, numbers by value (1.50, 15e-1 and 1.5; 0
 * and -0) and to the last digit, strings by what they stand for, whatever the blanks.
 *
 * Ledgers keep digests for years, so that what follows never changes. H(text, seed) is pur_hash,
 * P(a, b) is pur_hash_pair, sums are modulo 2^64, and the names are PUR_DIGEST_...:
 *
 *     string              H(what it stands for, in UTF-8; STRING)
 *     true, false, null   H(the word, WORD)
 *     number              P(... P(P(NUMBER + 2e + s, g1), g2) ..., gn). The value is 0.D * 10^e, or
 *                         with s = 1 less than 0, where D begins and ends with no 0; g1 to gn are D
 *                         in groups of 18 digits, the last filled up with zeros. Of 0, all are 0,
 *                         and n is 1
 *     array               P(... P(P(ARRAY, d1), d2) ..., dn), of its elements' digests; ARRAY where
 *                         it has none
 *     object              P(OBJECT, the sum of P(the name's digest, the value's) of all members) */
#ifndef PURCHASES_JSON_DIGEST_H
#define PURCHASES_JSON_DIGEST_H

#include "base/buffer.h"
#include "base/hash.h"

/* The digits of pi behind the point, in hexadecimal. */
#define PUR_DIGEST_STRING UINT64_C(0x243F6A8885A308D3)
#define PUR_DIGEST_WORD UINT64_C(0x13198A2E03707344)
#define PUR_DIGEST_NUMBER UINT64_C(0xA4093822299F31D0)
#define PUR_DIGEST_ARRAY UINT64_C(0x082EFA98EC4E6C89)
#define PUR_DIGEST_OBJECT UINT64_C(0x452821E638D01377)

/* The digest of a whole document. `scratch` is memory for strings with escapes, kept by the caller.
 *
 * Errors as pur_json_next, but that names which come twice are not told: of a text with these, the
 * digest means nothing. */
pur_status pur_json_digest(const char *text, size_t length, pur_buffer *scratch, uint64_t *digest,
                           pur_error *error);

/* The parts, for values that have no text. */

static inline uint64_t pur_digest_string(const char *text, size_t length) {
  return pur_hash(text, length, PUR_DIGEST_STRING);
}

/* Of value / 10^places, fewer than 10^18 either way, and at most 18 places. */
uint64_t pur_digest_fixed(int64_t value, unsigned places);

/* Of a number as JSON's grammar has it. */
uint64_t pur_digest_number(const char *text, size_t length);

#endif
