/* map.h: rows of series, each with the time and the value that a map makes of it. */
#include <string.h>

#include "map.h"
#include "test.h"

/* Cells are parted by |: columns a, b, c and d. */
typedef struct row_case {
  const char *map;
  const char *cells;
  const char *expected; /* TIME [start] [1st|2nd] VALUE, or ! and a message */
} row_case;

#define MADRID "'tz':'Europe/Madrid',"
#define DAY_MADRID MADRID "'datetime':{'column':'a','date':'%d/%m/%Y','period':'c'},'value':'b'"

static const row_case cases[] = {
    /* plain */
    {"'datetime':'a','value':'b'", "2025-11-11 00:15|1.50", "2025-11-11 00:15 1.5"},
    {"'datetime':'a','value':'b'", " 2025-11-11T00:15:00 | 1.50", "2025-11-11 00:15 1.5"},
    {"'datetime':1,'value':2", "2025-11-11 00:15|1.50", "2025-11-11 00:15 1.5"},
    {"'datetime':'a','value':'b'", "2025-11-11T00:15:00.000+02:00|-1", "2025-11-10 22:15Z -1"},
    {"'datetime':'a','value':'b'", "|1", "! no time"},
    {"'datetime':'a','value':'b'", "2025-11-11 00:15|", "2025-11-11 00:15 ! no value"},
    {"'datetime':'a','value':'b'", "2025-11-11 24:00|1",
     "!'2025-11-11 24:00' is not a time as YYYY-MM-DD HH:MM: hour 24: hours go from 00 to 23"},
    {"'datetime':'a','value':'b'", "2025-11-11 00:15|1,5",
     "2025-11-11 00:15 !'1,5' is not a number: a decimal comma; say decimal = \",\""},
    {"'datetime':'a','value':'b','null':'n/e'", "2025-11-11 00:15|n/e",
     "2025-11-11 00:15 ! no value"},
    {"'datetime':'a','value':'b','decimal':','", "2025-11-11 00:15|1,5", "2025-11-11 00:15 1.5"},
    {"'datetime':'a','value':'b'", "26/10/2025 0:15|1",
     "!'26/10/2025 0:15' is not a time as YYYY-MM-DD HH:MM; say date = \"%d/%m/%Y %H:%M\", or as "
     "it may be"},
    {"'datetime':'a','value':'b'", "26.10.25|1",
     "!'26.10.25' is not a time as YYYY-MM-DD HH:MM; say date = \"%d.%m.%y\", or as it may be"},
    {"'datetime':'a','value':'b'", "2025/10/26 00:15:00|1",
     "!'2025/10/26 00:15:00' is not a time as YYYY-MM-DD HH:MM; say date = \"%Y/%m/%d %H:%M:%S\", "
     "or as it may be"},
    {"'datetime':'a','value':'b'", "26-10-2025T00:15:00+0100|1",
     "!'26-10-2025T00:15:00+0100' is not a time as YYYY-MM-DD HH:MM; say date = "
     "\"%d-%m-%YT%H:%M:%S%z\", or as it may be"},
    {"'datetime':'a','value':'b'", "26/10/2025 00:15 Z|1",
     "!'26/10/2025 00:15 Z' is not a time as YYYY-MM-DD HH:MM; say date = \"%d/%m/%Y %H:%M %z\", "
     "or as it may be"},
    {"'datetime':'a','value':'b'", "26/10/2025 00|1",
     "!'26/10/2025 00' is not a time as YYYY-MM-DD HH:MM: expected 4 digits for the year, got '/'"},
    /* the end of an interval */
    {"'datetime':'a','value':'b','label':'end'", "2025-11-11 24:00|1", "2025-11-12 00:00 1"},
    {"'datetime':'a','value':'b','label':'end'", "2025-11-11 24:00:00+01:00|1",
     "2025-11-11 23:00Z 1"},
    {"'datetime':'a','value':'b','label':'end'", "2025-11-11 24:15|1",
     "!'2025-11-11 24:15' is not a time as YYYY-MM-DD HH:MM: hour 24: hours go from 00 to 23"},
    {"'datetime':{'column':['a','c'],'date':'%Y/%m/%d %H:%M'},'value':'b','label':'end'",
     "2025/12/31|1|24:00", "2026-01-01 00:00 1"},
    {"'datetime':{'column':['a','c'],'date':'%Y/%m/%d %H:%M'},'value':'b','label':'end'",
     "2025/12/31|1|24:01", "!'2025/12/31 24:01' is a time that does not exist"},
    /* formats */
    {"'datetime':{'column':'a','date':'%d.%m.%Y %H:%M %*'},'value':'b'",
     "26.10.2025 00:15 - 26.10.2025 00:30|1", "2025-10-26 00:15 1"},
    {"'datetime':{'column':'a','date':'%Y-%m-%d %H:%M:%S.%f'},'value':'b'",
     "2025-10-26 00:15:00.000|1", "2025-10-26 00:15 1"},
    {"'datetime':{'column':'a','date':'%Y-%m-%d %H:%M:%S.%f'},'value':'b'",
     "2025-10-26 00:15:00.5|1", "!'2025-10-26 00:15:00.5' has a fraction of a second"},
    {MADRID "'datetime':{'column':'a','date':'%Y-%m-%d %H:%M %Z'},'value':'b'",
     "2025-10-26 02:15 CET|1", "2025-10-26 01:15Z 1"},
    /* repeated hours */
    {MADRID "'datetime':{'column':'a','dst':{'column':'c','is':'1'}},'value':'b'",
     "2025-10-26 02:15|1|1", "2025-10-26 02:15 1st 1"},
    {MADRID "'datetime':{'column':'a','dst':{'column':'c','is':['1','S']}},'value':'b'",
     "2025-10-26 02:15|1| S ", "2025-10-26 02:15 1st 1"},
    {MADRID "'datetime':{'column':'a','dst':{'column':'c','is':'1'}},'value':'b'",
     "2025-10-26 02:15|1|", "2025-10-26 02:15 2nd 1"},
    {MADRID "'datetime':{'column':'a','overlap':'second'},'value':'b'", "2025-10-26 02:15|1",
     "2025-10-26 02:15 2nd 1"},
    /* units */
    {"'datetime':'a','value':{'column':'b','unit':'kWh'}", "2025-11-11 00:15|3656.2",
     "2025-11-11 00:15 14.6248"},
    {"'datetime':'a','value':{'column':'b','unit':'kWh'},'resolution':60", "2025-11-11 00:00|10",
     "2025-11-11 00:00 0.01"},
    {"'datetime':'a','value':{'column':'b','unit':'Wh'},'step':60", "2025-11-11 00:00|1",
     "2025-11-11 00:00 0.000001"},
    {"'datetime':'a','value':{'column':'b','unit':'MWh'},'step':5", "2025-11-11 00:00|1",
     "2025-11-11 00:00 12"},
    {"'datetime':'a','value':{'column':'b','unit':'GWh'},'step':60", "2025-11-11 00:00|0.0012345",
     "2025-11-11 00:00 1.2345"},
    {"'datetime':'a','value':{'column':'b','unit':'GW'}", "2025-11-11 00:00|1.5",
     "2025-11-11 00:00 1500"},
    {"'datetime':'a','value':{'column':'b','unit':'kW'},'step':false", "2025-11-11 00:07|1.5",
     "2025-11-11 00:07 0.0015"},
    {"'datetime':'a','value':{'column':'b','unit':'kWh','round':2}", "2025-11-11 00:15|3656.2",
     "2025-11-11 00:15 14.62"},
    {"'datetime':'a','value':{'add':['b','c'],'unit':'kW'}", "2025-11-11 00:15|1|2",
     "2025-11-11 00:15 0.003"},
    {"'datetime':'a','value':{'add':['b','c'],'unit':'kW'}", "2025-11-11 00:15|1|",
     "2025-11-11 00:15 ! no value"},
    {"'datetime':'a','value':{'column':'b','default':0}", "2025-11-11 00:15|",
     "2025-11-11 00:15 0"},
    {"'decimal':',','datetime':'a','value':{'column':'b','default':'1,25','unit':'kWh','round':3}",
     "2025-11-11 00:15|", "2025-11-11 00:15 0.005"},
    {"'datetime':'a','value':{'column':'b','unit':'Wh'}",
     "2025-11-11 00:15|0.0000000000000000000000000000001",
     "2025-11-11 00:15 !'0.0000000000000000000000000000001' has more than 36 digits in MW"},
    /* units beside the numbers */
    {"'datetime':'a','value':{'column':'b','unit':'kWh'}", "2025-11-11 00:15|12.5 kWh",
     "2025-11-11 00:15 0.05"},
    {"'datetime':'a','value':{'column':'b','unit':'kWh'}", "2025-11-11 00:15|-12.5KWH ",
     "2025-11-11 00:15 -0.05"},
    {"'datetime':'a','value':{'column':'b','unit':'MW'}", "2025-11-11 00:15|12.5 MW",
     "2025-11-11 00:15 12.5"},
    {"'datetime':'a','value':'b'", "2025-11-11 00:15|12.5 kWh",
     "2025-11-11 00:15 !'12.5 kWh' is not a number: its unit stands beside it; say unit = \"kWh\""},
    {"'datetime':'a','value':{'column':'b','unit':'kWh'}", "2025-11-11 00:15|12.5 MWh",
     "2025-11-11 00:15 !'12.5 MWh' is not a number: something other than unit = \"kWh\" stands "
     "beside it"},
    {"'datetime':'a','value':{'column':'b','unit':'kWh'}", "2025-11-11 00:15|12.5 MWh kWh",
     "2025-11-11 00:15 !'12.5 MWh kWh' is not a number: something other than unit = \"kWh\" stands "
     "beside it"},
    {"'datetime':'a','value':{'column':'b','unit':'kWh'}", "2025-11-11 00:15|kWh",
     "2025-11-11 00:15 !'kWh' is not a number: where it stands for nothing, say null = { \"kWh\" "
     "}"},
    {"'datetime':'a','value':'b'", "2025-11-11 00:15|12.5 EUR/MWh",
     "2025-11-11 00:15 !'12.5 EUR/MWh' is not a number: what stands beside it is no unit of power "
     "or energy"},
    {"'datetime':'a','value':'b'", "2025-11-11 00:15|$12.5",
     "2025-11-11 00:15 !'$12.5' is not a number: what stands beside it is no unit of power or "
     "energy"},
    /* counted intervals */
    {DAY_MADRID, "26/10/2025|1|1", "2025-10-25 22:00Z start 1"},
    {DAY_MADRID, "26/10/2025|1|9", "2025-10-26 00:00Z start 1"},
    {DAY_MADRID, "26/10/2025|1|100", "2025-10-26 22:45Z start 1"},
    {DAY_MADRID, "26/10/2025|1|101",
     "!'101' is no interval of 2025-10-26, which has 100 of 15 minutes (1, 2, ..., or H1Q1, H1Q2, "
     "...)"},
    {DAY_MADRID, "26/10/2025|1|0",
     "!'0' is no interval of 2025-10-26, which has 100 of 15 minutes (1, 2, ..., or H1Q1, H1Q2, "
     "...)"},
    {DAY_MADRID, "29/03/2026|1|92", "2026-03-29 21:45Z start 1"},
    {DAY_MADRID, "29/03/2026|1|93",
     "!'93' is no interval of 2026-03-29, which has 92 of 15 minutes (1, 2, ..., or H1Q1, H1Q2, "
     "...)"},
    {DAY_MADRID, "29/03/2026|1|H2Q3", "2026-03-29 00:30Z start 1"},
    {DAY_MADRID, "29/03/2026|1|h23q4", "2026-03-29 21:45Z start 1"},
    {DAY_MADRID, "29/03/2026|1|H2Q5",
     "!'H2Q5' is no interval of 2026-03-29, which has 92 of 15 minutes (1, 2, ..., or H1Q1, H1Q2, "
     "...)"},
    {DAY_MADRID, "29/03/2026|1|H2",
     "!'H2' is no interval of 2026-03-29, which has 92 of 15 minutes (1, 2, ..., or H1Q1, H1Q2, "
     "...)"},
    {DAY_MADRID ",'resolution':60", "29/03/2026|1|H23", "2026-03-29 21:00Z start 1"},
    {DAY_MADRID ",'resolution':60", "29/03/2026|1| 3 ", "2026-03-29 01:00Z start 1"},
    {DAY_MADRID ",'resolution':60", "26/10/2025|1|25", "2025-10-26 22:00Z start 1"},
    {DAY_MADRID ",'resolution':60,'label':'end'", "26/10/2025|1|25", "2025-10-26 22:00Z start 1"},
    {DAY_MADRID ",'resolution':30", "26/10/2025|1|H1Q2", "2025-10-25 22:30Z start 1"},
    {DAY_MADRID, "26/10/2025|1|", "! no time"},
    {"'datetime':{'column':'a','date':'%d/%m/%Y','period':'c'},'value':'b','resolution':60",
     "26/10/2025|1|25",
     "!'25' is no interval of 2025-10-26, which has 24 of 60 minutes (1, 2, ..., or H1, H2, ...); "
     "say tz if clocks change on it"},
    {DAY_MADRID, "26/10/2025|1|x",
     "!'x' is no interval of 2025-10-26, which has 100 of 15 minutes (1, 2, ..., or H1Q1, H1Q2, "
     "...)"},
    {"'datetime':{'column':['a','c','d'],'date':'%Y %m %d','period':'b'},'value':'b'",
     "2025|9|10|6", "2025-10-06 02:00 start 9"},
    {"'datetime':{'column':'a','period':'c'},'value':'b'", "2025-10-06|1|96",
     "2025-10-06 23:45 start 1"},
    {"'datetime':{'column':'a','period':'c'},'value':'b'", "2025-10-06 01:00|1|96",
     "!'2025-10-06 01:00' is not a date alone: its intervals are counted from midnight"},
    {"'datetime':{'column':'a','date':'%Y-%m-%d','period':'c','tz':'Europe/Lisbon'},'value':'b'",
     "2025-10-06|1|1", "2025-10-05 23:00Z start 1"},
};

