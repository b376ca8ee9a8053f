/* Powers of ten to 128 bits, shared by number_read.c and number_write.c: private to them. */
#ifndef PURCHASES_NUMBER_POWERS_H
#define PURCHASES_NUMBER_POWERS_H

#include <stdint.h>

#define PUR_POWER_LEAST (-342)
#define PUR_POWER_GREATEST 324

/* 10^e = (high * 2^64 + low + f) * 2^(floor(log2(10^e)) - 127), with 0 <= f < 1 for what was cut
 * off. The first bit of `high` is always set. */
typedef struct pur_power {
  uint64_t high;
  uint64_t low;
} pur_power;

extern const pur_power pur_powers[PUR_POWER_GREATEST - PUR_POWER_LEAST + 1];

static inline pur_power pur_power_of_ten(int exponent) {
  return pur_powers[exponent - PUR_POWER_LEAST];
}

/* Is f zero? 5^55 is the last power of five that 128 bits hold. */
static inline int pur_power_is_exact(int exponent) {
  return exponent >= 0 && exponent <= 55;
}

/* floor(log2(10^exponent)): the constant is log2(10) * 2^19, near enough for |exponent| <= 1233. */
static inline int pur_power_log2(int exponent) {
  return (exponent * 1741647) >> 19;
}

/* A product of 128 bits. */
typedef struct pur_wide {
  uint64_t high;
  uint64_t low;
} pur_wide;

#if defined(__SIZEOF_INT128__) && !defined(PUR_NO_INT128)
static inline pur_wide pur_multiply(uint64_t a, uint64_t b) {
  __extension__ unsigned __int128 product = (unsigned __int128)a * b;
  return (pur_wide){(uint64_t)(product >> 64), (uint64_t)product};
}
#else
/* As on paper, with digits of 32 bits. */
static inline pur_wide pur_multiply(uint64_t a, uint64_t b) {
  uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
  uint64_t low = a0 * b0;
  uint64_t middle = a1 * b0 + (low >> 32);
  uint64_t other = a0 * b1 + (uint32_t)middle;
  return (pur_wide){a1 * b1 + (middle >> 32) + (other >> 32), other << 32 | (uint32_t)low};
}
#endif

#endif
