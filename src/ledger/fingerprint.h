/* What a ledger remembers of a credential, so that another one is noticed. */
#ifndef PURCHASES_LEDGER_FINGERPRINT_H
#define PURCHASES_LEDGER_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#define PUR_SALT_SIZE 16

/* 32 bits of SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") of a text under
 * a salt: too few to tell what the text was, enough to tell two apart. */
uint32_t pur_fingerprint(const unsigned char salt[PUR_SALT_SIZE], const char *text, size_t length);

#endif