static const char *quoted(const char *text) {
  static char copy[1024];
  size_t length = strlen(text);
  memcpy(copy, text, length + 1);
  for (char *at = copy; *at != '\0'; at++)
    if (*at == '\'') *at = '"';
  return copy;
}

static pur_map *compile(const char *members, pur_error *error) {
  char json[1024];
  pur_map *map = NULL;
  (void)snprintf(json, sizeof json, "{%s}", members);
  (void)pur_map_compile(quoted(json), strlen(json), PUR_MAP_SERIES, &map, error);
  return map;
}

static int write_time(const pur_map_time *time, char *out, size_t size) {
  char text[PUR_MINUTES_SIZE];
  int64_t seconds = pur_datetime_instant(&time->datetime);
  static const char *const which[] = {"", " 1st", " 2nd"};
  pur_datetime_format_minutes(pur_floor_divide(seconds, 60), text);
  return snprintf(out, size, "%.16s%s%s%s", text, time->datetime.has_offset ? "Z" : "",
                  time->is_start ? " start" : "", which[(int)time->which]);
}

/* What is made of a row, in words. */
static void describe(const pur_map *map, const pur_map_cell *cells, char *out, size_t size) {
  pur_map_time time;
  pur_exact value;
  pur_error error = {0};
  size_t slot, used;
  char number[PUR_EXACT_SIZE];
  pur_status status = pur_map_read_time(map, cells, &time, &slot, &error);
  if (status != PUR_OK) {
    (void)snprintf(out, size, "!%s", status == PUR_END ? " no time" : error.message);
    return;
  }
  used = (size_t)write_time(&time, out, size);
  status = pur_map_read_value(map, cells, &value, &slot, &error);
  if (status == PUR_OK)
    (void)snprintf(out + used, size - used, " %.*s", (int)pur_exact_write(&value, number), number);
  else
    (void)snprintf(out + used, size - used, " !%s",
                   status == PUR_END ? " no value" : error.message);
}

