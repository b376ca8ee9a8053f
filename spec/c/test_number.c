/* number.h against the C library: what is written reads back, and is the shortest text that printf
 * has for it; what is read is what strtod reads. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "number/number.h"
#include "test.h"

#define ROUNDS 300000 /* of each kind of random number */

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static bool same(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0;
}

/* Writing */

static size_t write_text(double value, char text[PUR_NUMBER_SIZE + 1]) {
  size_t length = pur_number_write(value, text);
  text[length] = '\0';
  return length;
}

static void expect_text(double value, const char *expected) {
  char text[PUR_NUMBER_SIZE + 1];
  write_text(value, text);
  EXPECT(strcmp(text, expected) == 0, "%s, not %s", text, expected);
}

/* The significant digits of a text: without sign, point, exponent, and zeros at either end. */
static size_t significant(const char *text, char digits[64]) {
  size_t count = 0;
  for (; *text != '\0' && *text != 'e'; text++) {
    if (*text < '0' || *text > '9' || (count == 0 && *text == '0')) continue;
    digits[count++] = *text;
  }
  while (count > 0 && digits[count - 1] == '0') count--;
  return count;
}

/* Does a decimal of so many digits read back? `text` becomes the nearest one to the value, since
 * printf rounds rightly. Where the lower neighbour is half as far as the upper one, at a power of
 * two, one that is not the nearest may read back, too; it is not looked for. */
static bool can_be_written(double value, size_t digits, char text[64]) {
  (void)snprintf(text, 64, "%.*e", (int)digits - 1, value);
  return same(strtod(text, NULL), value);
}

/* One digit less being too few, all the shorter ones are: they are among those with one less. */
static void expect_shortest(double signed_value) {
  char ours[PUR_NUMBER_SIZE + 1], our_digits[64], theirs[64], their_digits[64];
  size_t length = write_text(signed_value, ours), count = significant(ours, our_digits);
  double value = fabs(signed_value), back = 0;
  EXPECT(length <= 25, "%s has %zu bytes", ours, length);
  EXPECT(same(strtod(ours, NULL), signed_value), "%s for %.17g", ours, signed_value);
  EXPECT(pur_number_read(ours, length, &back) && same(back, signed_value), "%s read as %.17g", ours,
         back);
  if (value == 0) return;
  EXPECT(count == 1 || !can_be_written(value, count - 1, theirs), "%s is as good as %s", theirs,
         ours);
  EXPECT(can_be_written(value, count, theirs), "%s has too few digits", ours);
  EXPECT(significant(theirs, their_digits) == count && memcmp(our_digits, their_digits, count) == 0,
         "%s is not %s", ours, theirs);
}

static void test_layout(void) {
  expect_text(0.0, "0");
  expect_text(-0.0, "-0");
  expect_text(1, "1");
  expect_text(-1, "-1");
  expect_text(10, "10");
  expect_text(0.1, "0.1");
  expect_text(-12.345, "-12.345");
  expect_text(12.5, "12.5");
  expect_text(0.001, "0.001");
  expect_text(1.001, "1.001");
  expect_text(0.1 + 0.2, "0.30000000000000004");
  expect_text(1.0 / 3, "0.3333333333333333");
  expect_text(123456.789012, "123456.789012");
  expect_text(999999999.999999, "999999999.999999");
  expect_text(1e-6, "0.000001");
  expect_text(1.5e-6, "0.0000015");
  expect_text(1e-7, "1e-7");
  expect_text(1.5e-7, "1.5e-7");
  expect_text(-1.25e-300, "-1.25e-300");
  expect_text(999999999999999.0, "999999999999999");
  expect_text(1e15, "1000000000000000");
  expect_text(9007199254740991.0, "9007199254740991");
  expect_text(9007199254740992.0, "9007199254740992");
  expect_text(9007199254740994.0, "9007199254740994");
  expect_text(123456789012345680000.0, "123456789012345680000");
  expect_text(1e20, "100000000000000000000");
  expect_text(999999999999999900000.0, "999999999999999900000");
  expect_text(1e21, "1e+21");
  expect_text(1.5e21, "1.5e+21");
  expect_text(1e22, "1e+22");
  expect_text(1e23, "1e+23");
  expect_text(9.5367431640625e-7, "9.5367431640625e-7");
  expect_text(DBL_MAX, "1.7976931348623157e+308");
  expect_text(DBL_MIN, "2.2250738585072014e-308");
  expect_text(5e-324, "5e-324");
  expect_text(-5e-324, "-5e-324");
  expect_text(1e-323, "1e-323");
  expect_text(2e-44, "2e-44");
  expect_text(9.007199254740993e15, "9007199254740992");
  expect_text(4.35, "4.35");
  expect_text(0.000035689, "0.000035689");
}

