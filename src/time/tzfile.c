#include "time/tzfile.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "time/datetime.h"

#define HEADER_SIZE 44
#define TYPE_SIZE 6 /* offset (4), daylight saving (1), position of its name (1) */
#define EARLIEST (-(INT64_C(1) << 59)) /* the RFC's bound, older than the Big Bang */

typedef struct input {
  const uint8_t *bytes;
  size_t length;
  pur_error *error;
} input;

/* The places of the header's counts, after its magic, version and reserved bytes. */
enum { UT_AT = 20, STANDARD_AT = 24, LEAPS_AT = 28, TIMES_AT = 32, TYPES_AT = 36, NAMES_AT = 40 };

/* A header, and the positions of the arrays that follow it. A file of version 1 has one such block;
 * in later ones a second says it all again, and more, with times of 64 bits. */
typedef struct data_block {
  uint8_t version;
  size_t start;
  size_t time_size;
  uint32_t time_count, type_count, names_size;
  size_t times, indices, types, names;
  size_t end;
} data_block;

static pur_status refuse(const input *in, size_t position, const char *complaint) {
  return pur_error_set(in->error, PUR_INVALID_ZONE, position, "TZif: %s", complaint);
}

static uint32_t read_u32(const input *in, size_t at) {
  const uint8_t *bytes = in->bytes + at;
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Places an array at the end of the block so far. Counts may lie: 64 bits hold any sum of them. */
static size_t add_array(uint64_t *end, uint32_t count, size_t size) {
  size_t start = (size_t)*end;
  *end += (uint64_t)count * size;
  return start;
}

static pur_status read_block(const input *in, size_t start, size_t time_size, data_block *block) {
  uint64_t end = start + HEADER_SIZE;
  if (in->length - start < HEADER_SIZE) return refuse(in, in->length, "the file is cut off");
  if (memcmp(in->bytes + start, "TZif", 4) != 0) return refuse(in, start, "expected a header");
  block->version = in->bytes[start + 4];
  block->start = start;
  block->time_size = time_size;
  if (block->version != 0 && (block->version < '2' || block->version > '4'))
    return refuse(in, start + 4, "unknown version");
  block->time_count = read_u32(in, start + TIMES_AT);
  block->type_count = read_u32(in, start + TYPES_AT);
  block->names_size = read_u32(in, start + NAMES_AT);
  block->times = add_array(&end, block->time_count, time_size);
  block->indices = add_array(&end, block->time_count, 1);
  block->types = add_array(&end, block->type_count, TYPE_SIZE);
  block->names = add_array(&end, block->names_size, 1);
  (void)add_array(&end, read_u32(in, start + LEAPS_AT), time_size + 4);
  (void)add_array(&end, read_u32(in, start + STANDARD_AT), 1);
  (void)add_array(&end, read_u32(in, start + UT_AT), 1);
  if (end > in->length) return refuse(in, in->length, "the file is cut off");
  block->end = (size_t)end;
  return PUR_OK;
}

/* Finds the block to go by: the last one. */
static pur_status read_last_block(const input *in, data_block *block) {
  uint8_t version;
  pur_status status = read_block(in, 0, 4, block);
  if (status != PUR_OK || block->version == 0) return status;
  version = block->version;
  status = read_block(in, block->end, 8, block);
  if (status == PUR_OK && block->version != version)
    status = refuse(in, block->start + 4, "the headers differ in version");
  return status;
}

static pur_status check_counts(const input *in, const data_block *block) {
  uint32_t ut_count = read_u32(in, block->start + UT_AT);
  uint32_t standard_count = read_u32(in, block->start + STANDARD_AT);
  if (read_u32(in, block->start + LEAPS_AT) != 0)
    return refuse(in, block->start + LEAPS_AT,
                  "it counts leap seconds; use the zone that does not");
  if (block->type_count == 0) return refuse(in, block->start + TYPES_AT, "no time types");
  if (block->names_size == 0) return refuse(in, block->start + NAMES_AT, "no names");
  if (ut_count != 0 && ut_count != block->type_count)
    return refuse(in, block->start + UT_AT, "wrong number of UT indicators");
  if (standard_count != 0 && standard_count != block->type_count)
    return refuse(in, block->start + STANDARD_AT, "wrong number of standard indicators");
  return PUR_OK;
}

static pur_status check_types(const input *in, const data_block *block) {
  for (uint32_t i = 0; i < block->type_count; i++) {
    size_t at = block->types + (size_t)i * TYPE_SIZE;
    int32_t offset = (int32_t)read_u32(in, at);
    if (offset < PUR_OFFSET_LEAST || offset > PUR_OFFSET_MOST)
      return refuse(in, at, "offset of more than a day");
    if (in->bytes[at + 4] > 1) return refuse(in, at + 4, "daylight saving time is 0 or 1");
    if (in->bytes[at + 5] >= block->names_size) return refuse(in, at + 5, "no such name");
  }
  if (in->bytes[block->names + block->names_size - 1] != '\0')
    return refuse(in, block->names + block->names_size - 1, "a name has no end");
  return PUR_OK;
}

/* Types were checked: each has a name, and the last name of all has its end. */
static pur_tztype read_type(const input *in, const data_block *block, size_t index) {
  const size_t at = block->types + index * TYPE_SIZE;
  pur_tztype type = {.offset = (int32_t)read_u32(in, at)};
  (void)snprintf(type.name, sizeof type.name, "%s", in->bytes + block->names + in->bytes[at + 5]);
  return type;
}

static pur_status read_changes(const input *in, const data_block *block, pur_timezone *zone) {
  zone->count = (size_t)block->time_count + 1;
  zone->changes = calloc(zone->count, sizeof *zone->changes);
  if (zone->changes == NULL) return pur_error_no_memory(in->error);
  zone->changes[0] = (pur_tzchange){INT64_MIN, read_type(in, block, 0)};
  for (size_t i = 0; i < block->time_count; i++) {
    size_t at = block->times + i * block->time_size, index = block->indices + i;
    pur_tzchange *change = &zone->changes[i + 1];
    change->at = (int32_t)read_u32(in, at);
    if (block->time_size == 8)
      change->at = (int64_t)((uint64_t)read_u32(in, at) << 32 | read_u32(in, at + 4));
    if (change->at < EARLIEST || change->at > PUR_DATETIME_LAST)
      return refuse(in, at, "a change beyond all calendars");
    if (change->at <= change[-1].at) return refuse(in, at, "changes out of order");
    if (in->bytes[index] >= block->type_count) return refuse(in, index, "no such time type");
    change->type = read_type(in, block, in->bytes[index]);
  }
  return PUR_OK;
}

/* Reads what follows the block: nothing in version 1, otherwise a line feed, a rule or nothing, and
 * a line feed. The rule takes over from the last change, which therefore leads to one of its two
 * offsets. */
static pur_status read_footer(const input *in, const data_block *block, pur_timezone *zone) {
  size_t start = block->end, length;
  const char *text;
  const pur_tzrule *rule = &zone->rule;
  int32_t last;
  pur_status status;
  if (block->version == 0)
    return start == in->length ? PUR_OK : refuse(in, start, "expected nothing more");
  if (in->length - start < 2) return refuse(in, in->length, "the file is cut off");
  text = (const char *)in->bytes + start + 1;
  length = in->length - start - 2;
  if (text[-1] != '\n' || text[length] != '\n' || memchr(text, '\n', length) != NULL)
    return refuse(in, start, "expected a footer of one line");
  if (length == 0) return PUR_OK;
  zone->has_rule = true;
  status = pur_tzrule_parse(text, length, &zone->rule, in->error);
  if (status != PUR_OK && in->error != NULL) in->error->position += start + 1;
  if (status != PUR_OK) return status;
  last = zone->count > 1 ? zone->changes[zone->count - 1].type.offset : rule->standard.offset;
  if (last == rule->standard.offset || (rule->has_daylight && last == rule->daylight.offset))
    return PUR_OK;
  return refuse(in, start + 1, "the footer's rule does not know the last change's offset");
}

/* A zone's life */

pur_status pur_timezone_parse(const void *bytes, size_t length, pur_timezone **zone,
                              pur_error *error) {
  input in = {bytes, length, error};
  data_block block = {0};
  pur_timezone *made = calloc(1, sizeof *made);
  pur_status status;
  if (made == NULL) return pur_error_no_memory(error);
  status = read_last_block(&in, &block);
  if (status == PUR_OK) status = check_counts(&in, &block);
  if (status == PUR_OK) status = check_types(&in, &block);
  if (status == PUR_OK) status = read_changes(&in, &block, made);
  if (status == PUR_OK) status = read_footer(&in, &block, made);
  if (status == PUR_OK)
    *zone = made;
  else
    pur_timezone_close(made);
  return status;
}

void pur_timezone_close(pur_timezone *zone) {
  if (zone != NULL) free(zone->changes);
  free(zone);
}
