/* Rules over the cells of rows: texts, numbers, dates, sums. */
#include <stdio.h>
#include <stdlib.h>

#include "base/issues.h"
#include "json/json.h"
#include "map/cell.h"
#include "map/encode.h"

#define JOINED 256 /* bytes of a date or a key that stands in several columns */

pur_status pur_cell_fail(const pur_map_cell *cell, pur_status status, const char *why,
                         pur_error *error) {
  char shown[80];
  pur_issue_quote(cell->text, cell->length, shown, sizeof shown);
  return pur_error_set(error, status, 0, "'%s' %.*s", shown, PUR_MESSAGE_SIZE - 1, why);
}

/* Numbers */

pur_status pur_cell_number(const pur_conversion *how, const pur_map_cell *cell, pur_numeral *number,
                           pur_error *error) {
  static const pur_number_style json = {.decimal = '.'};
  const pur_number_style *style = cell->is_number ? &json : &how->style;
  char why[PUR_MESSAGE_SIZE / 2], message[PUR_MESSAGE_SIZE];
  pur_text text;
  if (how->map->null_count > 0 && pur_map_is_empty(how->map, cell, true)) return PUR_END;
  if (pur_numeral_read(style, cell->text, cell->length, number)) return PUR_OK;
  text = pur_blank_trim(cell->text, cell->length);
  if (text.length == 0) return PUR_END;
  if (text.length < cell->length && pur_numeral_read(style, text.text, text.length, number))
    return PUR_OK;
  pur_numeral_explain(style, text.text, text.length, why, sizeof why);
  (void)snprintf(message, sizeof message, "is not a number%s%s", *why != '\0' ? ": " : "", why);
  return pur_cell_fail(cell, PUR_INVALID_CELL, message, error);
}

pur_status pur_cell_exact(const pur_conversion *how, const pur_map_cell *cell, pur_exact *exact,
                          pur_error *error) {
  pur_numeral number;
  pur_status status = pur_cell_number(how, cell, &number, error);
  if (status != PUR_OK || pur_numeral_to_exact(&number, exact)) return status;
  return pur_cell_fail(cell, PUR_INVALID_CELL, "has more than 36 digits", error);
}

static pur_status write_number(const pur_conversion *how, const pur_map_cell *cell, pur_buffer *out,
                               pur_error *error) {
  pur_numeral number;
  pur_status status = pur_cell_number(how, cell, &number, error);
  if (status != PUR_OK) return status;
  if (how->round >= 0) pur_numeral_round(&number, how->round);
  pur_numeral_write(&number, out);
  return PUR_OK;
}

/* Dates */

/* Puts the cells that are not empty together, a blank between them. PUR_END: all are empty. */
static pur_status join_cells(const pur_rule *rule, const pur_map_cell *cells, char joined[JOINED],
                             pur_map_cell *cell, pur_error *error) {
  size_t length = 0;
  for (size_t i = 0; i < rule->slot_count; i++) {
    const pur_map_cell *part = &cells[rule->slots[i]];
    pur_text text = pur_blank_trim(part->text, part->length);
    if (pur_map_is_empty(rule->conversion->map, part, true)) continue;
    if (length + text.length + 1 > JOINED)
      return pur_cell_fail(part, PUR_INVALID_CELL, "is too long for what it stands for", error);
    if (length > 0) joined[length++] = ' ';
    memcpy(joined + length, text.text, text.length);
    length += text.length;
  }
  *cell = (pur_map_cell){.text = joined, .length = length};
  return length > 0 ? PUR_OK : PUR_END;
}

/* Most dates of a file lie in one stretch of a zone, far from where its clocks change: two days on
 * either side are more than any of them jumped. */
#define SAFE (2 * PUR_DAY_SECONDS)

