/* What the names of columns and zones say about values. */
#include "map/compiled.h"

#include "base/issues.h"

static const struct {
  const char *name;
  int tens;
} units[] = {
    [PUR_UNIT_MW] = {"MW", 0},   [PUR_UNIT_KW] = {"kW", -3},       [PUR_UNIT_GW] = {"GW", 3},
    [PUR_UNIT_WH] = {"Wh", -6},  [PUR_UNIT_KWH] = {"kWh", -3},     [PUR_UNIT_MWH] = {"MWh", 0},
    [PUR_UNIT_GWH] = {"GWh", 3}, [PUR_UNIT_PRICE] = {"a price", 0}};

pur_unit pur_unit_find(const char *name, size_t length) {
  for (int unit = PUR_UNIT_MW; unit <= PUR_UNIT_GWH; unit++)
    if (strlen(units[unit].name) == length && memcmp(units[unit].name, name, length) == 0)
      return (pur_unit)unit;
  return PUR_UNIT_NONE;
}

const char *pur_unit_name(pur_unit unit) {
  return units[unit].name;
}

int pur_unit_tens(pur_unit unit) {
  return units[unit].tens;
}

/* Words end where letters do, and where a capital follows a small letter: consumptionKWh. */
static bool is_letter(char c) {
  return pur_text_is_letter(c) || (unsigned char)c >= 0x80;
}

static bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool parts_words(char before, char after) {
  return !is_letter(before) || !is_letter(after) || (!is_capital(before) && is_capital(after));
}

/* Does the word, in any case, stand at a place of the name by itself? */
static bool stands_at(const char *word, const char *name, size_t length, size_t at) {
  const size_t size = strlen(word);
  if (length - at < size) return false;
  for (size_t i = 0; i < size; i++)
    if ((name[at + i] | 0x20) != (word[i] | 0x20)) return false;
  if (at + size < length && !parts_words(name[at + size - 1], name[at + size])) return false;
  return at == 0 || parts_words(name[at - 1], name[at]) ||
         (size > 1 && !is_capital(name[at]) && is_capital(name[at + 1]));
}

static bool follows_slash(const char *name, size_t at) {
  while (at > 0 && (name[at - 1] == ' ' || name[at - 1] == '\t')) at--;
  return at > 0 && name[at - 1] == '/';
}

/* Energy in an hour, MWh/h, is power. */
static bool is_hourly(const char *name, size_t length, size_t at) {
  static const char *const hours[] = {"h", "hr", "hour", "hora", "heure"};
  while (at < length && (name[at] == ' ' || name[at] == '\t')) at++;
  if (at == length || name[at++] != '/') return false;
  while (at < length && (name[at] == ' ' || name[at] == '\t')) at++;
  for (size_t i = 0; at < length && i < sizeof hours / sizeof *hours; i++)
    if (stands_at(hours[i], name, length, at)) return true;
  return false;
}

/* Names of money, and of what one pays: beside a unit they make it a price. */
static bool has_price(const char *name, size_t length) {
  static const char *const words[] = {"EUR",    "USD",  "GBP",          "price", "precio", "preis",
                                      "prezzo", "prix", "pre\xC3\xA7o", "coste", "cost"};
  static const char *const signs[] = {"$", "\xE2\x82\xAC", "\xC2\xA3"};
  for (size_t at = 0; at < length; at++) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
      if (stands_at(words[i], name, length, at)) return true;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
      if (strlen(signs[i]) <= length - at && memcmp(name + at, signs[i], strlen(signs[i])) == 0)
        return true;
  }
  return false;
}

/* The unit that begins at a place; the longest, since Wh stands in kWh. */
static pur_unit unit_at(const char *name, size_t length, size_t at) {
  pur_unit found = PUR_UNIT_NONE;
  for (int unit = PUR_UNIT_MW; unit <= PUR_UNIT_GWH; unit++)
    if (stands_at(units[unit].name, name, length, at) &&
        (found == PUR_UNIT_NONE || strlen(units[unit].name) > strlen(units[found].name)))
      found = (pur_unit)unit;
  if (!pur_unit_is_energy(found) || !is_hourly(name, length, at + strlen(units[found].name)))
    return found;
  return found == PUR_UNIT_MWH   ? PUR_UNIT_MW
         : found == PUR_UNIT_KWH ? PUR_UNIT_KW
         : found == PUR_UNIT_GWH ? PUR_UNIT_GW
                                 : PUR_UNIT_NONE;
}