static void run_case(const row_case *c) {
  static const pur_text names[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
  char row[200], found[400];
  size_t columns[8];
  pur_map_cell cells[8];
  pur_error error = {0};
  pur_map *map = compile(c->map, &error);
  EXPECT(map != NULL, "%s: %s", c->map, error.message);
  if (map == NULL) return;
  EXPECT(pur_map_bind(map, names, 4, columns, &error) == PUR_OK, "%s", error.message);
  (void)snprintf(row, sizeof row, "%s", c->cells);
  (void)test_cut_cells(row, columns, pur_map_slot_count(map), cells);
  describe(map, cells, found, sizeof found);
  EXPECT(strcmp(found, c->expected) == 0, "%s on %s:\n  %s", c->map, c->cells, found);
  pur_map_release(map);
}

/* Rows that are days: |-parted hours, of which each is told. */
static void expect_day(const char *members, const char *cells, const char *expected) {
  char json[300], row[400], found[2000] = "";
  size_t columns[8], slot, cell, count, used = 0;
  pur_text names[40];
  char texts[40][4];
  pur_map_cell all[40];
  pur_map_cell slots[8];
  pur_map_day day;
  pur_error error = {0};
  pur_map *map;
  (void)snprintf(
      json, sizeof json,
      "%s'resolution':60,'datetime':'date','value':{'from':'h1','to':'h25','unit':'MWh'}", members);
  map = compile(json, &error);
  EXPECT(map != NULL, "%s", error.message);
  if (map == NULL) return;
  for (size_t i = 0; i < 26; i++) {
    (void)snprintf(texts[i], sizeof texts[i], "h%d", (int)i % 100);
    names[i] = (pur_text){texts[i], strlen(texts[i])};
  }
  names[0] = (pur_text){"date", 4};
  EXPECT(pur_map_bind(map, names, 26, columns, &error) == PUR_OK, "%s", error.message);
  (void)snprintf(row, sizeof row, "%s", cells);
  for (size_t i = 0; i < 40; i++) columns[0] = 0, all[i] = (pur_map_cell){.text = "", .length = 0};
  {
    size_t place[40];
    for (size_t i = 0; i < 40; i++) place[i] = i;
    count = test_cut_cells(row, place, 26, all);
  }
  slots[0] = all[0];
  EXPECT(pur_map_series_of(map)->is_wide && pur_map_series_of(map)->value_slot_count == 2, "wide");
  if (pur_map_read_day(map, slots, all + 1, 25, &day, &slot, &error) != PUR_OK) {
    (void)snprintf(found, sizeof found, "!%s", error.message);
  } else {
    for (size_t i = 0; i < day.count; i++) {
      pur_map_time time;
      pur_exact value;
      char number[PUR_EXACT_SIZE];
      pur_status status =
          pur_map_read_interval(map, &day, all + 1, i, &time, &value, &cell, &error);
      if (i > 3 && i + 2 < day.count) continue;
      used += (size_t)write_time(&time, found + used, sizeof found - used);
      if (status == PUR_OK)
        used += (size_t)snprintf(found + used, sizeof found - used, " %.*s, ",
                                 (int)pur_exact_write(&value, number), number);
      else
        used += (size_t)snprintf(found + used, sizeof found - used, " %s, ",
                                 status == PUR_END ? "empty" : error.message);
    }
  }
  EXPECT(strcmp(found, expected) == 0, "%s (%zu cells):\n  %s", cells, count, found);
  pur_map_release(map);
}

static void expect_days(void) {
  expect_day(MADRID, "2025-11-11|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|",
             "2025-11-10 23:00Z start 1, 2025-11-11 00:00Z start 2, 2025-11-11 01:00Z start 3, "
             "2025-11-11 02:00Z start 4, 2025-11-11 21:00Z start 23, 2025-11-11 22:00Z start 24, ");
  expect_day(MADRID, "2025-10-26|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|25",
             "2025-10-25 22:00Z start 1, 2025-10-25 23:00Z start 2, 2025-10-26 00:00Z start 3, "
             "2025-10-26 01:00Z start 4, 2025-10-26 21:00Z start 24, 2025-10-26 22:00Z start 25, ");
  expect_day(MADRID, "2026-03-29|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23||",
             "2026-03-28 23:00Z start 1, 2026-03-29 00:00Z start 2, 2026-03-29 01:00Z start 3, "
             "2026-03-29 02:00Z start 4, 2026-03-29 20:00Z start 22, 2026-03-29 21:00Z start 23, ");
  expect_day(MADRID, "2026-03-29|1|2||4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|",
             "2026-03-28 23:00Z start 1, 2026-03-29 00:00Z start 2, 2026-03-29 01:00Z start 4, "
             "2026-03-29 02:00Z start 5, 2026-03-29 20:00Z start 23, 2026-03-29 21:00Z start 24, ");
  expect_day(MADRID, "2026-03-29|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|",
             "!'2026-03-29' has 24 intervals in its row, but that day has 23, of 60 minutes");
  expect_day(
      MADRID, "2025-11-11|1||3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|x",
      "2025-11-10 23:00Z start 1, 2025-11-11 00:00Z start empty, 2025-11-11 01:00Z start 3, "
      "2025-11-11 02:00Z start 4, 2025-11-11 21:00Z start 23, 2025-11-11 22:00Z start 'x' is "
      "not a number: where it stands for nothing, say null = { \"x\" }, ");
  expect_day("", "2025-10-26|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24",
             "2025-10-26 00:00 start 1, 2025-10-26 01:00 start 2, 2025-10-26 02:00 start 3, "
             "2025-10-26 03:00 start 4, 2025-10-26 22:00 start 23, 2025-10-26 23:00 start 24, ");
}

/* What a caller compares the next row with. */
static void expect_written(const char *members, const char *expected) {
  pur_error error = {0};
  pur_map *map = compile(members, &error);
  char out[PUR_MAP_TIME_SIZE];
  size_t length;
  EXPECT(map != NULL, "%s: %s", members, error.message);
  if (map == NULL) return;
  length = pur_map_write_time(map, INT64_C(29383575), out);
  EXPECT(length == strlen(expected) && memcmp(out, expected, length) == 0, "%s: %.*s", members,
         (int)length, out);
  pur_map_release(map);
}

static void expect_all_written(void) {
  expect_written("'datetime':'a'", "2025-11-13 06:15");
  expect_written("'datetime':{'column':'a','date':'%d/%m/%y  %H:%M:%S'}", "13/11/25 06:15:00");
  expect_written("'datetime':{'column':'a','date':'%Y-%m-%dT%H:%M'}", "2025-11-13T06:15");
  expect_written("'datetime':{'column':'a','date':'%Y-%m-%d %H:%M %*'}", "");
  expect_written("'datetime':{'column':['a','b'],'date':'%Y-%m-%d %H:%M'}", "");
}

/* Units and UTC in names of columns. */
static void expect_name(const char *name, const char *message) {
  char members[200];
  pur_error error = {0};
  pur_map *map;
  (void)snprintf(members, sizeof members, "'value':'%s'", name);
  map = compile(members, &error);
  EXPECT(message == NULL ? map != NULL : map == NULL && strstr(error.message, message) != NULL,
         "%s: %s", name, error.message);
  pur_map_release(map);
}

static void expect_names(void) {
  static const char *const kwh[] = {"consumo_kWh", "[kWh]", "consumptionKWh", "AE_kWh", "kwh",
                                    "AS_KWh",      "kWh 2", "consumokWh",     "KWH"};
  static const char *const none[] = {"MW",     "Demanda (MW)",   "value",         "netMW",
                                     "swh",    "Swing",          "awkward",       "new heat",
                                     "kWhite", "blackWhite",     "REAL/ESTIMADO", "mwhat",
                                     "MWh/h",  "Load [MWh / h]", "price",         "costa MW"};
  static const char *const prices[] = {
      "Precio (EUR/MWh)", "\xE2\x82\xAC/MWh",  "EUR / kWh", "Price EUR/MW",     "MWh and EUR/MWh",
      "Precio MWh",       "Price EUR per MWh", "EUR MWh",   "MWh \xE2\x82\xAC", "cost_kWh"};
  for (size_t i = 0; i < sizeof kwh / sizeof *kwh; i++) expect_name(kwh[i], "is named for kWh");
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) expect_name(none[i], NULL);
  for (size_t i = 0; i < sizeof prices / sizeof *prices; i++)
    expect_name(prices[i], "holds a price");
  expect_name("Energia (MWh)", "is named for MWh");
  expect_name("CONSUMO Wh", "is named for Wh");
  expect_name("kWh/h", "is named for kW,");
  expect_name("GWh/h", "is named for GW,");
  expect_name("kWh/hora", "is named for kW,");
  expect_name("MWh/halt", "is named for MWh,");
  {
    pur_error error = {0};
    EXPECT(compile("'value':{'add':['a_kWh','b_kWh']}", &error) == NULL &&
               strstr(error.message, "say its unit beside add: unit = \"kWh\"") != NULL,
           "%s", error.message);
    EXPECT(compile("'value':{'from':'a_kWh','to':'b_kWh'}", &error) == NULL &&
               strstr(error.message, "say its unit beside from and to: unit = \"kWh\"") != NULL,
           "%s", error.message);
  }
  expect_name("P_kW", "is named for kW");
}

