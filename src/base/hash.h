/* A hash of 64 bits that is the same on every machine: wyhash, final version 4.3, with its default
 * secret, by Wang Yi (github.com/wangyi-fudan/wyhash, in the public domain). It is quick with short
 * texts. Nobody who wants two texts of one hash is hindered. */
#ifndef PURCHASES_BASE_HASH_H
#define PURCHASES_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PUR_HASH_SECRET_0 UINT64_C(0x2D358DCCAA6C78A5)
#define PUR_HASH_SECRET_1 UINT64_C(0x8BB84B93962EACC9)
#define PUR_HASH_SECRET_2 UINT64_C(0x4B33A62ED433D4A3)
#define PUR_HASH_SECRET_3 UINT64_C(0x4D5A2DA51DE1AA47)

__extension__ typedef unsigned __int128 pur_uint128;

/* The two halves of the product. */
static inline void pur_hash_multiply(uint64_t *a, uint64_t *b) {
  pur_uint128 product = (pur_uint128)*a * *b;
  *a = (uint64_t)product;
  *b = (uint64_t)(product >> 64);
}

static inline uint64_t pur_hash_mix(uint64_t a, uint64_t b) {
  pur_hash_multiply(&a, &b);
  return a ^ b;
}

/* Bytes as a little-endian number. */
static inline uint64_t pur_hash_read_8(const char *text) {
  uint64_t word;
  memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static inline uint64_t pur_hash_read_4(const char *text) {
  uint32_t word;
  memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap32(word);
#endif
  return word;
}

/* One number of two, whose order counts: wyhash64. */
static inline uint64_t pur_hash_pair(uint64_t a, uint64_t b) {
  a ^= PUR_HASH_SECRET_0;
  b ^= PUR_HASH_SECRET_1;
  pur_hash_multiply(&a, &b);
  return pur_hash_mix(a ^ PUR_HASH_SECRET_0, b ^ PUR_HASH_SECRET_1);
}

/* wyhash. Bytes of short texts are read once or twice, so that few branches are needed. */
static inline uint64_t pur_hash(const char *text, size_t length, uint64_t seed) {
  uint64_t a = 0, b = 0;
  seed ^= pur_hash_mix(seed ^ PUR_HASH_SECRET_0, PUR_HASH_SECRET_1);
  if (length > 16) {
    size_t left = length;
    if (left >= 48) {
      uint64_t seed_1 = seed, seed_2 = seed;
      for (; left >= 48; text += 48, left -= 48) {
        seed = pur_hash_mix(pur_hash_read_8(text) ^ PUR_HASH_SECRET_1,
                            pur_hash_read_8(text + 8) ^ seed);
        seed_1 = pur_hash_mix(pur_hash_read_8(text + 16) ^ PUR_HASH_SECRET_2,
                              pur_hash_read_8(text + 24) ^ seed_1);
        seed_2 = pur_hash_mix(pur_hash_read_8(text + 32) ^ PUR_HASH_SECRET_3,
                              pur_hash_read_8(text + 40) ^ seed_2);
      }
      seed ^= seed_1 ^ seed_2;
    }
    for (; left > 16; text += 16, left -= 16)
      seed =
          pur_hash_mix(pur_hash_read_8(text) ^ PUR_HASH_SECRET_1, pur_hash_read_8(text + 8) ^ seed);
    a = pur_hash_read_8(text + left - 16);
    b = pur_hash_read_8(text + left - 8);
  } else if (length >= 4) {
    size_t middle = length / 8 * 4; /* 0 where 8 bytes at each end are more than there are */
    a = pur_hash_read_4(text) << 32 | pur_hash_read_4(text + middle);
    b = pur_hash_read_4(&text[length - 4]) << 32 | pur_hash_read_4(&text[length - 4 - middle]);
  } else if (length > 0) {
    a = (uint64_t)(unsigned char)text[0] << 16 | (uint64_t)(unsigned char)text[length / 2] << 8 |
        (unsigned char)text[length - 1];
  }
  a ^= PUR_HASH_SECRET_1;
  b ^= seed;
  pur_hash_multiply(&a, &b);
  return pur_hash_mix(a ^ PUR_HASH_SECRET_0 ^ length, b ^ PUR_HASH_SECRET_1);
}

#endif