pur_unit pur_unit_in_name(const char *name, size_t length) {
  pur_unit first = PUR_UNIT_NONE;
  for (size_t at = 0; at < length; at++) {
    pur_unit unit = unit_at(name, length, at);
    if (unit != PUR_UNIT_NONE && follows_slash(name, at)) return PUR_UNIT_PRICE;
    if (first == PUR_UNIT_NONE) first = unit;
  }
  return first != PUR_UNIT_NONE && has_price(name, length) ? PUR_UNIT_PRICE : first;
}

bool pur_map_zone_is_utc(const pur_map_zone *zone) {
  static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu"};
  for (size_t i = 0; zone != NULL && i < sizeof names / sizeof *names; i++)
    if (strcmp(zone->name, names[i]) == 0) return true;
  return false;
}

void pur_map_keep_utc_name(char *utc_name, pur_text name) {
  for (size_t at = 0; at < name.length; at++) {
    if (!stands_at("UTC", name.text, name.length, at)) continue;
    pur_issue_quote(name.text, name.length, utc_name, PUR_UTC_NAME_SIZE);
    return;
  }
}

pur_status pur_map_fail_utc(const pur_map *map, pur_error *error) {
  return pur_error_set(
      error, PUR_INVALID_MAP, 0,
      "datetime: column \"%s\" is named for UTC, but its times have no offset; say "
      "whose they are: { column = \"%s\", tz = \"UTC\" }",
      map->row.utc_name, map->row.utc_name);
}

/* One `unit` cannot hold for both. */
static pur_status fail_units(const char *path, pur_text one, pur_text other, pur_error *error) {
  const pur_unit found[] = {pur_unit_in_name(one.text, one.length),
                            pur_unit_in_name(other.text, other.length)};
  char shown[2][64];
  pur_issue_quote(one.text, one.length, shown[0], sizeof shown[0]);
  pur_issue_quote(other.text, other.length, shown[1], sizeof shown[1]);
  return pur_error_set(error, PUR_INVALID_MAP, 0,
                       "%s: column \"%s\" is named for %s, but \"%s\" for %s: one unit holds for "
                       "all of them",
                       path, shown[0], pur_unit_name(found[0]), shown[1], pur_unit_name(found[1]));
}

pur_status pur_map_check_value_name(const pur_map *map, const char *path, pur_text name,
                                    pur_text *named, pur_error *error) {
  pur_unit unit = pur_unit_in_name(name.text, name.length);
  char shown[80];
  pur_issue_quote(name.text, name.length, shown, sizeof shown);
  if (unit == PUR_UNIT_PRICE)
    return pur_error_set(error, PUR_INVALID_MAP, 0,
                         "%s: column \"%s\" holds a price, not power or energy", path, shown);
  if (unit != PUR_UNIT_NONE && named->text == NULL) *named = name;
  if (unit != PUR_UNIT_NONE && unit != pur_unit_in_name(named->text, named->length))
    return fail_units(path, *named, name, error);
  if (unit <= PUR_UNIT_MW || map->row.has_unit) return PUR_OK;
  if (map->row.value.slot_count > 1)
    return pur_error_set(
        error, PUR_INVALID_MAP, 0,
        "%s: column \"%s\" is named for %s, not MW; say its unit beside %s: unit = "
        "\"%s\"",
        path, shown, pur_unit_name(unit), map->series.is_wide ? "from and to" : "add",
        pur_unit_name(unit));
  return pur_error_set(
      error, PUR_INVALID_MAP, 0,
      "%s: column \"%s\" is named for %s, not MW; say its unit: { column = \"%s\", unit = \"%s\" }",
      path, shown, pur_unit_name(unit), shown, pur_unit_name(unit));
}
