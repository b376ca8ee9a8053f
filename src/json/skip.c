#include "json/scan.h"

/* The bytes passed so far, and what they mean for the next one. */
typedef struct state {
  size_t at;
  size_t depth;        /* containers to close; at 0 it is done */
  uint64_t in_strings; /* all bits set in a string */
} state;

/* Skips byte by byte to behind the last bracket, or to `end`, or one further after a backslash,
 * which takes the next byte along. */
static state skip_bytes(state now, const char *text, size_t end) {
  for (; now.at < end && now.depth != 0; now.at++) {
    char byte = text[now.at];
    if (byte == '"')
      now.in_strings = ~now.in_strings;
    else if (now.in_strings != 0)
      now.at += byte == '\\';
    else if (byte == '[' || byte == '{')
      now.depth++;
    else if (byte == ']' || byte == '}')
      now.depth--;
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

static inline uint64_t sum(__m128i bytes) {
  __m128i halves = _mm_sad_epu8(bytes, _mm_setzero_si128());
  return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(halves, _mm_unpackhi_epi64(halves, halves)));
}

/* Bit i tells whether the number of bits up to i is odd. */
static inline uint64_t parities(uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  return bits ^ bits << 32;
}

static state skip_blocks(state now, const char *text, size_t length) {
  while (now.at + BLOCK <= length) {
    block next = {0, 0, _mm_setzero_si128(), _mm_setzero_si128()};
    uint64_t strings, opens, closes;
    for (unsigned lane = 0; lane < BLOCK / 16; lane++) read_lane(&next, text + now.at, lane);
    strings = parities(next.quotes) ^ now.in_strings;
    opens = sum(next.opens);
    closes = sum(next.closes);
    if ((next.suspects & strings) != 0 || closes >= now.depth) {
      now = skip_bytes(now, text, now.at + BLOCK);
      if (now.depth == 0) return now;
      continue;
    }
    now.at += BLOCK;
    now.depth += opens - closes;
    now.in_strings = strings >> 63 != 0 ? UINT64_MAX : 0;
  }
  return now;
}

#endif

bool pur_json_skip(const char *text, size_t length, size_t *position) {
  state now = {*position, 1, 0};
#ifdef PUR_JSON_SSE2
  now = skip_blocks(now, text, length);
#endif
  now = skip_bytes(now, text, length);
  if (now.depth != 0) return false;
  *position = now.at;
  return true;
}