static pur_local_kind to_utc(pur_map_zone *zone, int64_t local, int64_t candidates[2]) {
  pur_timezone_period period;
  pur_local_kind kind;
  if (local >= zone->from && local < zone->until) {
    candidates[0] = candidates[1] = local - zone->offset;
    return PUR_LOCAL_UNIQUE;
  }
  kind = pur_timezone_local(zone->zone, local, candidates);
  pur_timezone_at(zone->zone, candidates[0], &period);
  zone->offset = period.offset;
  zone->from = period.from > PUR_DATETIME_FIRST ? period.from + SAFE : PUR_DATETIME_FIRST;
  zone->until = period.until < PUR_DATETIME_LAST ? period.until - SAFE : PUR_DATETIME_LAST;
  return kind;
}

/* Gives a reading with an abbreviation the offset that it means. */
static pur_status resolve_name(const pur_conversion *how, const pur_map_cell *cell,
                               pur_date_reading *reading, pur_error *error) {
  int64_t local = reading->datetime.seconds, candidates[2];
  char why[PUR_MESSAGE_SIZE / 2];
  if (to_utc(how->zone, local, candidates) != PUR_LOCAL_GAP)
    for (int i = 0; i < 2; i++) {
      pur_timezone_period period;
      pur_timezone_at(how->zone->zone, candidates[i], &period);
      if (strlen(period.name) != reading->name.length ||
          memcmp(period.name, reading->name.text, reading->name.length) != 0)
        continue;
      reading->datetime.has_offset = true;
      reading->datetime.offset = (int32_t)(local - candidates[i]);
      return PUR_OK;
    }
  (void)snprintf(why, sizeof why, "has an abbreviation that the clocks of %.60s do not go by then",
                 how->zone->name);
  return pur_cell_fail(cell, PUR_INVALID_CELL, why, error);
}

pur_status pur_cell_date(const pur_rule *rule, const pur_map_cell *cells, bool with_24,
                         pur_date_reading *reading, size_t *slot, pur_error *error) {
  const pur_conversion *how = rule->conversion;
  char joined[JOINED], words[PUR_MESSAGE_SIZE];
  const pur_map_cell *cell = &cells[rule->slots[0]];
  pur_map_cell whole = {.text = ""};
  const char *why;
  pur_text text;
  *slot = rule->slots[0];
  if (rule->slot_count > 1) {
    pur_status status = join_cells(rule, cells, joined, &whole, error);
    if (status != PUR_OK) return status;
    cell = &whole;
  } else if (pur_map_is_empty(how->map, cell, true)) {
    return PUR_END;
  }
  text = pur_blank_trim(cell->text, cell->length);
  why = pur_date_read(&how->date, text.text, text.length, with_24, reading, words);
  if (why != NULL) return pur_cell_fail(cell, PUR_INVALID_CELL, why, error);
  if (reading->name.text == NULL) return PUR_OK;
  return resolve_name(how, cell, reading, error);
}

/* The instant of a sale's date; without a zone it is taken as UTC, as the APIs say. */
static pur_status find_instant(const pur_conversion *how, const pur_map_cell *cell,
                               const pur_datetime *datetime, int64_t *instant, pur_error *error) {
  int64_t candidates[2];
  char why[PUR_MESSAGE_SIZE], first[PUR_UTC_SIZE], second[PUR_UTC_SIZE];
  pur_local_kind kind = PUR_LOCAL_UNIQUE;
  if (datetime->has_offset || how->zone == NULL)
    candidates[0] = pur_datetime_instant(datetime);
  else
    kind = to_utc(how->zone, datetime->seconds, candidates);
  *instant = candidates[kind == PUR_LOCAL_OVERLAP && how->overlap == 2];
  if (kind == PUR_LOCAL_GAP) {
    (void)snprintf(why, sizeof why, "does not exist in %.60s: the clocks were put forward over it",
                   how->zone->name);
    return pur_cell_fail(cell, PUR_NONEXISTENT_TIME, why, error);
  }
  if (kind == PUR_LOCAL_OVERLAP && how->overlap == 0) {
    pur_datetime_format_utc(candidates[0], first);
    pur_datetime_format_utc(candidates[1], second);
    (void)snprintf(why, sizeof why,
                   "happens twice in %.40s, at %.20s and at %.20s; say overlap = \"first\" or "
                   "\"second\"",
                   how->zone->name, first, second);
    return pur_cell_fail(cell, PUR_AMBIGUOUS_TIME, why, error);
  }
  if (*instant >= PUR_DATETIME_FIRST && *instant <= PUR_DATETIME_LAST) return PUR_OK;
  return pur_cell_fail(cell, PUR_INVALID_CELL, "is not in the years 1 to 9999 in UTC", error);
}

