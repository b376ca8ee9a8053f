#include "ledger/fingerprint.h"

static uint64_t rotate(uint64_t word, int bits) {
  return word << bits | word >> (64 - bits);
}

static uint64_t little_endian(const unsigned char *bytes, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < count; i++) word |= (uint64_t)bytes[i] << 8 * i;
  return word;
}

static void mix(uint64_t v[4], int rounds) {
  for (int i = 0; i < rounds; i++) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

static void take(uint64_t v[4], uint64_t word) {
  v[3] ^= word;
  mix(v, 2);
  v[0] ^= word;
}

uint32_t pur_fingerprint(const unsigned char salt[PUR_SALT_SIZE], const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  uint64_t key[2] = {little_endian(salt, 8), little_endian(salt + 8, 8)};
  uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                   key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
  size_t left = length % 8;
  for (size_t i = 0; i + 8 <= length; i += 8) take(v, little_endian(bytes + i, 8));
  take(v, (uint64_t)length << 56 | little_endian(bytes + length - left, left));
  v[2] ^= 0xff;
  mix(v, 4);
  return (uint32_t)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}