/* Each power and both its neighbours. */
static void expect_around(double value) {
  expect_shortest(value);
  expect_shortest(nextafter(value, 0));
  expect_shortest(nextafter(value, DBL_MAX));
}

static void test_powers(void) {
  char text[16];
  for (int exponent = -1074; exponent < 1024; exponent++)
    if (ldexp(1, exponent) > 0) expect_around(ldexp(1, exponent));
  for (int exponent = -323; exponent <= 308; exponent++) {
    (void)snprintf(text, sizeof text, "1e%d", exponent);
    expect_around(strtod(text, NULL));
  }
  for (double value = 5e-324; value < 2000 * 5e-324; value += 5e-324) expect_shortest(value);
}

static double random_places(int places) {
  static const double scales[] = {1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7};
  double value = (double)(test_random() >> (20 + test_random() % 40));
  return value / scales[places];
}

static void test_random_doubles(void) {
  for (int i = 0; i < ROUNDS; i++) {
    double value = from_bits(test_random());
    if (isfinite(value)) expect_shortest(value);
    expect_shortest(random_places(3));
    expect_shortest(random_places(i % 8));
    expect_shortest((double)((int64_t)test_random() >> (i % 64)));
    expect_shortest((double)(test_random() >> 11) / 9007199254740992.0);
  }
}

/* Reading */

static void expect_read(const char *text) {
  double expected = strtod(text, NULL), value = 0;
  bool finite = pur_number_read(text, strlen(text), &value);
  EXPECT(finite == (bool)isfinite(expected), "%s is finite: %d", text, finite);
  EXPECT(!finite || same(value, expected), "%s read as %.17g, not %.17g", text, value, expected);
}

static void expect_refused(const char *text) {
  double value = 42;
  EXPECT(!pur_number_read(text, strlen(text), &value), "%s read as %.17g", text, value);
  EXPECT(value == 42, "%s touched the value", text);
}

static void test_grammar(void) {
  static const char *const refused[] = {
      "",      "-",        "+1",    ".5",    "1.",     "-.5",
      "01",    "-01",      "00",    "1e",    "1e+",    "1e-",
      "e5",    "1.e5",     "1.5e",  "0x10",  "inf",    "nan",
      "NaN",   "Infinity", "1e400", "1e309", "-1e999", " 1",
      "1 ",    "1,5",      "1.2.3", "1e5.5", "--1",    "1e99999999999999999999",
      "1_000", "1f",       "1e5e5", "1-",    "0e",     "-e1",
      "1.-5",  "2e308"};
  static const char *const accepted[] = {"0",
                                         "-0",
                                         "0.0",
                                         "-0.0",
                                         "0e0",
                                         "0E+5",
                                         "1E5",
                                         "1e05",
                                         "1e-05",
                                         "1.50",
                                         "10.000",
                                         "0.1",
                                         "1e-400",
                                         "-1e-400",
                                         "0e99999999999999999999",
                                         "1e-99999999999999999999",
                                         "123456789012345678901234567890",
                                         "0.000000000000000000000000000001",
                                         "9007199254740993",
                                         "9007199254740993.0",
                                         "9007199254740993.00000000000000000000000000000001",
                                         "9007199254740992.99999999999999999999999999999999",
                                         "9007199254740995",
                                         "18014398509481990",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744073709551615",
                                         "18446744073709551616",
                                         "1.7976931348623157e308",
                                         "1.7976931348623158e308",
                                         "1.797693134862315807e308",
                                         "2.2250738585072011e-308",
                                         "2.2250738585072014e-308",
                                         "4.9406564584124654e-324",
                                         "2.4703282292062327e-324",
                                         "2.4703282292062328e-324",
                                         "5e-324",
                                         "3e-324",
                                         "2e-324",
                                         "7.3177701707893310e15",
                                         "1e23",
                                         "8.5e22",
                                         "1e22",
                                         "1e-22",
                                         "1e55",
                                         "1e56",
                                         "3e-342",
                                         "0.1e-342",
                                         "10000000000000000000e-362",
                                         "123456789012345678e-341"};
  double value = 0;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) expect_refused(refused[i]);
  for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) expect_read(accepted[i]);
  EXPECT(!pur_number_read("1\0002", 3, &value), "a NUL was read");
  EXPECT(pur_number_read("1.59", 3, &value) && value == 1.5, "%g, not 1.5", value);
}