/* Fractions of a second are cut off: what a sale's time is sent in has none. */
static pur_status write_date(const pur_rule *rule, const pur_map_cell *cells, pur_buffer *out,
                             size_t *slot, pur_error *error) {
  pur_date_reading reading;
  int64_t instant = 0;
  char *to;
  pur_status status = pur_cell_date(rule, cells, false, &reading, slot, error);
  if (status == PUR_OK)
    status = find_instant(rule->conversion, &cells[*slot], &reading.datetime, &instant, error);
  if (status != PUR_OK) return status;
  to = pur_buffer_reserve(out, PUR_SECONDS_SIZE + 2);
  if (to == NULL) return PUR_OK;
  to[0] = to[PUR_SECONDS_SIZE + 1] = '"';
  pur_datetime_format_seconds(instant, to + 1);
  out->length += PUR_SECONDS_SIZE + 2;
  return PUR_OK;
}

/* Texts */

static pur_status write_string(const pur_map_cell *cell, const char *text, size_t length,
                               pur_buffer *out, pur_error *error) {
  char why[PUR_MESSAGE_SIZE];
  if (pur_json_write_string(out, text, length, error) != PUR_INVALID_UTF8) return PUR_OK;
  (void)snprintf(why, sizeof why, "has %s", pur_encoding_explain(text, length));
  return pur_cell_fail(cell, PUR_INVALID_CELL, why, error);
}

static pur_status write_value(const pur_conversion *how, const pur_map_cell *cell, pur_buffer *out,
                              pur_error *error) {
  const pur_text wanted = {cell->text, cell->length};
  const pur_map_value *value =
      bsearch(&wanted, how->values, how->value_count, sizeof *value, pur_texts_compare);
  if (value != NULL) {
    pur_buffer_append(out, value->to.text, value->to.length);
    return PUR_OK;
  }
  return pur_cell_fail(cell, PUR_INVALID_CELL, "is not one of the texts in values", error);
}

static pur_status write_text(const pur_conversion *how, const pur_map_cell *cell, pur_buffer *out,
                             pur_error *error) {
  if (pur_map_is_empty(how->map, cell, false)) return PUR_END;
  if (how->values != NULL) return write_value(how, cell, out, error);
  return write_string(cell, cell->text, cell->length, out, error);
}

static pur_status write_joined_value(const pur_rule *rule, const pur_map_cell *cells,
                                     pur_buffer *out, pur_error *error) {
  char joined[JOINED];
  pur_map_cell whole = {.text = ""};
  pur_status status = join_cells(rule, cells, joined, &whole, error);
  return status == PUR_OK ? write_value(rule->conversion, &whole, out, error) : status;
}

/* Several cells as one text: each is written by itself, and the quotes between two make room for a
 * blank. */
static pur_status write_texts(const pur_rule *rule, const pur_map_cell *cells, pur_buffer *out,
                              size_t *slot, pur_error *error) {
  const size_t begin = out->length;
  pur_status status = PUR_OK;
  for (size_t i = 0; i < rule->slot_count && status == PUR_OK; i++) {
    const pur_map_cell *cell = &cells[rule->slots[i]];
    const size_t before = out->length;
    if (pur_map_is_empty(rule->conversion->map, cell, false)) continue;
    *slot = rule->slots[i];
    status = write_string(cell, cell->text, cell->length, out, error);
    if (before == begin || status != PUR_OK || out->status != PUR_OK) continue;
    out->data[before - 1] = ' ';
    memmove(out->data + before, out->data + before + 1, out->length - before - 1);
    out->length--;
  }
  if (status != PUR_OK) out->length = begin;
  return status == PUR_OK && out->length == begin && out->status == PUR_OK ? PUR_END : status;
}

