#include "json/skip.h"

#include <stdint.h>

#include "json/string.h"

/* How far it got, and what the bytes so far mean for the next one. */
typedef struct state {
  size_t at;
  size_t depth;        /* containers to close; at 0 it is done */
  uint64_t in_strings; /* all bits set in a string */
} state;

/* A backslash takes the next byte along. */
static void read_in_string(state *now, char byte) {
  if (byte == '\\')
    now->at++;
  else if (byte == '"')
    now->in_strings = 0;
}

static void read_outside(state *now, char byte) {
  if (byte == '"')
    now->in_strings = UINT64_MAX;
  else if (byte == '[' || byte == '{')
    now->depth++;
  else if (byte == ']' || byte == '}')
    now->depth--;
}

/* Byte by byte: to behind the last bracket, or to `end`, or one further after a backslash. */
static state skip_bytes(state now, const char *text, size_t end) {
  for (; now.at < end && now.depth != 0; now.at++) {
    if (now.in_strings != 0)
      read_in_string(&now, text[now.at]);
    else
      read_outside(&now, text[now.at]);
  }
  return now;
}

#ifdef PUR_JSON_SSE2

/* 64 bytes at once.
 *
 * Most of the time no string holds a bracket or a backslash, and the depth stays above zero. Then a
 * block changes the depth by the brackets in it, and whether it ends within a string is a matter of
 * how many quotes it has. Where that is not so, the block is read byte by byte. */

#define BLOCK 64

typedef struct block {
  uint64_t quotes;   /* bit i: byte i is a quote */
  uint64_t suspects; /* byte i is a bracket or backslash */
  __m128i opens;     /* to be added up: brackets that open */
  __m128i closes;
} block;

/* With bit 0x20 set, `[` is `{` and `]` is `}`; `\` is `|`, which stands between the two and is
 * harmless: one comparison finds all that matters in a string. */
static inline void read_lane(block *all, const char *text, unsigned lane) {
  const __m128i quote = _mm_set1_epi8('"'), two = _mm_set1_epi8(2);
  __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * lane));
  __m128i rank = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('{'));
  __m128i suspects = _mm_cmpeq_epi8(_mm_subs_epu8(rank, two), _mm_setzero_si128());
  all->quotes |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, quote)) << 16 * lane;
  all->suspects |= (uint64_t)_mm_movemask_epi8(suspects) << 16 * lane;
  all->opens = _mm_sub_epi8(all->opens, _mm_cmpeq_epi8(rank, _mm_setzero_si128()));
  all->closes = _mm_sub_epi8(all->closes, _mm_cmpeq_epi8(rank, two));
}

static inline block read_block(const char *text) {
  block all = {0, 0, _mm_setzero_si128(), _mm_setzero_si128()};
  read_lane(&all, text, 0);
  read_lane(&all, text, 1);
  read_lane(&all, text, 2);
  read_lane(&all, text, 3);
  return all;
}

/* Adds up the brackets: those that open in the lower half, those that close in the upper one. */
static inline uint64_t count(const block *all) {
  __m128i opens = _mm_sad_epu8(all->opens, _mm_setzero_si128());
  __m128i closes = _mm_sad_epu8(all->closes, _mm_setzero_si128());
  __m128i halves = _mm_or_si128(opens, _mm_slli_epi64(closes, 32));
  return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(halves, _mm_unpackhi_epi64(halves, halves)));
}

/* Bit i: is the number of bits up to i odd? */
static inline uint64_t parities(uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  return bits ^ bits << 32;
}

static state skip(state now, const char *text, size_t length) {
  while (now.at + BLOCK <= length) {
    block next = read_block(text + now.at);
    uint64_t strings = parities(next.quotes) ^ now.in_strings, brackets = count(&next);
    if ((next.suspects & strings) != 0 || brackets >> 32 >= now.depth) {
      now = skip_bytes(now, text, now.at + BLOCK);
      if (now.depth == 0) return now;
      continue;
    }
    now.at += BLOCK;
    now.depth += (uint32_t)brackets;
    now.depth -= brackets >> 32;
    now.in_strings = strings >> 63 != 0 ? UINT64_MAX : 0;
  }
  return skip_bytes(now, text, length);
}

#else

static state skip(state now, const char *text, size_t length) {
  return skip_bytes(now, text, length);
}

#endif

bool pur_json_skip(const char *text, size_t length, size_t *position) {
  state after = skip((state){*position, 1, 0}, text, length);
  if (after.depth != 0) return false;
  *position = after.at;
  return true;
}