/* The middle of two doubles, exactly, and the decimals next to it on either side. */
static void expect_halfway(double value) {
  char text[1200];
  double next = nextafter(value, DBL_MAX);
  size_t length;
  /* A long double has 11 bits more than a double: the middle is one. */
  (void)snprintf(text, sizeof text, "%.1100Le", ((long double)value + next) / 2);
  expect_read(text);
  length = (size_t)(strchr(text, 'e') - text);
  text[length - 1] = '1';
  expect_read(text);
  for (size_t at = length; at-- > 0;) {
    if (text[at] == '.') continue;
    if (text[at] != '0') {
      text[at]--;
      break;
    }
    text[at] = '9';
  }
  expect_read(text);
}

static void test_halfway(void) {
  for (int i = 0; i < 20000; i++) {
    double value = fabs(from_bits(test_random()));
    if (value < DBL_MAX / 2) expect_halfway(value);
    expect_halfway((double)(test_random() >> (i % 53)));
    expect_halfway((double)(test_random() % 100000) / 1000);
    expect_halfway(from_bits(test_random() >> (12 + i % 52)));
  }
}

static void random_text(char *text) {
  size_t digits = 1 + test_random() % (test_random() % 16 == 0 ? 900 : 25);
  size_t point = test_random() % (digits + 1);
  if (test_random() % 2 == 0) *text++ = '-';
  if (point == 0) *text++ = '0';
  for (size_t i = 0; i < digits; i++) {
    if (i == point) *text++ = '.';
    *text++ = (char)('0' + (i == 0 ? 1 + test_random() % 9 : test_random() % 10));
  }
  *text = '\0';
  if (test_random() % 2 == 0) (void)snprintf(text, 16, "e%d", (int)(test_random() % 700) - 350);
}

static void test_random_texts(void) {
  char text[1024];
  for (int i = 0; i < ROUNDS; i++) {
    random_text(text);
    expect_read(text);
  }
}

/* Ten thousand zeros and ten thousand digits are a number like any other. */
static void test_long_texts(void) {
  static char text[20016];
  memset(text, '0', 20000);
  memcpy(text, "0.", 2);
  memcpy(text + 10000, "15e9999", 8);
  expect_read(text);
  memset(text, '7', 20000);
  memcpy(text + 20000, "e-19990", 8);
  expect_read(text);
  memset(text, '0', 20000);
  memcpy(text, "9007199254740993.", 17);
  text[20000] = '\0';
  expect_read(text);
  memcpy(text + 19999, "1", 2);
  expect_read(text);
}

/* A decimal comma is only another locale away. */
static void test_comma_locale(void) {
  static const char digits[] = "1.00000000000000011102230246251565404236316680908203126";
  char text[PUR_NUMBER_SIZE + 1];
  double value = 0;
  (void)setenv("LOCPATH", "build/locale", 0); /* make c-tests makes it */
  EXPECT(setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL, "no locale with a decimal comma here");
  EXPECT(strtod("1,5", NULL) == 1.5, "the locale has no decimal comma");
  EXPECT(pur_number_read("1.5", 3, &value) && value == 1.5, "%g", value);
  EXPECT(pur_number_read(digits, sizeof digits - 1, &value) && value == 1 + DBL_EPSILON, "%g",
         value);
  EXPECT(!pur_number_read("1,5", 3, &value), "a comma was read");
  write_text(0.1 + 0.2, text);
  EXPECT(strcmp(text, "0.30000000000000004") == 0, "%s", text);
  (void)setlocale(LC_NUMERIC, "C");
}

int main(void) {
  test_layout();
  test_powers();
  test_random_doubles();
  test_grammar();
  test_halfway();
  test_random_texts();
  test_long_texts();
  test_comma_locale();
  return test_result();
}