pur_status pur_rule_write(const pur_rule *rule, const pur_map_cell *cells, pur_buffer *out,
                          size_t *slot, pur_error *error) {
  pur_status status = PUR_END;
  *slot = rule->slot_count > 0 ? rule->slots[0] : 0;
  switch (rule->kind) {
  case PUR_RULE_TEXT:
    if (rule->slot_count == 1)
      status = write_text(rule->conversion, &cells[*slot], out, error);
    else if (rule->conversion->values != NULL)
      status = write_joined_value(rule, cells, out, error);
    else
      status = write_texts(rule, cells, out, slot, error);
    break;
  case PUR_RULE_NUMBER:
    status = write_number(rule->conversion, &cells[*slot], out, error);
    break;
  case PUR_RULE_DATE:
    status = write_date(rule, cells, out, slot, error);
    break;
  default:
    break;
  }
  if (status != PUR_END || rule->constant.text == NULL) return status;
  pur_buffer_append(out, rule->constant.text, rule->constant.length);
  return PUR_OK;
}

/* Sums */

static pur_status fail_sum(const pur_map_cell *cell, pur_error *error) {
  return pur_cell_fail(cell, PUR_INVALID_CELL, "makes a sum of more than 36 digits", error);
}

static pur_status add_product(const pur_rule *rule, const pur_map_cell *cells, pur_rule_sum *sum,
                              size_t *slot, pur_error *error) {
  pur_exact product = {0, 0}, factor;
  size_t empty = 0, first_empty = 0;
  for (size_t i = 0; i < rule->slot_count; i++) {
    pur_status status;
    *slot = rule->slots[i];
    status = pur_cell_exact(rule->conversion, &cells[*slot], &factor, error);
    if (status == PUR_END) {
      if (empty++ == 0) first_empty = *slot;
    } else if (status != PUR_OK) {
      return status;
    } else if (i == empty) {
      product = factor;
    } else if (!pur_exact_multiply(&product, &factor)) {
      return pur_cell_fail(&cells[*slot], PUR_INVALID_CELL,
                           "makes a product of more than 36 digits", error);
    }
  }
  if (empty == rule->slot_count) return PUR_OK;
  if (empty > 0) {
    *slot = first_empty;
    return pur_cell_fail(&cells[*slot], PUR_INVALID_CELL,
                         "is empty where there is something to multiply with", error);
  }
  sum->has_any = true;
  return pur_exact_add(&sum->total, &product) ? PUR_OK : fail_sum(&cells[*slot], error);
}

pur_status pur_rule_add(const pur_rule *rule, const pur_map_cell *cells, pur_rule_sum *sum,
                        size_t *slot, pur_error *error) {
  if (rule->kind == PUR_RULE_SUM_PRODUCT) return add_product(rule, cells, sum, slot, error);
  for (size_t i = 0; i < rule->slot_count; i++) {
    pur_exact number;
    pur_status status;
    *slot = rule->slots[i];
    status = pur_cell_exact(rule->conversion, &cells[*slot], &number, error);
    if (status == PUR_END) continue;
    if (status != PUR_OK) return status;
    sum->has_any = true;
    if (!pur_exact_add(&sum->total, &number)) return fail_sum(&cells[*slot], error);
  }
  return PUR_OK;
}

pur_status pur_rule_write_sum(const pur_rule *rule, const pur_rule_sum *sum, pur_buffer *out) {
  pur_exact total = sum->total;
  char *to;
  if (!sum->has_any) return PUR_END;
  if (rule->conversion->round >= 0) pur_exact_round(&total, (unsigned)rule->conversion->round);
  to = pur_buffer_reserve(out, PUR_EXACT_SIZE);
  if (to != NULL) out->length += pur_exact_write(&total, to);
  return PUR_OK;
}
