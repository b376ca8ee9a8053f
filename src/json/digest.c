#include "json/digest.h"

#include "json/scan.h"
#include "number/number.h"
#include "number/plain.h"

#define GROUP 18 /* digits */

/* Numbers */

static inline uint64_t begin_number(int64_t exponent, bool negative) {
  return PUR_DIGEST_NUMBER + 2 * (uint64_t)exponent + negative;
}

/* How many digits a number below 10^18 has; 0 has none. A digit takes 1233 / 4096 of bits, rounded
 * up, or one less. */
static unsigned count_digits(uint64_t value) {
  unsigned most = ((unsigned)(64 - __builtin_clzll(value | 1)) * 1233 >> 12) + 1;
  return most - (value < pur_tens[most - 1]);
}

uint64_t pur_digest_fixed(int64_t value, unsigned places) {
  uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
  unsigned count = count_digits(size);
  if (size == 0) return pur_hash_pair(begin_number(0, false), 0);
  return pur_hash_pair(begin_number((int64_t)count - (int64_t)places, value < 0),
                       size * pur_tens[GROUP - count]);
}

static uint64_t digest_decimal(const pur_decimal *number) {
  uint64_t digest = begin_number(number->exponent, number->negative);
  const char *at = number->digits;
  size_t left = number->count;
  do {
    uint64_t group = 0;
    for (int i = 0; i < GROUP; i++) group = group * 10 + (uint64_t)pur_decimal_next(&at, &left);
    digest = pur_hash_pair(digest, group);
  } while (left > 0);
  return digest;
}

uint64_t pur_digest_number(const char *text, size_t length) {
  pur_fixed fixed;
  pur_decimal decimal;
  if (pur_fixed_read(text, length, &fixed)) return pur_digest_fixed(fixed.value, fixed.places);
  (void)pur_decimal_read(text, length, &decimal);
  return digest_decimal(&decimal);
}

/* Values */

typedef struct digester {
  pur_json_scanner scanner;
  pur_buffer *scratch;
} digester;

static pur_status digest_value(digester *d, const pur_json_token *token, uint64_t *digest,
                               pur_error *error);

static pur_status digest_string(digester *d, const pur_json_token *token, uint64_t *digest,
                                pur_error *error) {
  pur_text text = {token->text, token->length};
  pur_status status = PUR_OK;
  if (token->escaped) status = pur_json_string_text(token, d->scratch, &text, error);
  if (status == PUR_OK) *digest = pur_digest_string(text.text, text.length);
  return status;
}

/* Passes a string of plain characters, or a number of few digits, which is what most values are:
 * returns its end, or 0 for any other value. Making no token of it is worth a quarter. */
static inline size_t pass_plain_value(const pur_json_scanner *scanner, size_t at,
                                      uint64_t *digest) {
  const char *text = scanner->text + at;
  size_t left = scanner->length - at;
  unsigned length, points, places;
  int64_t value;
  if (left < PUR_PLAIN_SIZE) return 0;
  if (*text == '"') {
    size_t plain = pur_json_plain_length(text + 1, left - 1);
    if (pur_json_byte(scanner, at + 1 + plain) != '"') return 0;
    *digest = pur_digest_string(text + 1, plain);
    return at + plain + 2;
  }
  length = pur_plain_span(text);
  if (length == 0 || length >= PUR_PLAIN_SIZE || at + length < PUR_PLAIN_SIZE) return 0;
  if (!pur_plain_is_number(text, length) || (text[length] | 0x20) == 'e') return 0;
  points = pur_plain_find(text, '.') & ((1u << length) - 1);
  places = points != 0 ? length - 1 - (unsigned)__builtin_ctz(points) : 0;
  if (places > PUR_FIXED_PLACES || !pur_plain_read(text, length, places, &value)) return 0;
  *digest = pur_digest_fixed(value, places);
  return at + length;
}

static pur_status digest_array(digester *d, uint64_t *digest, pur_error *error) {
  pur_json_scanner *scanner = &d->scanner;
  *digest = PUR_DIGEST_ARRAY;
  for (bool first = true;; first = false) {
    size_t at = pur_json_skip_space(scanner, scanner->position);
    pur_json_token token = {.kind = PUR_JSON_NULL};
    uint64_t element;
    pur_status status = pur_json_read_element(scanner, &token, at, first, error);
    if (status == PUR_OK && token.kind == PUR_JSON_ARRAY_END) return PUR_OK;
    if (status == PUR_OK) status = digest_value(d, &token, &element, error);
    if (status != PUR_OK) return status;
    *digest = pur_hash_pair(*digest, element);
  }
}

static pur_status digest_object(digester *d, uint64_t *digest, pur_error *error) {
  pur_json_scanner *scanner = &d->scanner;
  uint64_t sum = 0;
  for (bool first = true;; first = false) {
    size_t at = pur_json_skip_space(scanner, scanner->position), end;
    pur_json_token token = {.kind = PUR_JSON_NULL};
    uint64_t name, value;
    pur_status status = pur_json_read_name(scanner, &token, at, first, error);
    if (status == PUR_OK && token.kind == PUR_JSON_OBJECT_END) break;
    if (status == PUR_OK) status = digest_string(d, &token, &name, error);
    if (status == PUR_OK) status = pur_json_read_colon(scanner, error);
    if (status != PUR_OK) return status;
    at = pur_json_skip_space(scanner, scanner->position);
    end = pass_plain_value(scanner, at, &value);
    if (end != 0) {
      scanner->position = end;
    } else {
      status = pur_json_read_value(scanner, &token, at, "expected a value", error);
      if (status == PUR_OK) status = digest_value(d, &token, &value, error);
      if (status != PUR_OK) return status;
    }
    sum += pur_hash_pair(name, value);
  }
  *digest = pur_hash_pair(PUR_DIGEST_OBJECT, sum);
  return PUR_OK;
}

/* The value whose first token was read. */
static pur_status digest_value(digester *d, const pur_json_token *token, uint64_t *digest,
                               pur_error *error) {
  switch (token->kind) {
  case PUR_JSON_OBJECT_BEGIN:
    return digest_object(d, digest, error);
  case PUR_JSON_ARRAY_BEGIN:
    return digest_array(d, digest, error);
  case PUR_JSON_STRING:
    return digest_string(d, token, digest, error);
  case PUR_JSON_NUMBER:
    *digest = pur_digest_number(token->text, token->length);
    return PUR_OK;
  default:
    *digest = pur_hash(token->text, token->length, PUR_DIGEST_WORD);
    return PUR_OK;
  }
}

pur_status pur_json_digest(const char *text, size_t length, pur_buffer *scratch, uint64_t *digest,
                           pur_error *error) {
  digester d = {.scratch = scratch};
  pur_json_scanner *scanner = &d.scanner;
  pur_json_token token;
  pur_status status;
  size_t at;
  pur_json_scanner_init(scanner, text, length);
  at = pur_json_skip_space(scanner, 0);
  status = pur_json_read_value(scanner, &token, at, "expected a value", error);
  if (status == PUR_OK) status = digest_value(&d, &token, digest, error);
  if (status != PUR_OK) return status;
  at = pur_json_skip_space(scanner, scanner->position);
  if (at == length) return PUR_OK;
  return pur_json_fail(scanner, at, "expected nothing after the document", error);
}