/* A column by its number has its name from the header; an instant is an instant whatever it is
 * called. */
static void expect_bound_names(void) {
  static const pur_text names[] = {{"datetime_utc", 12}, {"consumo_kWh", 11}};
  pur_error error = {0};
  size_t columns[4], slot;
  pur_map_time time;
  pur_map_cell cells[2] = {{.text = "2025-11-11 00:00", .length = 16}, {.text = "1", .length = 1}};
  pur_map *map = compile("'datetime':1,'value':2", &error);
  EXPECT(map != NULL && pur_map_bind(map, names, 2, columns, &error) == PUR_INVALID_MAP &&
             strstr(error.message, "is named for kWh") != NULL,
         "%s", error.message);
  pur_map_release(map);
  map = compile("'datetime':'datetime_utc','value':{'column':2,'unit':'kWh'}", &error);
  EXPECT(map != NULL && pur_map_bind(map, names, 2, columns, &error) == PUR_OK, "%s",
         error.message);
  EXPECT(pur_map_read_time(map, cells, &time, &slot, &error) == PUR_INVALID_MAP, "%s",
         error.message);
  cells[0] = (pur_map_cell){.text = "2025-11-11 00:00Z", .length = 17};
  EXPECT(pur_map_read_time(map, cells, &time, &slot, &error) == PUR_OK, "%s", error.message);
  pur_map_release(map);
  map = compile("'datetime':1,'value':{'column':2,'unit':'kWh'}", &error);
  EXPECT(map != NULL && pur_map_bind(map, names, 2, columns, &error) == PUR_OK, "%s",
         error.message);
  cells[0] = (pur_map_cell){.text = "2025-11-11 00:00", .length = 16};
  EXPECT(pur_map_read_time(map, cells, &time, &slot, &error) == PUR_INVALID_MAP, "%s",
         error.message);
  pur_map_release(map);
  map = compile("'tz':'UTC','datetime':'datetime_utc','value':{'column':2,'unit':'kWh'}", &error);
  EXPECT(map != NULL && pur_map_read_time(map, cells, &time, &slot, &error) == PUR_OK, "%s",
         error.message);
  pur_map_release(map);
  map = compile("'datetime':{'column':'datetime_utc','tz':'UTC'},'value':{'column':2,'unit':'kWh'}",
                &error);
  EXPECT(map != NULL && pur_map_read_time(map, cells, &time, &slot, &error) == PUR_OK &&
             strcmp(pur_map_series_of(map)->own_zone_name, "UTC") == 0,
         "%s", error.message);
  pur_map_release(map);
}

static void expect_plain(const char *members, bool plain) {
  pur_error error = {0};
  pur_map *map = compile(members, &error);
  EXPECT(map != NULL && pur_map_series_of(map)->is_plain == plain, "%s: %s", members,
         error.message);
  pur_map_release(map);
}

int main(void) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) run_case(&cases[i]);
  expect_days();
  expect_all_written();
  expect_names();
  expect_bound_names();
  expect_plain("", true);
  expect_plain(MADRID "'datetime':'a','value':{'column':'b','unit':'MW'},'step':60", true);
  expect_plain("'resolution':60", false);
  expect_plain("'datetime':{'column':'a','overlap':'first'}", false);
  expect_plain("'null':'-'", false);
  return test_result();
}
